"""Delivery reports: forward only, whatever order they come in and however often."""

import pytest

from campaigns.models import Message
from campaigns.pipeline import report
from campaigns.services import transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import MESSAGE_MOVES, MessageStatus
from campaigns.tests.factories import make_message, make_people, make_provider, make_sending
from providers.types import DeliveryReport, ReportStatus
from smsapp.common.secrets import sign_reference

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent():
    message = make_message(make_provider())
    transitions.move_messages([Outcome(message.id, MessageStatus.SENT, "SM1", attempts=1)])
    return message


def says(message, status, event_id=1, **changes):
    facts = {"provider_id": message.provider_id, "gateway_id": "SM1", "reference": sign_reference(message.id), "status": status, **changes}
    return DeliveryReport(event_id=event_id, **facts)


def stored(message):
    return MessageStatus(Message.objects.get(id=message.id).status)


def test_a_report_moves_a_sent_message(sent):
    assert report.apply([says(sent, ReportStatus.DELIVERED)]) == set()
    assert stored(sent) is MessageStatus.DELIVERED


@pytest.mark.parametrize("order", [["delivered", "accepted"], ["accepted", "delivered"], ["undelivered", "delivered"], ["delivered", "undelivered"]])
def test_delivered_wins_in_any_order_and_one_batch_or_two(sent, order):
    report.apply([says(sent, ReportStatus(word)) for word in order])
    assert stored(sent) is MessageStatus.DELIVERED
    for word in order:
        report.apply([says(sent, ReportStatus(word))])
    assert stored(sent) is MessageStatus.DELIVERED


def test_a_failure_keeps_reason_and_code(sent):
    report.apply([says(sent, ReportStatus.UNDELIVERED, reason="unknown_number", raw_code="30005", raw_status="undelivered")])
    message = Message.objects.get()
    assert (message.reason, message.detail) == ("unknown_number", "30005 undelivered")


def test_an_early_report_is_kept_for_later():
    message = make_message(make_provider())
    assert report.apply([says(message, ReportStatus.DELIVERED, event_id=7)]) == {7}
    transitions.move_messages([Outcome(message.id, MessageStatus.SENT, "SM1")])
    assert report.apply([says(message, ReportStatus.DELIVERED, event_id=7)]) == set()
    assert stored(message) is MessageStatus.DELIVERED


def test_a_report_settles_an_unknown_message():
    message = make_message(make_provider())
    transitions.move_messages([Outcome(message.id, MessageStatus.UNKNOWN)])
    report.apply([says(message, ReportStatus.ACCEPTED)])
    assert stored(message) is MessageStatus.SENT


@pytest.mark.parametrize("reference", ["", "zz", "1-", "1-00", "-", "f" * 40, "1-\x00"])
def test_a_forged_reference_finds_nothing(sent, reference):
    assert report.apply([says(sent, ReportStatus.DELIVERED, event_id=3, reference=reference)]) == {3}
    assert stored(sent) is MessageStatus.SENT


def test_another_providers_report_finds_nothing(sent):
    report.apply([says(sent, ReportStatus.DELIVERED, provider_id=make_provider().id)])
    assert stored(sent) is MessageStatus.SENT


def test_an_unknown_word_changes_nothing(sent):
    assert report.apply([says(sent, ReportStatus.UNKNOWN)]) == set()
    assert stored(sent) is MessageStatus.SENT


@pytest.mark.usefixtures("db")
def test_counters_follow_the_rows_in_every_allowed_move():
    from campaigns.services import figures

    mailing = make_sending(make_people(1))
    message = Message.objects.get()
    for start, ends in MESSAGE_MOVES.items():
        for end in MessageStatus:
            Message.objects.update(status=start)
            before = figures.of(mailing)
            moved = transitions.move_messages([Outcome(message.id, end)]) if end is not MessageStatus.OPEN else set()
            assert bool(moved) == (end in ends), (start, end)
            assert figures.of(mailing).total == before.total
