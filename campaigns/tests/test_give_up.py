"""What could not leave in time is given up, with the reason, wherever it waits."""

from datetime import timedelta

import pytest

from campaigns.models import Message
from campaigns.pipeline import deliver
from campaigns.services import mailings, rounds
from campaigns.statuses import MailingStatus, MessageStatus
from campaigns.tests.factories import fictional, make_hours, make_people, make_provider, make_ready
from campaigns.tests.test_quiet_hours import EVENING, MORNING, NOON, work
from campaigns.tests.working import rows_equal_figures, told

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("short_slices")]


def outcomes(mailing):
    return set(told(mailing).values())


def test_what_waits_beyond_its_time_is_skipped_when_that_is_over(clock, gateway):
    clock.set(EVENING)
    make_hours("FR")
    mailing = mailings.confirm(make_ready(make_people(3)), None, give_up_after=3)
    work(mailing)
    assert (mailing.give_up_after, mailing.expires_at.replace(microsecond=0)) == (3, EVENING + timedelta(hours=3))
    clock.set(EVENING + timedelta(hours=3, seconds=1))
    work(mailing)
    assert not gateway.calls and outcomes(mailing) == {(MessageStatus.SKIPPED, "expired")}
    assert mailing.status == MailingStatus.FINISHED and rows_equal_figures(mailing)


def test_time_enough_changes_nothing(clock, gateway):
    clock.set(EVENING)
    make_hours("FR")
    mailing = mailings.confirm(make_ready(make_people(3)), None, give_up_after=12)
    clock.set(MORNING)
    work(mailing)
    assert len(gateway.calls) == 3 and mailing.status == MailingStatus.FINISHED


def test_a_scheduled_mailing_counts_from_its_beginning(clock, gateway):
    clock.set(NOON)
    mailing = mailings.confirm(make_ready(make_people(1)), None, at=NOON + timedelta(days=1), give_up_after=1)
    assert mailing.expires_at is None
    clock.set(NOON + timedelta(days=1))
    work(mailing)
    assert len(gateway.calls) == 1 and mailing.expires_at.replace(second=0, microsecond=0) == NOON + timedelta(days=1, hours=1)


def test_a_pause_that_lasts_too_long(clock, gateway):
    clock.set(NOON)
    mailing = mailings.confirm(make_ready(make_people(2)), None, give_up_after=1)
    mailings.pause(mailing, None)
    clock.forward(hours=2)
    work(mailing)
    assert mailing.status == MailingStatus.PAUSED and outcomes(mailing) == {(MessageStatus.OPEN, "")}
    mailings.resume(mailing, None)
    deliver.run_slice(mailing.provider_id, urgent_only=False)
    assert not gateway.calls
    rounds.look_around()
    assert outcomes(mailing) == {(MessageStatus.SKIPPED, "expired")}


def test_a_worker_that_holds_some_starts_no_more_of_them(clock, gateway):
    """At one text a second: what was started is sent, the rest comes back and is given up."""
    clock.set(NOON)
    mailing = mailings.confirm(make_ready(make_people(20), provider=make_provider(rate=1)), None, give_up_after=1)
    clock.set(NOON + timedelta(minutes=59, seconds=59))
    work(mailing, slices=3)
    clock.forward(seconds=2)
    work(mailing)
    gone = Message.objects.filter(mailing=mailing, status=MessageStatus.SENT).count()
    assert gone == len(gateway.calls) < 20 and fictional(19) not in gateway.calls
    assert outcomes(mailing) == {(MessageStatus.SENT, ""), (MessageStatus.SKIPPED, "expired")}
