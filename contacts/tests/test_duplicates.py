"""Finding people who may be one: over all contacts, for one contact, and what people say about it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from contacts.duplicates import everywhere, nearby, rounds
from contacts.models import Contact, Duplicate, ImportJob, NotDuplicate
from contacts.models.duplicate import DuplicateLook
from contacts.services import contacts, duplicates
from contacts.services.errors import ContactsError
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db
WEAK, LIKELY, STRONG = Duplicate.Confidence
BORN = date(1980, 2, 3)


def look():
    for kind in Duplicate.Kind.values:
        everywhere.look(kind)
    return {(find.kind, tuple(find.contacts)): find.confidence for find in Duplicate.objects.all()}


def near(contact):
    return {found.contact_id: (tuple(found.kinds), found.confidence) for found in nearby.of(contact, Contact.objects.active())}


PAIRS = [  # what two people have, what is found, how sure
    ({"number": "+33639980001"}, {"number": "+33639980001"}, "number", LIKELY),
    ({"number": "+33639980001", "last_name": "Martin"}, {"number": "+33639980001", "last_name": "MARTIN"}, "number", STRONG),
    ({"number": "+33465712210", "kind": "landline"}, {"number": "+33465712210", "kind": "landline"}, "number", WEAK),
    ({"number": "+33639980001", "birth_date": BORN}, {"number": "+33639980001", "birth_date": date(2010, 1, 1)}, "number", WEAK),
    ({"email": "Ann@Example.org"}, {"email": "ann@example.ORG"}, "email", LIKELY),
    ({"email": "ann@example.org", "birth_date": BORN}, {"email": "ann@example.org", "birth_date": BORN}, "email", STRONG),
    ({"last_name": "Martín"}, {"last_name": "MARTIN"}, "name", WEAK),
    ({"first_name": "Zoë", "last_name": "Martin"}, {"first_name": "Martin", "last_name": "Zoe"}, "name", WEAK),
    ({"last_name": "Martin", "birth_date": BORN}, {"last_name": "Martin", "birth_date": BORN}, "name", STRONG),
    ({"last_name": "Martin", "birth_date": BORN}, {"last_name": "Martin"}, "name", WEAK),
    ({"last_name": "Martin", "organisation": "Choir"}, {"last_name": "Martin", "organisation": "CHOIR"}, "name", LIKELY),
    ({"last_name": "Martin", "birth_date": BORN}, {"last_name": "Martin", "birth_date": date(1990, 1, 1)}, None, None),
    ({"last_name": "", "first_name": "Ann"}, {"last_name": "", "first_name": "Ann"}, None, None),
    ({}, {}, None, None),
]


@pytest.mark.parametrize(("one", "other", "kind", "confidence"), PAIRS)
def test_what_two_people_share_is_found_at_night_and_at_once(one, other, kind, confidence):
    first, second = (make_contact(facts.pop("number", None), **facts) for facts in (dict(one), dict(other)))
    found = look()
    strongest = {kind: max(sure for (found_kind, _ids), sure in found.items() if found_kind == kind)} if kind else {}
    assert strongest == ({kind: confidence} if kind else {})
    assert {ids for _kind, ids in found} == ({(first.pk, second.pk)} if kind else set())
    assert near(first).get(second.pk, ((), None))[1] == max(found.values(), default=None)
    assert near(second).keys() == ({first.pk} if kind else set())


def test_a_small_group_makes_namesakes_likely(monkeypatch):
    monkeypatch.setattr(everywhere, "SMALL_GROUP", 2)
    monkeypatch.setattr(nearby, "SMALL_GROUP", 2)
    ann, other = make_contact(None, last_name="Martin"), make_contact(None, last_name="Martin")
    everybody = make_group(ann, other, make_contact(None))
    assert look() == {("name", (ann.pk, other.pk)): WEAK}
    assert near(ann)[other.pk] == (("name",), WEAK)
    everybody.memberships.filter(contact__last_name__startswith="Aubert").delete()
    assert look() == {("name", (ann.pk, other.pk)): LIKELY}
    assert near(ann)[other.pk] == (("name",), LIKELY)


def test_a_switchboard_of_500_people_is_one_weak_find():
    Contact.objects.bulk_create(Contact(first_name="A", last_name=f"N{n}") for n in range(500))
    for contact in Contact.objects.all():
        contact.numbers.create(number="+33465712210", kind="landline")
    look()
    find = Duplicate.objects.get()
    assert (find.kind, find.size, len(find.contacts), find.confidence) == ("number", 500, everywhere.MOST_KEPT, WEAK)
    assert len(near(Contact.objects.first())) == nearby.MOST + 1


def test_deleted_people_are_no_duplicates():
    ann, ben = make_contact(), make_contact()
    contacts.delete(ben)
    assert (look(), near(ann)) == ({}, {})


def test_looking_again_keeps_what_is_known_and_drops_what_is_gone(django_assert_num_queries):
    ann, ben = make_contact(), make_contact()
    eve = [make_contact(None, email="eve@example.org") for _n in range(2)]
    look()
    before = Duplicate.objects.get(kind="number")
    Duplicate.objects.update(found_at=timezone.now() - timedelta(days=3))
    contacts.delete(eve[0])
    carl = make_contact()
    assert look() == {("number", (ann.pk, ben.pk, carl.pk)): LIKELY}
    after = Duplicate.objects.get()
    assert (after.pk, after.size) == (before.pk, 3)
    assert after.found_at < timezone.now() - timedelta(days=2)


def test_told_apart_people_are_not_found_again():
    ann, ben, carl = make_contact(), make_contact(), make_contact()
    look()
    assert duplicates.tell_apart([ann.pk, ben.pk]) == 1
    assert Duplicate.objects.get().contacts == [ann.pk, ben.pk, carl.pk]
    assert near(ann).keys() == {carl.pk}
    assert duplicates.tell_apart([ann.pk, carl.pk, ann.pk]) == 1
    assert Duplicate.objects.get().contacts == [ben.pk, carl.pk]
    assert look() == {("number", (ben.pk, carl.pk)): LIKELY}
    assert duplicates.tell_apart([ann.pk, ben.pk, carl.pk]) == 1
    assert not Duplicate.objects.exists() and look() == {}
    assert duplicates.reconsider(carl.pk, ben.pk) and not duplicates.reconsider(carl.pk, ben.pk)
    assert look() == {("number", (ben.pk, carl.pk)): LIKELY}


@pytest.mark.parametrize(("ids", "code"), [([], "too_few"), ([0], "too_few"), (range(1, 30), "too_many")])
def test_telling_apart_needs_a_few_people(ids, code):
    people = [make_contact(None) for _n in range(25)] if len(ids) > 2 else []
    with pytest.raises(ContactsError) as refused:
        duplicates.tell_apart([person.pk for person in people] or ids)
    assert refused.value.code == code
    assert not NotDuplicate.objects.exists()


def test_what_was_set_aside_stays_so_until_somebody_brings_it_back(user_for):
    make_contact(), make_contact()
    look()
    find = Duplicate.objects.get()
    duplicates.set_aside(find, aside=True, author=user_for("marketer"))
    make_contact()
    look()
    assert not Duplicate.objects.to_look_at().exists()
    assert Duplicate.objects.get().size == 3
    duplicates.set_aside(find, aside=False)
    assert Duplicate.objects.to_look_at().get().set_aside_by is None


def test_a_look_is_asked_for_once_and_done_by_the_next_worker():
    make_contact(), make_contact()
    assert duplicates.look_again() and not duplicates.look_again()
    assert DuplicateLook.current().at_work
    rounds.work()
    row = DuplicateLook.current()
    assert (row.state, row.step, Duplicate.objects.count()) == ("finished", 3, 1)
    rounds.work()
    assert DuplicateLook.current().finished_at == row.finished_at


@pytest.mark.parametrize(
    ("hours", "at", "begins"),
    [(None, "14:00", True), (10, "02:30", False), (22, "02:30", True), (22, "14:00", False), (40, "14:00", True)],
)
def test_the_nightly_look_waits_for_the_night(monkeypatch, hours, at, begins):
    now = timezone.make_aware(timezone.datetime.fromisoformat(f"2026-11-24T{at}:00"), timezone.zoneinfo.ZoneInfo("Europe/Paris"))
    monkeypatch.setattr(rounds.timezone, "now", lambda: now)
    DuplicateLook.objects.create(id=1, started_at=now - timedelta(hours=hours) if hours else None, step=3)
    rounds.tick()
    assert (DuplicateLook.current().started_at == now) is begins


@pytest.mark.parametrize(("ended", "rested", "begins"), [(5, 40, True), (5, 10, False), (50, 40, False)])
def test_a_look_follows_an_import_once_the_last_one_has_rested(monkeypatch, ended, rested, begins):
    now = timezone.make_aware(timezone.datetime.fromisoformat("2026-11-24T14:00:00"), timezone.zoneinfo.ZoneInfo("Europe/Paris"))
    monkeypatch.setattr(rounds.timezone, "now", lambda: now)
    minutes = lambda n: now - timedelta(minutes=n)  # noqa: E731
    DuplicateLook.objects.create(id=1, started_at=minutes(rested + 5), finished_at=minutes(rested), step=3)
    ImportJob.objects.create(file_name="people.csv", state="finished", finished_at=minutes(ended))
    ImportJob.objects.create(file_name="other.csv", state="checked")
    rounds.tick()
    assert (DuplicateLook.current().started_at == now) is begins
    rounds.tick()
    assert (DuplicateLook.current().started_at == now) is begins  # once


def test_a_look_whose_worker_died_goes_on_with_the_next_kind(monkeypatch):
    done = []
    monkeypatch.setattr(everywhere, "look", lambda kind: done.append(kind) or 0)
    DuplicateLook.objects.create(id=1, state="running", step=1, started_at=timezone.now())
    rounds.tick()
    assert (done, DuplicateLook.current().state) == (["email", "name"], "finished")


def test_a_look_that_breaks_says_so(monkeypatch):
    monkeypatch.setattr(everywhere, "look", lambda kind: 1 / 0)
    duplicates.look_again()
    rounds.work()
    assert DuplicateLook.current().state == "failed"
    assert duplicates.look_again()
