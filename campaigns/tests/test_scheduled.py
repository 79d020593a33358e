"""One-off texts for a date and time: they wait as rows, are seen and called off, and are judged again when they leave."""

import uuid
from datetime import date, datetime, timedelta

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Chunk, Message
from campaigns.pipeline import deliver
from campaigns.services import bells, quick_send, rounds, scheduled
from campaigns.statuses import ChunkState, MessageStatus
from campaigns.tests.factories import fictional, make_provider
from campaigns.tests.writing import body
from campaigns.texts import Texts
from contacts.models import Activity, Suppression
from contacts.tests.factories import make_contact

URL = "/sms/send/"


def in_two_days(hour=9):
    return timezone.localtime(timezone.now() + timedelta(days=2)).replace(hour=hour, minute=30, second=0, microsecond=0)


def form(provider, *people, at=None, **changes):
    when = {"when": "at", "day": at.strftime("%Y-%m-%d"), "hour": at.strftime("%H:%M")} if at else {}
    return {
        "key": str(uuid.uuid4()), "origin": f"{provider.pk}:36111", "subject": "Your appointment", "text": "Hello {contact.first_name}",
        "to": [person.numbers.get().pk for person in people], **when, **changes,
    }  # fmt: skip


def schedule(author, *people, at=None, key=None, **changes):
    recipients = [(person.pk, person.numbers.get().number) for person in people]
    facts = {"provider": make_provider(), "sender": "36111", "subject": "Your appointment", "texts": Texts("Hello"), **changes}
    return quick_send.queue(author=author, recipients=recipients, key=key or str(uuid.uuid4()), at=at or in_two_days(), **facts)


def time_has_come(*messages):
    ago = timezone.now() - timedelta(seconds=1)
    Chunk.objects.filter(id__in=[message.chunk_id for message in messages]).update(due_at=ago)
    Message.objects.filter(id__in=[message.pk for message in messages]).update(scheduled_at=ago)


def last_sunday(month):
    """A day on which clocks change in Europe."""
    year = timezone.localdate().year + 1
    return max(day for day in (date(year, month, n) for n in range(25, 32)) if day.weekday() == 6)


def shown(client, person):
    return body(client.get(reverse("contacts:activities", args=[person.pk])))


# --- the form ---


@pytest.mark.django_db
def test_a_text_for_a_date_and_time_waits_as_a_row_with_that_time(client_for):
    client, person, at = client_for("staff"), make_contact(first_name="Camille"), in_two_days()
    page = body(client.post(URL, form(make_provider(), person, at=at), follow=True))
    message = Message.objects.get()
    assert (message.text, message.scheduled_at, message.chunk.due_at, message.chunk.state) == ("Hello Camille", at, at, ChunkState.READY)
    assert "1 text is scheduled" in page and "Cancel 1 text" in page and "09:30" in page
    assert not person.activities.exists(), "nothing has happened to this person yet"


@pytest.mark.django_db
def test_the_form_offers_now_first_and_names_the_zone(client_for):
    make_provider()
    page = body(client_for("staff").get(URL))
    assert "Times are in " in page and 'value="now" checked' in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("when", "words"),
    [
        ({"day": "2020-01-01", "hour": "09:00"}, "is past. Choose a later time, or send now."),
        ({"day": "2999-01-01", "hour": "09:00"}, "more than two years ahead"),
        ({"day": "0001-01-01", "hour": "00:00"}, "is past"),
        ({"day": "", "hour": "09:00"}, "Say the date and the time, or send now."),
        ({"day": last_sunday(3).isoformat(), "hour": "02:30"}, "does not exist on that day"),
    ],
)
def test_a_time_that_cannot_be_is_told(client_for, user_for, when, words):
    user_for("staff", time_zone="Europe/Paris")
    client, data = client_for("staff"), form(make_provider(), make_contact(), when="at", **when)
    assert words in body(client.post(URL, data))
    assert words in body(client.get(f"{URL}times/", data))
    assert not Message.objects.exists()


@pytest.mark.django_db
def test_an_hour_that_comes_twice_is_told_before_and_after(client_for, user_for):
    user_for("staff", time_zone="Europe/Paris")
    client, data = client_for("staff"), form(make_provider(), make_contact(), when="at", day=last_sunday(10).isoformat(), hour="02:30")
    assert "comes twice on that day" in body(client.get(f"{URL}times/", data))
    assert "comes twice on that day" in body(client.post(URL, data, follow=True))
    assert "comes twice on that day" in body(client.get(f"{URL}{data['key']}/")), "as long as it waits, also when the page is opened again"


@pytest.mark.django_db
def test_the_clocks_of_the_recipients_are_shown(client_for, user_for):
    user_for("staff", time_zone="Europe/Paris")
    data = form(make_provider(), make_contact("+447700900142"), at=in_two_days(9))
    page = body(client_for("staff").get(f"{URL}times/", data))
    assert "It leaves on" in page and "09:30 (Paris)" in page and "United Kingdom: 08:30" in page


@pytest.mark.django_db
def test_a_double_click_schedules_once_and_another_time_is_no_double_click(client_for):
    client, data = client_for("staff"), form(make_provider(), make_contact(), at=in_two_days())
    assert client.post(URL, data).status_code == client.post(URL, data).status_code == 302
    assert "already sent from this page" in body(client.post(URL, data | {"hour": "10:45"}))
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_a_text_names_the_day_on_which_it_leaves(client_for):
    at = in_two_days()
    data = form(make_provider(), make_contact(), at=at, text="On {mailing.date}")
    client_for("staff").post(URL, data)
    quick_send.queue(**facts_of(data, client_for), key="now")
    later, now = Message.objects.order_by("id")
    assert later.text != now.text
    assert later.text in body(client_for("staff").post("/sms/count/", data | {"readers": "numbers"})), "the preview says what will be sent"


def facts_of(data, client_for):
    sent = Message.objects.get()
    return {"author": sent.author, "provider": sent.provider, "sender": "36111", "subject": "x", "texts": Texts(data["text"]), "recipients": [(sent.contact_id, sent.number)]}


# --- until then ---


@pytest.mark.django_db
def test_it_stands_on_the_contacts_page_as_scheduled_with_who_may_call_it_off(client_for, user_for):
    person = make_contact()
    (message,) = schedule(user_for("staff"), person)
    for role, may in [("viewer", False), ("staff", True), ("author", False), ("marketer", True)]:
        page = shown(client_for(role), person)
        assert "To come" in page and "Scheduled" in page and "Your appointment" in page
        assert (f"/sms/messages/{message.pk}/cancel/" in page) == may
        assert "Scheduled for" in body(client_for(role).get(f"/sms/messages/{message.pk}/"))
    assert "To come" not in body(client_for("staff").get(reverse("contacts:activities", args=[person.pk]), {"kind": "note"}))


@pytest.mark.django_db
def test_everybody_lists_what_they_may_call_off(client_for, user_for):
    schedule(user_for("staff"), make_contact(), make_contact(fictional(2)), subject="From staff")
    schedule(user_for("author"), make_contact(fictional(3)), subject="From an author")
    assert "From staff" in body(client_for("staff").get("/sms/scheduled/")) and "From an author" not in body(client_for("staff").get("/sms/scheduled/"))
    both = body(client_for("marketer").get("/sms/scheduled/"))
    assert "From staff" in both and "From an author" in both
    assert client_for("viewer").get("/sms/scheduled/").status_code == 403


@pytest.mark.django_db
def test_one_of_several_is_called_off_and_the_others_leave(client_for, user_for):
    messages = schedule(user_for("staff"), make_contact(), make_contact(fictional(2)))
    url = f"/sms/messages/{messages[0].pk}/cancel/"
    assert "Cancel the 1 text not yet gone?" in body(client_for("staff").get(url)) and Message.objects.scheduled().count() == 2
    assert "1 text is cancelled" in body(client_for("staff").post(url, follow=True))
    assert [MessageStatus(row.status) for row in Message.objects.order_by("id")] == [MessageStatus.CANCELLED, MessageStatus.OPEN]
    assert Chunk.objects.get().state == ChunkState.READY
    assert LogEntry.objects.get(object_pk=str(messages[0].pk)).actor == user_for("staff")
    assert "Nothing of this waits any more" in body(client_for("staff").post(url, follow=True))


@pytest.mark.django_db
def test_all_of_a_form_are_called_off_by_those_who_may(client_for, user_for):
    key = str(uuid.uuid4())
    schedule(user_for("staff"), make_contact(), make_contact(fictional(2)), key=key)
    url = f"/sms/send/{key}/cancel/"
    assert client_for("author").post(url).status_code == client_for("viewer").post(url).status_code == 403
    assert "/account/login/" in Client().post(url)["Location"]
    assert Message.objects.scheduled().count() == 2
    assert "2 texts are cancelled" in body(client_for("marketer").post(url, follow=True))
    assert not Message.objects.scheduled().exists() and Chunk.objects.get().state == ChunkState.DONE
    assert client_for("marketer").get(f"/sms/send/{uuid.uuid4()}/cancel/").status_code == 404


@pytest.mark.django_db
def test_what_a_worker_has_begun_with_is_not_called_off(user_for):
    schedule(user_for("staff"), make_contact())
    Chunk.objects.update(state=ChunkState.CLAIMED, started_up_to=1)
    assert scheduled.cancel(Message.objects.all(), user_for("staff")) == 0
    assert Message.objects.get().status == MessageStatus.OPEN


@pytest.mark.django_db
def test_an_ordinary_text_cannot_be_called_off(client_for, user_for):
    person = make_contact()
    (message,) = quick_send.queue(
        author=user_for("staff"), provider=make_provider(), sender="36111", subject="x", texts=Texts("Hi"), key="k", recipients=[(person.pk, person.sms_number)]
    )
    assert client_for("staff").post(f"/sms/messages/{message.pk}/cancel/").status_code == 404


# --- when the time has come ---


@pytest.mark.django_db
def test_the_tick_finds_it_when_it_is_due_and_not_before(user_for, monkeypatch):
    rung = []
    monkeypatch.setattr(bells, "ring_urgent", rung.append)
    (message,) = schedule(user_for("staff"), make_contact())
    rounds.look_around()
    assert not rung
    time_has_come(message)
    rounds.look_around()
    assert rung == [message.provider_id]


@pytest.mark.django_db(transaction=True)
def test_it_leaves_at_its_time_and_then_it_is_history(gateway, user_for, client_for):
    person = make_contact()
    (message,) = schedule(user_for("staff"), person)
    deliver.run_slice(message.provider_id, urgent_only=True)
    assert not gateway.calls
    Message.objects.update(created_at=timezone.now() - timedelta(days=9))  # it is not old because it waited
    time_has_come(message)
    deliver.run_slice(message.provider_id, urgent_only=True)
    message.refresh_from_db()
    assert (message.status, sum(gateway.calls.values())) == (MessageStatus.SENT, 1)
    assert person.activities.get().at == message.sent_at
    assert "To come" not in shown(client_for("staff"), person)


@pytest.mark.django_db(transaction=True)
def test_whoever_said_stop_meanwhile_gets_nothing_and_the_history_says_why(gateway, user_for, client_for):
    person = make_contact()
    (message,) = schedule(user_for("staff"), person)
    Suppression.objects.create(number=message.number, reason="stop")
    time_has_come(message)
    deliver.run_slice(message.provider_id, urgent_only=True)
    message.refresh_from_db()
    assert (message.status, message.reason, sum(gateway.calls.values())) == (MessageStatus.SKIPPED, "suppressed", 0)
    assert "Skipped" in shown(client_for("staff"), person) and Activity.objects.filter(source=message.pk).count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_was_called_off_does_not_leave(gateway, user_for):
    messages = schedule(user_for("staff"), make_contact(), make_contact(fictional(2)))
    scheduled.cancel(Message.objects.filter(pk=messages[0].pk), user_for("staff"))
    time_has_come(*messages)
    deliver.run_slice(messages[0].provider_id, urgent_only=True)
    assert list(gateway.calls) == [messages[1].number]


@pytest.mark.django_db
def test_a_time_that_passed_since_the_form_was_shown_is_refused(user_for):
    with pytest.raises(Exception, match="That time is over"):
        schedule(user_for("staff"), make_contact(), at=datetime.now().astimezone() - timedelta(minutes=1))
