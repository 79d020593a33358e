"""What a mailing's page tells of what happened to it: each event by its own word, a changed time with the old and the new one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Mailing
from campaigns.services import mailings, recount, schedules
from campaigns.tests.factories import make_people, make_ready, make_sending
from campaigns.views import story

pytestmark = pytest.mark.django_db


def words(mailing):
    return [str(line.words) for line in story.of(mailing)]


@pytest.fixture
def friday():
    return timezone.now() + timedelta(days=3)


@pytest.fixture
def scheduled(friday):
    return mailings.confirm(make_ready(make_people(2)), None, at=friday)


def test_what_goes_on_after_a_pause_is_resumed_and_not_scheduled_again(scheduled, user_for):
    mailings.resume(mailings.pause(scheduled, None), user_for("marketer"))
    assert words(scheduled)[:3] == ["Resumed", "Paused", "Scheduled"]


def test_a_mailing_under_way_is_resumed_too():
    mailing = make_sending(make_people(2))
    mailings.resume(mailings.pause(mailing, None), None)
    assert words(mailing)[:3] == ["Resumed", "Paused", "Sending began"]


def test_a_changed_time_is_told_with_the_one_before(scheduled, friday, client_for):
    later, latest = friday + timedelta(days=1), friday + timedelta(days=2)
    schedules.change(scheduled, None, later, recount=False)
    mailings.resume(mailings.pause(scheduled, None), None)
    schedules.change(scheduled, None, latest, recount=True)
    told = [(str(line.words), line.instead_of, line.planned, line.note) for line in story.of(scheduled) if line.planned]
    assert told == [
        ("Time changed", later, latest, "Recipients are recalculated then."), ("Time changed", friday, later, ""), ("Scheduled", None, friday, ""),
    ]  # fmt: skip
    page = client_for("marketer").get(f"/sms/mailings/{scheduled.pk}/").content.decode()
    assert f'from <time datetime="{timezone.localtime(later).isoformat(timespec="seconds")}"' in page


def test_a_pause_while_recipients_are_recalculated_is_a_pause(scheduled, user_for):
    Mailing.objects.update(recount=True, scheduled_at=timezone.now())
    mailings.start_due(scheduled)
    recount.hold(scheduled, user_for("marketer"))
    assert words(scheduled)[:2] == ["Paused", "Preparation began"]
