"""What every backend must satisfy, in SMPP's words, against an SMSC made of another library's PDUs: texts out.

The way there is test_smpp_way_there.py, what comes in test_smpp_heard.py.
"""

import time

import pytest

from providers import registry
from providers.errors import Misconfigured, NotSent, Refused, Unknown
from providers.tests.factories import make_sms
from providers.tests.lines import PASSWORD, fails, make_access, send
from providers.types import SendResult

ODD_TEXT = "Ça va ? 5 € & co = 100 % 😀\n+1"
BACKEND = registry.get("smpp")


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


@pytest.mark.parametrize(
    ("status", "expected", "reason"),
    [(0x40B, Refused, "opted_out"), (0x045, Refused, "filtered"), (1100, NotSent, "throttled"), (0x500, NotSent, "gateway_trouble"),
     (0x501, Misconfigured, "account"), (0x502, Refused, "refused"), (0x0B, Refused, "invalid_number")],
)  # fmt: skip
def test_an_operators_own_codes_mean_what_the_administrator_says(peer, status, expected, reason):
    peer.answer = status
    told = "0x40B = opted_out\n69 = filtered\n1100 = throttled\n0x0500 = gateway_trouble\n0x501 = account"
    error = fails(lambda: send(peer.port, answer_codes=told), expected)
    assert (error.reason, f"{status:02X}" in error.detail) == (reason, True)


@pytest.mark.parametrize(("name", "wrong"), [
    ("answer_codes", "x = opted_out"), ("answer_codes", "1 = nonsense"), ("answer_codes", "0x40B"), ("receipt_codes", "021 = throttled"),
    ("receipt_codes", "= opted_out"),
])  # fmt: skip
def test_codes_that_cannot_be_used_are_refused_when_they_are_entered(name, wrong):
    options = {"answer_codes": "0x40B = opted_out\n1035 = credentials", "receipt_codes": "021 = opted_out\nE7 = not_mobile"}
    assert BACKEND.clean(options, {}) == {}
    assert list(BACKEND.clean(options | {name: wrong}, {})) == [name]


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
