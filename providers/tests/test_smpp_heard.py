"""SMPP: what comes in over a session, receipts and texts, from an SMSC made of another library's PDUs."""

import asyncio

import pytest

from providers import registry
from providers.backends.base import Webhook
from providers.errors import WebhookRejected
from providers.tests.contract import sample
from providers.tests.lines import Ears, lined, make_access, until
from providers.types import InboundSms, ReportStatus

BACKEND = registry.get("smpp")


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


SAMPLES = [  # of samples/smpp/, and what they mean
    ("delivered", "4f0c11d2", ReportStatus.DELIVERED, ""), ("delivered-lower-case", "1780042", ReportStatus.DELIVERED, ""),
    ("expired", "4f0c11d3", ReportStatus.UNDELIVERED, "unreachable"), ("undelivered", "4f0c11d4", ReportStatus.UNDELIVERED, "not_delivered"),
    ("opted-out", "4f0c11d5", ReportStatus.UNDELIVERED, "opted_out"), ("rejected", "4f0c11d6", ReportStatus.UNDELIVERED, "blocked"),
    ("deleted", "4f0c11d7", ReportStatus.UNDELIVERED, "not_delivered"), ("accepted", "4f0c11d8", ReportStatus.ACCEPTED, ""),
    ("enroute", "4f0c11d9", ReportStatus.ACCEPTED, ""), ("unknown", "4f0c11da", ReportStatus.UNKNOWN, ""),
]  # fmt: skip


def test_every_sample_of_a_receipt(peer):
    """Over the socket; the administrator has said that 253 means an opt-out, the operator writes 0253."""
    heard = hear(peer, *[lambda name=name: peer.receipt(sample("smpp", f"receipt-{name}.txt").decode()) for name, *_meaning in SAMPLES])
    told = [BACKEND.parse_status(make_access(1, receipt_codes="253 = opted_out"), webhook)[0] for webhook in heard]
    assert [(report.gateway_id, report.status, report.reason) for report in told] == [tuple(meaning) for _name, *meaning in SAMPLES]


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
