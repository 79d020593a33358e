"""Another time for a scheduled mailing: by whoever may launch, only while it waits, with the same care as the first one."""

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.utils import timezone

from campaigns.services import mailings
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import make_people, make_ready, make_sending

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailing():
    return mailings.confirm(make_ready(make_people(1)), None, at=timezone.now() + timedelta(days=1))


def url(mailing):
    return f"/sms/mailings/{mailing.pk}/reschedule/"


def test_it_goes_at_the_new_time_of_the_persons_zone(client_for, mailing):
    client = client_for("marketer", time_zone="Asia/Tokyo")
    assert url(mailing) in client.get(f"/sms/mailings/{mailing.pk}/").content.decode()
    assert "Times are in Tokyo" in client.get(url(mailing)).content.decode()
    day = timezone.localdate() + timedelta(days=9)
    answer = client.post(url(mailing), {"day": day.isoformat(), "hour": "09:00", "recount": "on", "sure": "1"}, follow=True).content.decode()
    mailing.refresh_from_db()
    assert (mailing.status, mailing.scheduled_at.isoformat()) == (MailingStatus.SCHEDULED, f"{day}T00:00:00+00:00") and mailing.recount
    assert "Time changed" in answer and mailing.planned
    assert [log for log in LogEntry.objects.get_for_object(mailing) if "rescheduled" in log.changes]


@pytest.mark.parametrize(
    ("day", "hour", "words"),
    [
        ("2020-01-01", "10:00", "is past"), ("", "10:00", "Say the date"), ("2099-13-45", "10:00", "Not a date that can be read"),
        ("2027-03-28", "02:30", "does not exist"), ("9999-12-31", "\0", "Not a time that can be read"),
    ],
)  # fmt: skip
def test_times_that_cannot_be_are_refused_in_words(client_for, mailing, day, hour, words):
    before = mailing.scheduled_at
    assert words in client_for("marketer", time_zone="Europe/Paris").post(url(mailing), {"day": day, "hour": hour}).content.decode()
    mailing.refresh_from_db()
    assert mailing.scheduled_at == before


def test_an_hour_that_comes_twice_is_told(client_for, mailing):
    page = client_for("marketer", time_zone="Europe/Paris").post(url(mailing), {"day": "2027-10-31", "hour": "02:30", "sure": "1"}, follow=True)
    assert "comes twice" in page.content.decode()


def test_a_time_at_night_is_told_first(client_for, mailing):
    """As in step 3, also where no quiet hours hold texts back."""
    page = client_for("marketer", time_zone="Europe/Paris").post(url(mailing), {"day": "2027-10-30", "hour": "03:00"}).content.decode()
    assert "1 recipient gets it at night" in page and "Change it all the same" in page


def test_authors_neither_see_nor_reach_it(client_for, mailing):
    client = client_for("author")
    assert url(mailing) not in client.get(f"/sms/mailings/{mailing.pk}/").content.decode()
    assert client.get(url(mailing)).status_code == client.post(url(mailing), {}).status_code == 403


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_has_gone_on_keeps_its_time(client_for, method):
    mailing = make_sending(make_people(1))
    data = {"day": "2099-01-01", "hour": "10:00"} if method == "post" else {}
    answer = getattr(client_for("marketer"), method)(url(mailing), data, follow=True)
    assert "That is not possible now" in answer.content.decode()
    mailing.refresh_from_db()
    assert (mailing.status, mailing.scheduled_at) == (MailingStatus.SENDING, None)


def test_texts_that_name_their_day_are_not_moved_to_another(client_for):
    mailing = mailings.confirm(make_ready(make_people(1), text="Today is {mailing.date}"), None, at=timezone.now() + timedelta(seconds=90))
    day = timezone.localdate() + timedelta(days=9)
    assert "would go on" in client_for("marketer").post(url(mailing), {"day": day.isoformat(), "hour": "09:00"}).content.decode()
