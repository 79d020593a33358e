"""Quiet hours whose rules change: for texts that wait already, and for texts prepared before there were any."""

import pytest

from campaigns.models import Message, OpenHours, QuietDay
from campaigns.services import mailings, quiet_hours, rounds
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import fictional, make_hours, make_people, make_ready, make_sending
from campaigns.tests.test_quiet_hours import BRITISH, EVENING, LOS_ANGELES_NUMBER, MORNING, TORONTO, WASHINGTON, everywhere, work
from campaigns.tests.working import rows_equal_figures

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("short_slices")]


def test_a_rule_that_is_switched_off_lets_go_what_waits(clock, gateway):
    clock.set(EVENING)
    rule = make_hours("FR")
    mailing = make_sending(make_people(2))
    work(mailing)
    rule.active = False
    rule.save()
    quiet_hours.follow_rules()
    work(mailing)
    assert len(gateway.calls) == 2


def test_other_hours_hold_at_once_for_what_waits(clock, gateway):
    clock.set(EVENING)
    make_hours("FR")
    mailing = make_sending(make_people(2))
    work(mailing)
    make_hours("FR", wednesday="10-20")
    assert {wait.until for wait in quiet_hours.waiting(mailing.pk)} == {MORNING.replace(hour=10)}
    QuietDay.objects.create(hours=make_hours("FR", tuesday="8-22"), day=EVENING.date(), closed=True)
    quiet_hours.follow_rules()
    work(mailing)
    assert not gateway.calls
    QuietDay.objects.all().delete()
    quiet_hours.follow_rules()
    work(mailing)
    assert len(gateway.calls) == 2


def test_a_rule_that_comes_after_the_preparation_holds_all_the_same(clock, gateway):
    """The chunk is mixed: its texts are looked at one by one, and those that keep hours wait in chunks of their own."""
    clock.set(EVENING)
    mailing = make_ready(everywhere())
    make_hours("FR")
    make_hours("US")
    mailings.confirm(mailing, None)
    work(mailing)
    assert set(gateway.calls) == {BRITISH, TORONTO, WASHINGTON, LOS_ANGELES_NUMBER}  # it is afternoon in America
    assert [(wait.country, wait.texts, wait.until) for wait in quiet_hours.waiting(mailing.pk)] == [("FR", 1, MORNING)]
    assert Message.objects.get(mailing=mailing, number=fictional(1)).attempts == 0
    clock.set(MORNING)
    work(mailing)
    assert gateway.calls[fictional(1)] == 1 and mailing.status == MailingStatus.FINISHED and rows_equal_figures(mailing)


def test_a_rule_of_the_installation_holds_before_anybody_has_changed_one(clock):
    from campaigns.models import QuietHours

    clock.set(EVENING)
    QuietHours.objects.create(country="FR")
    rounds.look_around()
    (row,) = OpenHours.objects.all()
    assert (row.country, row.prefix, row.opens_at) == ("FR", "+33", MORNING)
