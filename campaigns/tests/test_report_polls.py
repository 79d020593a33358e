"""Texts without a report are asked about where a gateway can be asked: at their ages, so many at a time, and never wrongly."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Message, ReportWalk
from campaigns.pipeline.record import RECORD
from campaigns.services import look_ups, report_polls, transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import fictional, make_message, make_provider
from contacts.models import Activity
from contacts.tests.factories import make_contact
from providers.errors import NotSent
from providers.models import Provider
from providers.services import sending
from providers.types import DeliveryReport, ReportStatus

pytestmark = pytest.mark.django_db(transaction=True)
S = MessageStatus


@pytest.fixture
def gateway(monkeypatch):
    """Answers look-ups by the gateway's own reference; counts the questions."""

    class Gateway:
        asked: list[str]
        says = ReportStatus.DELIVERED
        error = None

        def __init__(self):
            self.asked = []

        async def look_up(self, session, provider, sms, around):
            self.asked.append(sms.number)
            if self.error:
                raise self.error
            own = DeliveryReport(provider.id, f"SM{sms.number}", self.says, sms.reference, "unreachable" if self.says == "undelivered" else "")
            foreign = DeliveryReport(provider.id, "SMother", ReportStatus.UNDELIVERED, sms.reference, "unreachable")
            return [foreign, own]

    found = Gateway()
    monkeypatch.setattr(sending, "look_up", found.look_up)
    monkeypatch.setattr(look_ups, "able", lambda: list(Provider.objects.values_list("id", flat=True)))
    return found


def texts(provider, count=1, minutes=20, first=0):
    """Texts that left so many minutes ago, with their lines in histories."""
    from django.db import connection

    made = [make_message(provider, fictional(first + n), contact=make_contact(fictional(first + n))) for n in range(count)]
    transitions.move_messages([Outcome(row.pk, S.SENT, f"SM{row.number}") for row in made])
    with connection.cursor() as cursor:
        cursor.execute(RECORD, [[row.pk for row in made]])
    age(made, minutes)
    return made


def age(made, minutes):
    ids = [row.pk for row in made]
    Message.objects.filter(pk__in=ids).update(sent_at=timezone.now() - timedelta(minutes=minutes))
    Activity.objects.filter(source__in=ids, kind="sms_sent").update(at=timezone.now() - timedelta(minutes=minutes))


def begun(at=0):
    """As if the walks had begun before anything was sent."""
    for minutes in report_polls.AGES:
        ReportWalk.objects.update_or_create(minutes=minutes, defaults={"up_to": at})


def statuses(made):
    return [S(status) for status in Message.objects.filter(pk__in=[row.pk for row in made]).order_by("id").values_list("status", flat=True)]


def test_asked_once_at_each_age_and_told_like_a_report(gateway):
    provider = make_provider()
    begun()
    made = texts(provider, 2)
    assert report_polls.run() == 2
    assert statuses(made) == [S.DELIVERED, S.DELIVERED]
    assert report_polls.run() == 0
    assert len(gateway.asked) == 2


def test_one_of_which_the_gateway_still_knows_nothing_is_asked_about_again_later(gateway):
    provider = make_provider()
    begun()
    gateway.says = ReportStatus.ACCEPTED
    made = texts(provider)
    for minutes, asked in ((20, 1), (100, 1), (7 * 60, 2), (50 * 60, 3), (60 * 60, 3)):
        age(made, minutes)
        report_polls.run()
        assert len(gateway.asked) == asked, minutes
    assert statuses(made) == [S.SENT]


def test_a_young_one_waits_for_its_report_and_an_old_one_is_left(gateway):
    provider = make_provider()
    begun()
    texts(provider, minutes=80 * 60)
    texts(provider, minutes=5, first=5)
    assert (report_polls.run(), gateway.asked) == (0, [])


def test_what_was_reported_is_not_asked_about(gateway):
    provider = make_provider()
    begun()
    made = texts(provider, 2)
    transitions.move_messages([Outcome(made[0].pk, S.UNDELIVERED)], reported=True)
    report_polls.run()
    assert gateway.asked == [made[1].number]


def test_so_many_at_a_time_and_none_is_passed_over(gateway, monkeypatch):
    monkeypatch.setattr(report_polls, "AT_MOST", 3)
    provider = make_provider()
    begun()
    made = texts(provider, 8)
    assert [report_polls.run() for _round in range(4)] == [3, 3, 2, 0]
    assert sorted(gateway.asked) == sorted(row.number for row in made)


def test_a_gateway_that_does_not_answer_changes_nothing(gateway):
    provider = make_provider()
    begun()
    made = texts(provider)
    gateway.error = NotSent("Refused.", reason="not_reached")
    assert report_polls.run() == 0
    assert statuses(made) == [S.SENT]


def test_nobody_can_be_asked(gateway, monkeypatch):
    provider = make_provider()
    begun()
    texts(provider)
    type(provider).objects.update(lane="paused")
    assert (report_polls.run(), gateway.asked, ReportWalk.objects.count()) == (0, [], 0)
    type(provider).objects.update(lane="running")
    report_polls.run()
    assert ReportWalk.objects.count() == len(report_polls.AGES)
    assert gateway.asked == []  # it begins with the texts of now
