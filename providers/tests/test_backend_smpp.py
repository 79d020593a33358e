"""What every backend must satisfy, in SMPP's words, against an SMSC made of another library's PDUs."""

import asyncio
import socket
import ssl
import subprocess
import time

import pytest

from providers import registry
from providers.backends import smpp as backend_module
from providers.backends.base import Webhook
from providers.errors import Misconfigured, NotSent, ProviderError, Refused, Unknown, WebhookRejected
from providers.failures import FAILURES
from providers.smpp.session import Session
from providers.tests.canned import closed_port
from providers.tests.factories import make_sms
from providers.tests.lines import PASSWORD, Ears, check, lined, make_access, send, until
from providers.tests.peer import peering
from providers.types import InboundSms, ReportStatus, SendResult

ODD_TEXT = "Ça va ? 5 € & co = 100 % 😀\n+1"
BACKEND = registry.get("smpp")


@pytest.fixture
def peer():
    with peering() as found:
        yield found


def fails(call, expected):
    with pytest.raises(ProviderError) as caught:
        call()
    assert type(caught.value) is expected, (caught.value, caught.value.detail)
    assert caught.value.reason in FAILURES
    told = repr(caught.value) + str(caught.value) + repr(vars(caught.value)) + repr(caught.value.__cause__)
    assert PASSWORD not in told
    return caught.value


# --- texts out ---


def test_accepted_text_has_the_gateways_id(peer):
    peer.answer = "7A12"
    assert send(peer.port) == SendResult("7A12", ("7A12",))


def test_wire_format(peer):
    send(peer.port, make_sms(number="+33639980101", sender="RIVERSIDE", text="Hello @"), system_type="SMS")
    text = peer.texts[0]
    assert (text.source_addr_ton, text.source_addr_npi, text.source_addr) == (5, 0, b"RIVERSIDE")
    assert (text.dest_addr_ton, text.dest_addr_npi, text.destination_addr) == (1, 1, b"33639980101")
    assert (text.esm_class, text.data_coding, text.registered_delivery, text.short_message) == (0, 0, 1, b"Hello \0")
    assert peer.binds == [("bind_transceiver", "demo", PASSWORD, "SMS")]


@pytest.mark.parametrize(
    ("seconds", "period"), [(None, b""), (90, b"000000000130000R"), (3 * 86_400 + 3_600, b"000003010000000R"), (10**9, b"000030000000000R")]
)
def test_how_long_a_text_makes_sense(peer, seconds, period):
    send(peer.port, make_sms(valid_for=seconds))
    assert peer.texts[0].validity_period == period


def test_text_arrives_whole(peer):
    send(peer.port, make_sms(text=ODD_TEXT))
    assert peer.texts[0].short_message.decode("utf-16-be") == ODD_TEXT
    assert peer.texts[0].data_coding == 8


def test_each_part_is_handed_over_with_a_header(peer):
    ids = iter(["a1", "a2", "a3"])
    peer.answer = lambda text: next(ids)
    text = "a" * 152 + "€" + "b" * 152
    assert send(peer.port, make_sms(text=text)) == SendResult("a1", ("a1", "a2", "a3"))
    heads = [part.short_message[:6] for part in peer.texts]
    assert {head[:4] for head in heads} == {b"\x05\x00\x03" + heads[0][3:4]}
    assert [(head[4], head[5]) for head in heads] == [(3, 1), (3, 2), (3, 3)]
    assert b"".join(part.short_message[6:] for part in peer.texts) == b"a" * 152 + b"\x1be" + b"b" * 152
    assert {part.esm_class for part in peer.texts} == {0x40}


def test_a_long_text_may_travel_whole(peer):
    send(peer.port, make_sms(text="a" * 400), long_texts="payload")
    assert (peer.texts[0].message_payload, peer.texts[0].short_message, len(peer.texts)) == (b"a" * 400, b"", 1)


def test_ids_are_known_as_receipts_write_them(peer):
    peer.answer = "0A3F"
    assert send(peer.port, ids="decimal") == SendResult("0A3F", ("2623",))


@pytest.mark.parametrize(
    ("status", "reason"),
    [(0x0B, "invalid_number"), (0x0A, "sender_not_allowed"), (0x01, "text_not_allowed"), (0x45, "refused"), (0x66, "blocked"), (0x0400, "refused"),
     (0xFFFFFFFF, "refused"), (0x50, "invalid_number")],
)  # fmt: skip
def test_refused(peer, status, reason):
    peer.answer = status
    error = fails(lambda: send(peer.port), Refused)
    assert error.reason == reason
    assert f"{status:02X}" in error.detail


def test_the_operators_own_name_of_an_error_is_kept(peer):
    peer.answer = 0x0B
    assert fails(lambda: send(peer.port), Refused).detail == "ESME_RINVDSTADR (0x0B)"


@pytest.mark.parametrize("status", [0x58, 0x14])
def test_throttling_is_not_sent_and_slows_the_lane(peer, status):
    peer.answer = status
    assert fails(lambda: send(peer.port), NotSent).throttled


@pytest.mark.parametrize("status", [0x08, 0x64])
def test_a_fault_that_the_gateway_admits_is_not_sent(peer, status):
    peer.answer = status
    assert not fails(lambda: send(peer.port), NotSent).throttled


@pytest.mark.parametrize("status", [0x04, 0x0E, 0x0F, 0x0D])
def test_a_session_that_may_not_send_is_misconfigured(peer, status):
    peer.answer = status
    fails(lambda: send(peer.port), Misconfigured)


@pytest.mark.parametrize("behaviour", ["silence", "reset", "close", b"\xff" * 40, b"\xff\xff\xff\xff\x80\x00\x00\x04", b"\x00\x00\x00\x00" * 4, b"\x00\x00\x00"])
def test_no_whole_answer_is_unknown(peer, behaviour):
    """Also garbage, a PDU of four gigabytes, and half of one."""
    peer.answer = behaviour
    begun = time.monotonic()
    fails(lambda: send(peer.port, deadline=0.6), Unknown)
    assert time.monotonic() - begun < 4


@pytest.mark.parametrize("message_id", ["", "x" * 66, "a\x01b"])
def test_an_answer_without_a_message_id_is_unknown(peer, message_id):
    whole = message_id.encode() + b"\0"
    peer.answer = lambda text: (16 + len(whole)).to_bytes(4) + b"\x80\0\0\4" + b"\0\0\0\0" + text.sequence.to_bytes(4) + whole
    assert fails(lambda: send(peer.port), Unknown).reason == "odd_answer"


def test_a_generic_nack_is_an_answer(peer):
    peer.answer = lambda text: (16).to_bytes(4) + b"\x80\0\0\0" + (0x0B).to_bytes(4) + text.sequence.to_bytes(4)
    fails(lambda: send(peer.port), Refused)


# --- a text of several parts ---

LONG = "a" * 400  # three parts


def parts_answered(peer, *answers):
    found = iter(answers)
    peer.answer = lambda text: next(found)


def test_a_refused_first_part_is_a_refused_text(peer):
    parts_answered(peer, 0x0B)
    fails(lambda: send(peer.port, make_sms(text=LONG)), Refused)
    assert len(peer.texts) == 1


@pytest.mark.parametrize("later", [0x0B, 0x08, "silence", "close"])
def test_a_text_of_which_a_part_is_out_is_never_called_not_sent(peer, later):
    parts_answered(peer, "a1", *[later] * 9)
    error = fails(lambda: send(peer.port, make_sms(text=LONG), deadline=0.8), Unknown)
    assert (error.reason, error.detail[:13]) == ("partly_sent", "1 of 3 parts,")


def test_a_later_part_that_must_wait_is_tried_again(peer):
    parts_answered(peer, "a1", 0x58, 0x14, "a2", 0x58, "a3")
    assert send(peer.port, make_sms(text=LONG), deadline=3).known_as == ("a1", "a2", "a3")


# --- the way there ---


def test_nobody_listening_is_not_sent():
    port = closed_port()
    fails(lambda: send(port, wait=False), NotSent)
    fails(lambda: check(port), NotSent)


def test_name_that_leads_nowhere_is_not_sent():
    fails(lambda: check(2775, host="gateway.invalid"), NotSent)


def test_tls_where_nobody_speaks_it_is_not_sent(peer, monkeypatch):
    monkeypatch.setattr(backend_module, "CHECK_SECONDS", 1.0)
    fails(lambda: check(peer.port, tls="yes"), NotSent)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for another host that signs itself."""
    home = tmp_path_factory.mktemp("tls")
    names = ["-subj", "/CN=elsewhere.example", "-addext", "subjectAltName=DNS:localhost"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", home / "key", "-out", home / "cert", *names]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("needs the openssl command")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home / "cert", home / "key")
    return context, home / "cert"


def test_a_certificate_that_nobody_trusts_is_not_sent_and_the_password_stays_here(certificate):
    with peering(tls=certificate[0]) as peer:
        error = fails(lambda: check(peer.port, tls="yes"), NotSent)
        assert "certificate" in str(error)
        assert not peer.binds


def test_a_certificate_for_another_host_is_not_sent(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
    with peering(tls=certificate[0]) as peer:
        fails(lambda: check(peer.port, tls="yes", host="127.0.0.1"), NotSent)
        assert not peer.binds


def test_a_trusted_certificate_lets_texts_through(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
    with peering(tls=certificate[0]) as peer:
        assert send(peer.port, tls="yes", host="localhost") == SendResult("msg-1", ("msg-1",))


def test_connecting_that_takes_too_long_is_not_sent(monkeypatch):
    monkeypatch.setattr(backend_module, "CHECK_SECONDS", 0.5)
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        crowd = [socket.socket() for _ in range(4)]  # nobody accepts: the queue is full and the next one waits
        for one in crowd:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        time.sleep(0.05)
        fails(lambda: check(full.getsockname()[1]), NotSent)
        for one in crowd:
            one.close()


# --- the connection test ---


def test_connection_test_binds_and_leaves(peer):
    assert check(peer.port) == "Connected to “peer” as demo."
    peer.wait(lambda: "unbind" in peer.heard)


@pytest.mark.parametrize("status", [0x0E, 0x0F, 0x0D, 0x53])
def test_a_login_that_is_refused_is_misconfigured(peer, status):
    peer.bind_status = status
    fails(lambda: check(peer.port), Misconfigured)


def test_a_login_that_is_bound_already_is_said(peer):
    peer.bind_status = 0x05
    assert "no further session" in str(fails(lambda: check(peer.port), NotSent))


def test_a_bind_that_nobody_answers(peer, monkeypatch):
    monkeypatch.setattr(backend_module, "CHECK_SECONDS", 0.5)
    peer.bind_silence = True
    fails(lambda: check(peer.port), NotSent)


def test_a_bad_host_is_misconfigured():
    access = make_access(2775, host="x" * 70 + ".example").wire  # no name has a part of 70 letters
    with pytest.raises(ProviderError):
        asyncio.run(Session(access, 9, lambda *told: None, 1.0).open())


# --- what comes in ---


def hear(peer, *acts):
    """What a line hears of the peer's doings, as the backend stores it."""
    ears = Ears()

    async def listen():
        async with lined(make_access(peer.port), ears=ears):
            for act in acts:
                act()
            await until(lambda: len(ears.heard) == len(acts))
            await until(lambda: len(peer.acknowledged) == len(acts))

    asyncio.run(listen())
    assert peer.acknowledged == [0] * len(acts)
    return ears.heard


def test_a_receipt(peer):
    receipt = "id:7A12 sub:001 dlvrd:001 submit date:2611291200 done date:2611291201 stat:UNDELIV err:021 text:Hello"
    (webhook,) = hear(peer, lambda: peer.receipt(receipt))
    (report,) = BACKEND.parse_status(make_access(1), webhook)
    assert (report.gateway_id, report.status, report.reason, report.raw_status, report.raw_code) == (
        "7A12", ReportStatus.UNDELIVERED, "not_delivered", "UNDELIV", "021",
    )  # fmt: skip


def test_a_receipt_in_optional_parameters(peer):
    (webhook,) = hear(peer, lambda: peer.receipt("", receipted_message_id="7A12", message_state=2, network_error_code=b"\x03\0\0"))
    (report,) = BACKEND.parse_status(make_access(1), webhook)
    assert (report.gateway_id, report.status) == ("7A12", ReportStatus.DELIVERED)


def test_a_receipt_with_a_decimal_id(peer):
    (webhook,) = hear(peer, lambda: peer.receipt("id:2623 stat:DELIVRD err:000"))
    assert BACKEND.parse_status(make_access(1, ids="decimal"), webhook)[0].gateway_id == "2623"
    assert BACKEND.parse_status(make_access(1, ids="hex"), webhook)[0].gateway_id == str(0x2623)


def test_unknown_status_word_is_kept(peer):
    (webhook,) = hear(peer, lambda: peer.receipt("id:7 stat:TELEPRT err:000"))
    (report,) = BACKEND.parse_status(make_access(1), webhook)
    assert (report.status, report.raw_status) == (ReportStatus.UNKNOWN, "TELEPRT")


def test_a_receipt_that_comes_again_has_the_same_body(peer):
    first, second = hear(peer, *[lambda: peer.receipt("id:7 stat:DELIVRD err:000")] * 2)
    assert (first.body, first.query) == (second.body, second.query)


def test_inbound_text(peer):
    (webhook,) = hear(peer, peer.deliver)
    (text,) = BACKEND.parse_inbound(make_access(1), webhook)
    assert isinstance(text, InboundSms)
    assert (text.sender, text.recipient, text.text) == ("+33639980102", "36111", "Bonjour")


def test_a_person_may_write_the_same_twice(peer):
    first, second = hear(peer, peer.deliver, peer.deliver)
    assert first.query != second.query


def test_parts_of_a_text_are_found_and_joined(peer):
    def part(number, words):
        return lambda: peer.deliver(esm_class=0x40, short_message=b"\x05\x00\x03\x2a\x02" + bytes((number,)) + words)

    first, second = hear(peer, part(1, b"Bon"), part(2, b"jour"))
    provider = make_access(1)
    assert BACKEND.fragment(provider, first) == ("33639980102 36111 42", 2, 1)
    assert BACKEND.fragment(provider, second) == ("33639980102 36111 42", 2, 2)
    whole = Webhook("inbound", "", "x", BACKEND.join([first.body, second.body]), "")
    assert BACKEND.fragment(provider, whole) is None
    assert BACKEND.parse_inbound(provider, whole)[0].text == "Bonjour"


@pytest.mark.parametrize("stores", [False, RuntimeError("the database is away")])
def test_what_is_not_stored_is_not_acknowledged(peer, stores):
    ears = Ears()
    ears.stores = stores

    async def listen():
        async with lined(make_access(peer.port), ears=ears):
            peer.deliver()
            await until(lambda: peer.acknowledged)

    asyncio.run(listen())
    assert peer.acknowledged == [0x64]  # temporary: the SMSC repeats it


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"\0\0\0\x10\0\0\0\5" + b"\0" * 8, b"\0\0\0\x10\0\0\0\x15" + b"\0" * 8, b"x" * 5000])
def test_nonsense_is_a_value_error(body):
    for parse, event in ((BACKEND.parse_status, "status"), (BACKEND.parse_inbound, "inbound")):
        with pytest.raises(ValueError):
            parse(make_access(1), Webhook(event, "", "", body, ""))


def test_a_broken_deliver_sm_is_kept_as_not_understood(peer):
    def broken():
        peer.connections[-1].sendall(b"\0\0\0\x18\0\0\0\5\0\0\0\0\0\0\0\x09" + b"\xff" * 8)

    (webhook,) = hear(peer, broken)
    with pytest.raises(ValueError):
        BACKEND.parse_status(make_access(1), webhook)


def test_nobody_can_post_to_it():
    for event in ("status", "inbound"):
        with pytest.raises(WebhookRejected):
            BACKEND.verify(make_access(1), Webhook(event, "https://sms.example.org/hooks/", "", b"", ""))


# --- declarations ---


def test_declarations_have_words():
    for setting in BACKEND.settings:
        assert str(setting.label)
        assert str(setting.help)
        assert all(str(label) for _value, label in setting.choices)


def test_only_a_stand_in_on_this_machine_takes_fictional_numbers():
    taken = [host for host in ("127.0.0.1", "localhost", "::1", "smpp.example.org", "127.0.0.1.evil.example", "10.0.0.1") if
             BACKEND.accepts_fictional(make_access(1, host=host))]  # fmt: skip
    assert taken == ["127.0.0.1", "localhost", "::1"]


def test_a_snapshot_never_shows_its_password():
    assert PASSWORD not in repr(make_access(1)) + repr(make_access(1).wire)
