"""Suppressing and quarantining numbers: once, with reasons, told to everybody who has the number, ended by whom it may be."""

import threading

import pytest
from auditlog.models import LogEntry
from django.db import connections

from contacts.models import Activity, Quarantine, Suppression
from contacts.services import suppressions
from contacts.services.errors import ContactsError
from contacts.tests.factories import make_contact
from contacts.timeline import lines

NUMBER = "+33639980001"


def timeline_of(contact):
    return [str(line.view.title) for line in lines(contact.activities.order_by("-id"))]


@pytest.mark.django_db
def test_suppressing_twice_keeps_the_first_entry(user_for):
    first, new = suppressions.suppress(NUMBER, note="asked on the phone", author=user_for("marketer"))
    again, newer = suppressions.suppress(NUMBER, note="again", author=None)
    assert (first, new, newer) == (again, True, False)
    assert (first.reason, first.note, first.author) == ("staff", "asked on the phone", user_for("marketer"))


@pytest.mark.django_db
def test_everybody_with_the_number_reads_it_on_the_timeline(user_for):
    ana, eve, other = make_contact(NUMBER), make_contact(NUMBER), make_contact("+33639980002")
    entry, _new = suppressions.suppress(NUMBER, note="asked on the phone", author=user_for("marketer"))
    suppressions.lift(entry, because="wrong number", author=user_for("administrator"))
    expected = ["Texts allowed again to +33 6 39 98 00 01 (wrong number)", "No more texts to +33 6 39 98 00 01 (asked on the phone)"]
    assert timeline_of(ana) == timeline_of(eve) == expected
    assert timeline_of(other) == []
    assert set(Activity.objects.values_list("author__username", flat=True)) == {"marketer", "administrator"}


@pytest.mark.django_db
@pytest.mark.parametrize("reason", ["stop", "gateway"])
def test_what_the_recipient_asked_for_cannot_be_lifted_by_hand(reason):
    entry, _new = suppressions.suppress(NUMBER, note="", author=None, reason=reason)
    with pytest.raises(ContactsError, match="The recipient asked for it"):
        suppressions.lift(entry, because="please", author=None)
    entry.refresh_from_db()
    assert entry.ended_at is None


@pytest.mark.django_db
def test_a_lifted_number_can_be_suppressed_anew_and_keeps_its_history():
    entry, _new = suppressions.suppress(NUMBER, note="one", author=None)
    assert suppressions.lift(entry, because="mistake", author=None)
    assert not suppressions.lift(entry, because="again", author=None)
    newer, new = suppressions.suppress(NUMBER, note="two", author=None)
    assert new and newer != entry
    assert list(Suppression.objects.order_by("id").values_list("note", "ended_because")) == [("one", "mistake"), ("two", "")]


@pytest.mark.django_db
def test_a_quarantine_begins_and_ends_with_a_reason():
    ana = make_contact(NUMBER)
    entry, new = suppressions.quarantine(NUMBER, because="belongs to a taxi now", author=None)
    assert new and not suppressions.quarantine(NUMBER, because="x", author=None)[1]
    assert suppressions.end_quarantine(entry, because="theirs again", author=None)
    assert timeline_of(ana) == ["Quarantine ended: +33 6 39 98 00 01 (theirs again)", "Quarantined: +33 6 39 98 00 01 (belongs to a taxi now)"]
    assert Quarantine.objects.get().ended_because == "theirs again"


@pytest.mark.django_db
def test_the_audit_log_knows_who_and_why(user_for):
    entry, _new = suppressions.suppress(NUMBER, note="asked", author=user_for("marketer"))
    suppressions.lift(entry, because="mistake", author=user_for("administrator"))
    told = [(row.actor.username, row.changes["reason"][1], set(row.changes) - {"reason"}) for row in LogEntry.objects.get_for_object(entry).order_by("id")]
    assert told == [("marketer", "asked", {"number suppressed"}), ("administrator", "mistake", {"suppression lifted"})]


@pytest.mark.django_db(transaction=True)
def test_many_at_the_same_moment_make_one_entry():
    made = []

    def block():
        made.append(suppressions.suppress(NUMBER, note="now", author=None)[1])
        connections.close_all()

    threads = [threading.Thread(target=block) for _one in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (made.count(True), len(made), Suppression.objects.count()) == (1, 6, 1)
