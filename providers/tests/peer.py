"""An SMSC on a real socket that does exactly what a test tells it, built on another library's PDU classes: an independent peer."""

import socket
import ssl
import struct
import threading
import time
from contextlib import contextmanager, suppress

from smpplib import consts, smpp
from smpplib.client import SimpleSequenceGenerator

BINDS = ("bind_transmitter", "bind_receiver", "bind_transceiver")


class Peer:
    """`answer` says what happens to a submit_sm: a message id, a status, bytes, "silence", "reset", "close", or a function of the PDU that says it."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.answer = "msg-1"
        self.bind_status = 0
        self.bind_silence = False
        self.alive = True  # answers enquire_link
        self.texts, self.binds, self.heard, self.acknowledged = [], [], [], []
        self.most_at_once = 0
        self._waiting = 0
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.connections: list[socket.socket] = []
        self._sequences = SimpleSequenceGenerator()
        self._open = True
        self._lock = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    # what smpplib's PDUs ask of a client
    sequence = property(lambda self: self._sequences.sequence)

    def next_sequence(self):
        return self._sequences.next_sequence()

    def _listen(self):
        while self._open:
            with suppress(OSError):
                threading.Thread(target=self._serve, args=(self._socket.accept()[0],), daemon=True).start()

    def _serve(self, raw):
        with suppress(OSError, struct.error):
            connection = self._tls.wrap_socket(raw, server_side=True) if self._tls else raw
            self.connections.append(connection)
            try:
                while whole := self._read(connection):
                    self._handle(connection, whole)
            finally:
                self.connections.remove(connection)
                connection.close()

    def _read(self, connection):
        head = self._exactly(connection, 4)
        return head + self._exactly(connection, struct.unpack(">L", head)[0] - 4) if head else b""

    @staticmethod
    def _exactly(connection, size):
        data = b""
        while len(data) < size:
            more = connection.recv(size - len(data))
            if not more:
                return b""
            data += more
        return data

    def _handle(self, connection, whole):
        told = smpp.parse_pdu(whole, client=self, allow_unknown_opt_params=True)
        self.heard.append(told.command)
        if told.command in BINDS:
            self.binds.append((told.command, told.system_id.decode(), told.password.decode(), told.system_type.decode()))
            if not self.bind_silence:
                self.say(connection, f"{told.command}_resp", told, status=self.bind_status, system_id="peer")
        elif told.command == "enquire_link":
            if self.alive:
                self.say(connection, "enquire_link_resp", told)
        elif told.command == "unbind":
            self.say(connection, "unbind_resp", told)
        elif told.command == "submit_sm":
            self._submitted(connection, told)
        elif told.command == "deliver_sm_resp":
            self.acknowledged.append(told.status)

    def _submitted(self, connection, told):
        with self._lock:
            self.texts.append(told)
            self._waiting += 1
            self.most_at_once = max(self.most_at_once, self._waiting)
        answer = self.answer(told) if callable(self.answer) else self.answer
        if isinstance(answer, tuple):  # (seconds, answer): later, while others are read
            threading.Timer(answer[0], self._tell, args=(connection, told, answer[1])).start()
        else:
            self._tell(connection, told, answer)

    def _tell(self, connection, told, answer):
        with self._lock:
            self._waiting -= 1
        if isinstance(answer, bytes):
            connection.sendall(answer)
        elif isinstance(answer, int):
            self.say(connection, "submit_sm_resp", told, status=answer)
        elif answer == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        elif answer == "close":
            connection.shutdown(socket.SHUT_RDWR)
        elif answer != "silence":
            self.say(connection, "submit_sm_resp", told, message_id=answer)

    def say(self, connection, command, to=None, **fields):
        pdu = smpp.make_pdu(command, client=self, **fields)
        if to is not None:
            pdu.sequence = to.sequence
        with suppress(OSError):
            connection.sendall(pdu.generate())

    def deliver(self, **fields):
        """A deliver_sm over the last connection."""
        values = {"source_addr_ton": 1, "source_addr_npi": 1, "source_addr": "33639980102", "dest_addr_ton": 3, "destination_addr": "36111", "esm_class": 0}
        self.say(self.connections[-1], "deliver_sm", **values | {"data_coding": 0, "short_message": b"Bonjour"} | fields)

    def receipt(self, text, **fields):
        """A delivery receipt."""
        self.deliver(short_message=text.encode(), esm_class=consts.SMPP_MSGTYPE_DEFAULT | 0x04, **fields)

    def drop(self):
        """All connections end at once."""
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self):
        self._open = False
        self._socket.close()
        self.drop()

    def wait(self, true, seconds=5.0):
        wait(true, seconds)


def wait(true, seconds=5.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


@contextmanager
def peering(**options):
    peer = Peer(**options)
    try:
        yield peer
    finally:
        peer.close()
