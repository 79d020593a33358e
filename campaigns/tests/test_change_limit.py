"""Another limit after which a mailing is given up: while it is scheduled, sent or paused, with what would be lost told first."""

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.test import Client

from campaigns.models import Message
from campaigns.services import mailings, rounds, schedules
from campaigns.statuses import MailingStatus, MessageStatus
from campaigns.tests.factories import make_hours, make_people, make_ready
from campaigns.tests.test_quiet_hours import EVENING, MORNING, NOON, work
from campaigns.tests.writing import body

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("short_slices")]
SUNDAY = {"day": "2026-12-06", "hour": "10:00"}  # in Paris nothing leaves before Monday at eight


def scheduled():
    return mailings.confirm(make_ready(make_people(3)), None, at=NOON + timedelta(days=1))


def page_of(client, mailing, name, **data):
    url = f"/sms/mailings/{mailing.pk}/{name}/"
    return body(client.post(url, data, follow=True) if data else client.get(url))


def test_a_scheduled_one_gets_its_limit_with_its_time(clock, client_for):
    clock.set(NOON)
    mailing, client = scheduled(), client_for("marketer", time_zone="Europe/Paris")
    assert "Give up after" in page_of(client, mailing, "reschedule")
    told = page_of(client, mailing, "reschedule", day="2026-12-04", hour="10:00", give_up_after="3")
    mailing.refresh_from_db()
    assert (mailing.give_up_after, mailing.expires_at) == (3, None)
    assert "What has not left 3 hours after it began is given up." in told and "Time changed" in told
    assert '<option value="3" selected>' in page_of(client, mailing, "reschedule")
    page_of(client, mailing, "reschedule", day="2026-12-04", hour="10:00", give_up_after="")
    mailing.refresh_from_db()
    assert mailing.give_up_after is None


def test_a_limit_that_ends_before_anything_may_leave_is_told_first(clock, client_for):
    clock.set(NOON)
    make_hours("FR")
    mailing, client = scheduled(), client_for("marketer", time_zone="Europe/Paris")
    asked = page_of(client, mailing, "reschedule", **SUNDAY, give_up_after="12")
    assert "3 texts (France) wait until Monday 7 December at 08:00, Paris time" in asked and "3 texts would not leave in time" in asked
    mailing.refresh_from_db()
    assert mailing.give_up_after is None and mailing.scheduled_at == NOON + timedelta(days=1)
    assert "is scheduled" in page_of(client, mailing, "reschedule", **SUNDAY, give_up_after="12", sure="1")
    mailing.refresh_from_db()
    assert mailing.give_up_after == 12


def test_one_that_is_sent_gets_another_limit_which_its_texts_keep(clock, gateway, client_for):
    clock.set(EVENING)
    make_hours("FR")
    mailing, client = mailings.confirm(make_ready(make_people(3)), None), client_for("marketer", time_zone="Europe/Paris")
    work(mailing)
    assert f"/sms/mailings/{mailing.pk}/give-up/" in body(client.get(f"/sms/mailings/{mailing.pk}/"))
    assert "3 texts would not leave in time" in page_of(client, mailing, "give-up", give_up_after="3")
    told = page_of(client, mailing, "give-up", give_up_after="3", sure="1")
    mailing.refresh_from_db()
    assert mailing.expires_at == mailing.started_at + timedelta(hours=3) and "Give up after: changed" in told
    assert any("limit changed" in log.changes for log in LogEntry.objects.get_for_object(mailing))
    page_of(client, mailing, "give-up", give_up_after="12")  # long enough: nothing is asked
    clock.set(MORNING)
    work(mailing)
    assert len(gateway.calls) == 3 and mailing.give_up_after == 12


def test_a_shorter_limit_gives_up_what_waits(clock, gateway):
    clock.set(EVENING)
    make_hours("FR")
    mailing = mailings.confirm(make_ready(make_people(2)), None, give_up_after=24)
    schedules.change_limit(mailing, None, 1)
    clock.forward(hours=2)
    work(mailing)
    assert set(Message.objects.values_list("status", "reason")) == {(MessageStatus.SKIPPED, "expired")} and not gateway.calls


def test_a_paused_one_is_told_what_it_would_lose_and_a_time_that_is_over_is_refused(clock, client_for):
    clock.set(EVENING)
    make_hours("FR")
    mailing, client = mailings.pause(mailings.confirm(make_ready(make_people(3)), None), None), client_for("marketer")
    clock.forward(hours=2)
    assert "this time is over already" in page_of(client, mailing, "give-up", give_up_after="1")
    assert "3 texts would not leave in time" in page_of(client, mailing, "give-up", give_up_after="3")
    rounds.look_around()
    mailing.refresh_from_db()
    assert (mailing.status, mailing.give_up_after) == (MailingStatus.PAUSED, None)


def test_one_that_was_paused_before_it_began_counts_from_its_beginning(clock):
    clock.set(NOON)
    mailing = schedules.change_limit(mailings.pause(scheduled(), None), None, 3)
    assert (mailing.give_up_after, mailing.expires_at) == (3, None)


def test_who_may_and_when(clock, client_for):
    clock.set(NOON)
    sending, over = mailings.confirm(make_ready(make_people(1)), None), mailings.cancel(scheduled(), None)
    url = f"/sms/mailings/{sending.pk}/give-up/"
    assert [client_for(role).get(url).status_code for role in ("viewer", "author", "marketer")] == [403, 403, 200]
    assert "/account/login/" in Client().get(url)["Location"]
    assert "is cancelled. Copy it" in body(client_for("marketer").get(f"/sms/mailings/{over.pk}/give-up/", follow=True))
