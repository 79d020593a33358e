"""A gateway on a real socket that does exactly what a test tells it."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


def http(status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
    """A whole response."""
    extra = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    return f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{extra}\r\n".encode() + body


class Canned:
    """Answers every request with `answer`: bytes, or "silence", "reset", "close", "drip", "half", "endless"."""

    def __init__(self) -> None:
        self.answer: bytes | str = b""
        self.requests: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._open = True
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while self._open:
            with suppress(OSError):
                threading.Thread(target=self._serve, args=(self._socket.accept()[0],), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(10)
            while self._open and (request := self._read(connection)):
                self.requests.append(request)
                if not self._reply(connection):
                    return

    def _read(self, connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            data += (more := connection.recv(65536))
            if not more:
                return b""
        head, _, body = data.partition(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        while len(body) < size:
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body

    def _reply(self, connection: socket.socket) -> bool:
        if isinstance(self.answer, bytes):
            connection.sendall(self.answer)
            return True
        if self.answer == "silence":
            time.sleep(5)
        if self.answer == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if self.answer == "half":
            connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{")
        if self.answer == "endless":
            connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            while self._open:
                connection.sendall(b"x" * 1000)
        if self.answer == "drip":
            for byte in http(201, b'{"sid": "SM1"}'):
                connection.sendall(bytes([byte]))
                time.sleep(0.1)
        return False

    def close(self) -> None:
        self._open = False
        self._socket.close()


@contextmanager
def canned() -> Iterator[Canned]:
    gateway = Canned()
    try:
        yield gateway
    finally:
        gateway.close()


def closed_port() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
