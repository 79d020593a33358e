"""The simulated SMSC, asked by another library's client."""

import json
import socket
import time
from contextlib import suppress

import pytest
from smpplib import client as smpplib_client
from smpplib import consts, exceptions, gsm

from providers.simulator.server import Options, in_thread
from providers.simulator.smpp import SmscSettings


@pytest.fixture
def smsc(tmp_path):
    options = Options(port=0, smpp_port=0, log=tmp_path / "simulator.log")
    options.script.delays = {"queued": 0.01, "sent": 0.02, "delivered": 0.03}
    with in_thread(options) as running:
        yield running


class Esme:
    """A bound client that collects what it hears. It raises on an answer with an error while it reads, so errors go to a handler."""

    def __init__(self, smsc, bind="bind_transceiver", login="demo", password="pw"):
        self.answers, self.errors, self.heard = [], [], []
        self.client = smpplib_client.Client("127.0.0.1", smsc.smpp_port, timeout=0.3, allow_unknown_opt_params=True)
        self.client.set_message_sent_handler(lambda pdu: pdu.status or self.answers.append((pdu.sequence, pdu.message_id.decode())))
        self.client.set_message_received_handler(lambda pdu: self.heard.append(pdu))
        self.client.set_error_pdu_handler(lambda pdu: self.errors.append((pdu.sequence, pdu.status)))
        self.client.connect()
        getattr(self.client, bind)(system_id=login, password=password)

    def send(self, number, text="Hello", parts=None):
        """Submit, part by part; the sequence numbers."""
        pieces, coding, esm_class = parts or gsm.make_parts(text)
        sent = [
            self.client.send_message(
                source_addr_ton=5, source_addr="RIVERSIDE", dest_addr_ton=1, dest_addr_npi=1,
                destination_addr=number, short_message=piece, data_coding=coding, esm_class=esm_class, registered_delivery=True,
            )
            for piece in pieces
        ]  # fmt: skip
        return [pdu.sequence for pdu in sent]

    def read_until(self, true, seconds=5.0):
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, "it did not happen"
            self.client.read_once(auto_send_enquire_link=False) if _readable(self.client._socket) else time.sleep(0.01)

    def close(self):
        with suppress(exceptions.ConnectionError, exceptions.PDUError):
            self.client.unbind()
        self.client.disconnect()


def _readable(connection):
    import select

    return bool(select.select([connection], [], [], 0.05)[0])


@pytest.fixture
def esme(smsc):
    one = Esme(smsc)
    yield one
    one.close()


def log_of(smsc, tmp_path):
    smsc.flush()
    return [json.loads(line) for line in (tmp_path / "simulator.log").read_text().splitlines()]


def test_a_text_is_taken_logged_and_reported(smsc, esme, tmp_path):
    (sequence,) = esme.send("33639980101", "Ça va @ 5 €")
    esme.read_until(lambda: esme.answers and esme.heard)
    assert esme.answers[0][0] == sequence
    (line,) = log_of(smsc, tmp_path)
    assert (line["number"], line["sender"], line["body"], line["sid"]) == ("+33639980101", "RIVERSIDE", "Ça va @ 5 €", esme.answers[0][1])
    receipt = esme.heard[0]
    assert receipt.esm_class == 4
    assert receipt.short_message.startswith(f"id:{esme.answers[0][1]} sub:001 dlvrd:001 ".encode())
    assert b" stat:DELIVRD err:000 " in receipt.short_message
    assert (receipt.source_addr, receipt.destination_addr) == (b"33639980101", b"RIVERSIDE")


def test_parts_of_a_text_are_one_line_in_the_log(smsc, esme, tmp_path):
    text = "a" * 200 + "b" * 200
    esme.send("33639980101", text)
    esme.read_until(lambda: len(esme.answers) == 3 and len(esme.heard) == 3)
    (line,) = log_of(smsc, tmp_path)
    assert (line["body"], line["sid"]) == (text, esme.answers[0][1])


def test_unicode(smsc, esme, tmp_path):
    esme.send("33639980101", "ж😀", parts=(["ж😀".encode("utf-16-be")], 8, 0))
    esme.read_until(lambda: esme.answers)
    assert log_of(smsc, tmp_path)[0]["body"] == "ж😀"


@pytest.mark.parametrize(
    ("ending", "status"),
    [("0150", 0x0B), ("0151", 0x422), ("0153", 0x66), ("0154", 0x58), ("0155", 0x08), ("0170", 0x0E), ("0171", 0x04), ("0174", 0x64)],
)
def test_refusals(smsc, esme, tmp_path, ending, status):
    (sequence,) = esme.send(f"3363998{ending}")
    esme.read_until(lambda: esme.errors)
    assert esme.errors == [(sequence, status)]
    assert log_of(smsc, tmp_path) == []


def test_a_throttled_number_goes_through_the_third_time(esme):
    for _ in range(3):
        esme.send("33639980154")
    esme.read_until(lambda: esme.answers)
    assert [status for _sequence, status in esme.errors] == [0x58, 0x58]


@pytest.mark.parametrize(("ending", "state"), [("0164", b"stat:EXPIRED err:003"), ("0165", b"stat:UNDELIV err:005"), ("0166", b"stat:REJECTD err:008")])
def test_bad_ends(esme, ending, state):
    esme.send(f"3363998{ending}")
    esme.read_until(lambda: esme.heard)
    assert state in esme.heard[0].short_message


def test_replies(esme):
    esme.send("33639980167")
    esme.read_until(lambda: len(esme.heard) == 2)
    assert (esme.heard[1].short_message, esme.heard[1].source_addr, esme.heard[1].esm_class) == (b"STOP", b"33639980167", 0)


def test_numeric_ids_are_written_in_two_ways(smsc, esme):
    smsc.smsc.settings = SmscSettings(numeric=True)
    esme.send("33639980101")
    esme.read_until(lambda: esme.heard)
    answer, receipt = esme.answers[0][1], esme.heard[0].short_message.split()[0].removeprefix(b"id:")
    assert int(answer, 16) == int(receipt)


def test_a_wrong_password_is_refused(smsc):
    smsc.gateway.settings.login = "demo:right"
    with pytest.raises(exceptions.PDUError, match="Invalid Password"):
        Esme(smsc, password="wrong").close()
    Esme(smsc, password="right").close()


def test_receipts_wait_for_a_session_that_can_receive(smsc):
    sender = Esme(smsc, "bind_transmitter")
    sender.send("33639980101")
    sender.read_until(lambda: sender.answers)
    time.sleep(0.2)
    assert not sender.heard
    receiver = Esme(smsc, "bind_receiver")
    receiver.read_until(lambda: receiver.heard)
    sender.close()
    receiver.close()


def test_a_receiver_may_not_send(smsc):
    receiver = Esme(smsc, "bind_receiver")
    receiver.client.state = consts.SMPP_CLIENT_STATE_BOUND_TX  # it would not let us
    receiver.send("33639980101")
    receiver.read_until(lambda: receiver.errors)
    assert receiver.errors[0][1] == consts.SMPP_ESME_RINVBNDSTS
    receiver.close()


def test_what_is_not_taken_comes_again(esme):
    seen = []

    def grudging(pdu):
        seen.append(pdu.short_message)
        return 0x64 if len(seen) == 1 else 0

    esme.client.set_message_received_handler(grudging)
    esme.send("33639980101")
    esme.read_until(lambda: len(seen) == 2)
    assert seen[0] == seen[1]


@pytest.mark.parametrize("rubbish", [b"\xff\xff\xff\xff\0\0\0\4", b"GET / HTTP/1.1\r\n\r\n", b"\0\0\0\x04"])
def test_rubbish_ends_the_connection(smsc, rubbish):
    with socket.create_connection(("127.0.0.1", smsc.smpp_port), timeout=2) as connection:
        connection.sendall(rubbish)
        assert connection.recv(100) == b""


def test_a_text_out_of_the_blue(smsc, esme):
    import urllib.request

    urllib.request.urlopen(f"{smsc.url}/_inbound", b"system_id=demo&from=%2B33639980102&to=36111&body=Bonjour", timeout=5).read()
    esme.read_until(lambda: esme.heard)
    assert (esme.heard[0].short_message, esme.heard[0].destination_addr) == (b"Bonjour", b"36111")
