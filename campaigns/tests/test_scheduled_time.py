"""Another time for one-off texts that wait: of a form or of one text, by whoever may call it off, told where the text is read."""

import uuid
from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django.utils import timezone

from campaigns.models import Chunk, Message, MessageTimeChange
from campaigns.pipeline import deliver
from campaigns.services import scheduled
from campaigns.statuses import ChunkState
from campaigns.tests.factories import fictional, make_hours
from campaigns.tests.test_quiet_hours import NOON
from campaigns.tests.test_scheduled import in_two_days, last_sunday, schedule, shown, time_has_come
from campaigns.tests.writing import body
from campaigns.texts import Texts
from contacts.tests.factories import make_contact


def moment(at):
    here = timezone.localtime(at)
    return {"day": f"{here:%Y-%m-%d}", "hour": f"{here:%H:%M}"}


def later(days=3):
    return in_two_days() + timedelta(days=days)


@pytest.mark.django_db
def test_a_whole_form_gets_another_time(client_for, user_for):
    key = str(uuid.uuid4())
    schedule(user_for("staff"), make_contact(), make_contact(fictional(2)), key=key)
    client, url = client_for("staff"), f"/sms/send/{key}/time/"
    assert url in body(client.get("/sms/scheduled/")) and url in body(client.get(f"/sms/send/{key}/"))
    page = body(client.get(url))
    assert "2 texts wait." in page and "Times are in" in page and 'value="09:30"' in page
    assert "2 texts have another time." in body(client.post(url, moment(later()), follow=True))
    assert set(Message.objects.values_list("scheduled_at", "chunk__due_at", "chunk__state")) == {(later(), later(), ChunkState.READY)}
    assert Chunk.objects.exclude(id__in=Message.objects.values("chunk")).get().state == ChunkState.DONE
    told = body(client.get(f"/sms/send/{key}/"))
    assert "Time changed from" in told and "by Staff" in told
    assert [log for log in LogEntry.objects.all() if "rescheduled" in log.changes]


@pytest.mark.django_db
def test_one_of_several_gets_another_time_and_says_so(client_for, user_for):
    person = make_contact()
    messages = schedule(user_for("staff"), person, make_contact(fictional(2)))
    client, url = client_for("staff"), f"/sms/messages/{messages[0].pk}/time/"
    assert url in shown(client, person)
    client.post(url, moment(later()))
    assert [row.scheduled_at for row in Message.objects.order_by("id")] == [later(), in_two_days()]
    assert "Time changed from" in body(client.get(f"/sms/messages/{messages[0].pk}/"))
    assert "Time changed from" not in body(client.get(f"/sms/messages/{messages[1].pk}/"))


@pytest.mark.django_db(transaction=True)
def test_it_leaves_at_the_new_time_and_the_history_tells_it(gateway, client_for, user_for):
    person = make_contact()
    (message,) = schedule(user_for("staff"), person)
    client_for("staff").post(f"/sms/messages/{message.pk}/time/", moment(later()))
    Chunk.objects.filter(pk=message.chunk_id).update(due_at=timezone.now() - timedelta(seconds=1))
    deliver.run_slice(message.provider_id, urgent_only=True)
    assert not gateway.calls, "the old time is no time any more"
    time_has_come(Message.objects.get())
    deliver.run_slice(message.provider_id, urgent_only=True)
    assert sum(gateway.calls.values()) == 1
    line = person.activities.get()
    assert "Time changed" in body(client_for("staff").get(f"/contacts/{person.pk}/activities/{line.pk}/"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "hour", "words"),
    [
        ("2020-01-01", "10:00", "is past"), ("", "10:00", "Say the date"), ("2099-12-31", "10:00", "more than two years ahead"), ("x", "\0", "Not a date"),
        (str(last_sunday(3)), "02:30", "does not exist"),
    ],
)  # fmt: skip
def test_times_that_cannot_be_are_refused_in_words(client_for, user_for, day, hour, words):
    (message,) = schedule(user_for("staff"), make_contact())
    client = client_for("staff", time_zone="Europe/Paris")
    assert words in body(client.post(f"/sms/messages/{message.pk}/time/", {"day": day, "hour": hour}))
    assert Message.objects.get().scheduled_at == in_two_days() and not MessageTimeChange.objects.exists()


@pytest.mark.django_db
def test_an_hour_that_comes_twice_says_which_is_meant(client_for, user_for):
    (message,) = schedule(user_for("staff"), make_contact())
    client = client_for("staff", time_zone="Europe/Paris")
    answer = client.post(f"/sms/messages/{message.pk}/time/", {"day": str(last_sunday(10)), "hour": "02:30"}, follow=True)
    assert "The first one is meant" in body(answer)


@pytest.mark.django_db
def test_a_text_that_says_its_day_goes_on_that_day(client_for, user_for):
    (message,) = schedule(user_for("staff"), make_contact(), texts=Texts("Until {mailing.date}"))
    url = f"/sms/messages/{message.pk}/time/"
    assert "Cancel it and write it again." in body(client_for("staff").post(url, moment(later())))
    assert client_for("staff").post(url, moment(in_two_days(hour=11))).status_code == 302


@pytest.mark.django_db
def test_who_may_change_it(client_for, user_for):
    (message,) = schedule(user_for("staff"), make_contact())
    url = f"/sms/messages/{message.pk}/time/"
    assert [client_for(role).get(url).status_code for role in ("viewer", "author", "staff", "marketer")] == [403, 403, 200, 200]
    assert "/account/login/" in Client().get(url)["Location"]
    assert client_for("staff").get("/sms/messages/999999/time/").status_code == 404


@pytest.mark.django_db
def test_what_has_left_keeps_its_time(client_for, user_for):
    (message,) = schedule(user_for("staff"), make_contact())
    Chunk.objects.update(state=ChunkState.CLAIMED, started_up_to=1)
    assert scheduled.change_time(Message.objects.all(), None, later(), key="x") == 0
    assert "Sending had begun meanwhile" in body(client_for("staff").post(f"/sms/messages/{message.pk}/time/", moment(later()), follow=True))
    Message.objects.update(status=10)
    assert "Nothing of this waits any more" in body(client_for("staff").get(f"/sms/messages/{message.pk}/time/", follow=True))


@pytest.mark.django_db(transaction=True)
def test_a_quiet_hour_is_asked_about_as_for_a_new_text(clock, client_for, user_for):
    clock.set(NOON)
    make_hours("FR")
    messages = schedule(user_for("staff"), make_contact(fictional(1), first_name="Ana"), at=NOON + timedelta(hours=2))
    client, url = client_for("staff", time_zone="Europe/Paris"), f"/sms/messages/{messages[0].pk}/time/"
    night = {"day": "2026-12-03", "hour": "03:00"}
    page = body(client.post(url, night))
    assert "It will be 03:00 for this person. Send anyway?" in page and "The time is not changed yet." in page
    assert Message.objects.get().scheduled_at == NOON + timedelta(hours=2)
    assert "1 text has another time." in body(client.post(url, night | {"quiet": "1"}, follow=True))
    assert "1 text has another time." in body(client.post(url, {"day": "2026-12-03", "hour": "10:00"}, follow=True))


@pytest.mark.django_db(transaction=True)
def test_of_a_form_those_are_named_for_whom_the_new_time_is_quiet(clock, client_for, user_for):
    clock.set(NOON)
    make_hours("FR")
    key, people = str(uuid.uuid4()), (make_contact(fictional(1), first_name="Ana"), make_contact("+447700900001", first_name="Ben"))
    schedule(user_for("staff"), *people, key=key, at=NOON + timedelta(hours=2))
    page = body(client_for("staff", time_zone="Europe/Paris").post(f"/sms/send/{key}/time/", {"day": "2026-12-03", "hour": "22:14"}))
    assert "For 1 of them it is a quiet hour" in page and "22:14 for" in page and "Ana" in page and "Ben" not in page
