"""The history on a contact's page: filters, merged contacts, calls, notes that go."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import Activity
from contacts.services import contacts, history
from contacts.tests.factories import add_number, make_contact

pytestmark = pytest.mark.django_db


def url(contact, name="activities", *more):
    return reverse(f"contacts:{name}", args=[contact.pk, *more])


def shown(response) -> list[str]:
    return [line.activity.subject for line in response.context["lines"]]


def at(day: str):
    return datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("Europe/Paris"))


# --- filters ---


@pytest.fixture
def ana():
    contact = make_contact()
    for kind, subject, day in [
        ("sms_sent", "Text", "2026-03-01T00:00"), ("sms_received", "Reply", "2026-03-02T23:59"), ("call", "Call", "2026-03-03T12:00"),
        ("note", "Note", "2026-03-04T12:00"), ("consent", "opt_in_marketing", "2026-03-05T12:00"), ("change", "edited", "2026-03-06T12:00"),
    ]:  # fmt: skip
        history.record(contact, kind, subject, at=at(day))
    return contact


EVERYTHING = ["edited", "opt_in_marketing", "Note", "Call", "Reply", "Text"]


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        ("", EVERYTHING), ("kind=sms_sent", ["Text"]), ("kind=sms_received", ["Reply"]), ("kind=call", ["Call"]), ("kind=note", ["Note"]),
        ("kind=consent", ["opt_in_marketing"]), ("kind=change", ["edited"]), ("kind=call&kind=", EVERYTHING), ("kind=shoe", EVERYTHING),
        ("since=2026-03-04", EVERYTHING[:3]), ("until=2026-03-02", ["Reply", "Text"]), ("since=2026-03-02&until=2026-03-03", ["Call", "Reply"]),
        ("since=2026-03-02&kind=note", ["Note"]), ("until=2026-02-28", []), ("campaign=7", EVERYTHING), ("since=9999-12-31", EVERYTHING), ("until=9999-12-31", EVERYTHING),
        ("since=0001-01-01", EVERYTHING), ("since=%00", EVERYTHING), ("after=nonsense", EVERYTHING),
    ],
)  # fmt: skip
def test_filters_keep_what_matches_and_ignore_nonsense(client_for, ana, query, subjects):
    assert shown(client_for("viewer").get(f"{url(ana)}?{query}")) == subjects


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("since=2026-03-04&until=2026-03-01", "This day is before the first one"), ("since=soon", "Not a date that can be read"),
        ("until=9999-12-31", "Check the year"), ("until=2026-02-28", "Nothing matches these filters"),
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_meant_says_so(client_for, ana, query, sentence):
    page = client_for("viewer").get(f"{url(ana)}?{query}").content.decode()
    assert sentence in page
    assert "Clear filters" in page


def test_days_are_those_of_the_reader(client_for, user_for, ana):
    user_for("viewer", time_zone="Pacific/Auckland")
    assert "Reply" not in shown(client_for("viewer").get(f"{url(ana)}?until=2026-03-02"))  # already the 3rd there


def test_filters_stay_while_paging_and_queries_stay_the_same(client_for, ana, django_assert_max_num_queries):
    for n in range(60):
        history.record(ana, "note", f"N{n}", details="x", at=at("2026-03-04T12:00"))
    client = client_for("staff")
    first = client.get(f"{url(ana)}?kind=note&since=2026-03-04&until=2026-03-04")
    assert 'value="2026-03-04"' in first.content.decode() and 'name="kind" value="note" aria-pressed="true"' in first.content.decode()
    second = client.get(url(ana) + first.context["page"].next_url)
    assert shown(first) == [f"N{n}" for n in range(59, 34, -1)]
    assert shown(second) == [f"N{n}" for n in range(34, 9, -1)]
    with django_assert_max_num_queries(20) as queries:
        client.get(url(ana))
    assert not [query for query in queries.captured_queries if "COUNT(" in query["sql"].upper()]


# --- merged contacts ---


def test_history_reads_through_merges(client_for):
    loser, winner, other = make_contact(), make_contact(), make_contact()
    old = history.record(loser, "note", "Before the merge", details="Old words")
    history.record(winner, "note", "Own")
    history.record(other, "note", "Somebody else's")
    contacts.delete(loser)
    type(loser).objects.filter(pk=loser.pk).update(merged_into=winner)
    client = client_for("viewer")
    assert set(shown(client.get(url(winner)))) == {"deleted", "Own", "Before the merge"}
    assert "Before the merge" in client.get(url(winner, "detail")).content.decode()
    assert "Old words" in client.get(url(winner, "activity", old.pk)).content.decode()
    assert client.get(url(other, "activity", old.pk)).status_code == 404
    assert Activity.objects.of(other).count() == 1


# --- calls ---


def call(**changes):
    return {"direction": "out", "number": "06 39 98 00 01", "outcome": "reached", "day": "2026-03-01", "hour": "09:30", "minutes": "12", "details": "Will pay", **changes}


def test_a_call_is_logged_and_shown(client_for):
    contact, client = make_contact("+33639980001"), client_for("staff")
    add_number(contact, "+33142685300", kind="landline")
    form = client.get(url(contact, "call")).content.decode()
    assert 'value="+33 6 39 98 00 01"' in form and '<option value="+33 1 42 68 53 00">' in form
    assert client.post(url(contact, "call"), call(subject="Renewal <b>", details="Will pay {contact.first_name}")).status_code == 302
    activity = Activity.objects.get(kind="call")
    assert activity.extra == {"direction": "out", "number": "+33639980001", "outcome": "reached", "minutes": 12}
    assert (activity.at, activity.author.username) == (at("2026-03-01T09:30"), "staff")
    for page in (client.get(url(contact)), client.get(url(contact, "detail")), client.get(url(contact, "activity", activity.pk))):
        text = page.content.decode()
        for words in ("Renewal &lt;b&gt;", "Talked", "12 minutes", "Will pay {contact.first_name}", "+33 6 39 98 00 01", "We called", "Staff"):
            assert words in text
        assert "<b>" not in text


def test_a_call_without_a_subject_is_named_by_its_number(client_for):
    contact, client = make_contact(), client_for("staff")
    client.post(url(contact, "call"), call(direction="in", number="+44 7700 900123", minutes="", outcome="no_answer"))
    client.post(url(contact, "call"), call(number=""))
    page = client.get(url(contact)).content.decode()
    assert "Call from +44 7700 900123" in page and "They called" in page and "No answer" in page
    assert ">Call</a>" in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"day": "2999-01-01"}, "still to come"), ({"day": "1999-12-31"}, "Before the year 2000"), ({"day": "0001-01-01"}, "Before the year 2000"),
        ({"day": ""}, "Write the day of the call"), ({"minutes": "-1"}, "Write at least 0"), ({"minutes": "99999"}, "at most 1440"),
        ({"minutes": "1.5"}, "whole minutes"), ({"number": "06 39"}, "too few digits"), ({"number": "0664 1234567 Eva"}, "There are letters in it"),
        ({"direction": "up"}, "not among the choices"), ({"outcome": ""}, "Choose what came of the call"), ({"subject": "x" * 201}, "at most 200"),
        ({"details": "x" * 5001}, "at most 5000"), ({"details": " "}, "Write a word or two on what you talked about"), ({"hour": "25:00"}, "Write it like 18:30"),
    ],
)  # fmt: skip
def test_a_call_that_cannot_be_is_refused_with_a_sentence(client_for, changes, sentence):
    contact = make_contact()
    assert sentence in client_for("staff").post(url(contact, "call"), call(**changes)).content.decode()
    assert not Activity.objects.exists()


@pytest.mark.parametrize("outcome", ["message", "no_answer", "busy", "wrong"])
def test_a_call_that_reached_nobody_needs_no_words(client_for, outcome):
    assert client_for("staff").post(url(make_contact(), "call"), call(outcome=outcome, details="")).status_code == 302
    assert Activity.objects.get().extra["outcome"] == outcome


def test_either_a_subject_or_a_text_says_what_a_call_was_about(client_for):
    client = client_for("staff")
    for words in ({"subject": "Renewal", "details": ""}, {"subject": "", "details": "Will pay"}):
        assert client.post(url(make_contact(), "call"), call(**words)).status_code == 302
    long = client.post(url(make_contact(), "call"), call(subject="x" * 201, details="")).content.decode()
    assert "at most 200" in long and "Write a word or two on what" not in long


def test_a_call_of_this_minute_is_not_in_the_future(client_for):
    here = timezone.localtime(timezone.now(), ZoneInfo("Europe/Paris")) + timedelta(minutes=2)
    client_for("staff").post(url(contact := make_contact(), "call"), call(day=here.date().isoformat(), hour=here.strftime("%H:%M")))
    assert Activity.objects.of(contact).get().at <= timezone.now()


def test_an_odd_row_is_shown_all_the_same(client_for):
    contact = make_contact()
    history.record(contact, "call", "", extra={"direction": "x", "minutes": None})
    history.record(contact, "call", "")
    assert client_for("viewer").get(url(contact)).status_code == 200


# --- deleting ---


def test_whoever_wrote_a_note_deletes_it_after_a_question_and_the_audit_log_keeps_that(client_for, user_for):
    contact, client = make_contact(), client_for("staff")
    note = history.record(contact, "note", "Wrong person", details="Secret words", author=user_for("staff"))
    assert "Delete “Wrong person”?" in client.get(url(contact, "activity_delete", note.pk)).content.decode()
    assert url(contact, "activity_delete", note.pk) in client.get(url(contact, "activity", note.pk)).content.decode()
    assert Activity.objects.exists()
    client.post(url(contact, "activity_delete", note.pk))
    assert not Activity.objects.exists()
    entry = LogEntry.objects.get_for_object(contact).get()
    assert entry.actor.username == "staff" and "note deleted" in entry.changes_dict
    assert not {"Secret words", "Wrong person"} & {str(value) for pair in entry.changes_dict.values() for value in pair}


@pytest.mark.parametrize(
    ("kind", "role", "code"),
    [("note", "author", 403), ("call", "marketer", 403), ("note", "administrator", 302), ("change", "administrator", 403), ("sms_sent", "administrator", 403), ("consent", "staff", 403)],
)
def test_nobody_else_deletes_it_and_nobody_what_the_console_wrote(client_for, user_for, kind, role, code):
    contact = make_contact()
    line = history.record(contact, kind, "edited", author=user_for("staff"))
    assert client_for(role).post(url(contact, "activity_delete", line.pk)).status_code == code
    assert Activity.objects.exists() is (code == 403)


# --- rights ---


def test_who_may_log_calls_and_delete(client_for):
    contact = make_contact()
    line = history.record(contact, "note", "x")
    for name, more in (("call", []), ("activity_delete", [line.pk])):
        for method in ("get", "post"):
            assert getattr(client_for("viewer"), method)(url(contact, name, *more)).status_code == 403
            assert "/account/" in getattr(Client(), method)(url(contact, name, *more))["Location"]
    assert client_for("viewer").get(url(contact)).status_code == 200
    assert url(contact, "call") not in client_for("viewer").get(url(contact)).content.decode()
    assert "/account/" in Client().get(url(contact))["Location"]
