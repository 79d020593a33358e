"""Merges that are refused, tried again, or made by two people at once: nothing half done."""

import threading
from collections import Counter

import pytest
from django.db import OperationalError, connections
from psycopg.errors import DeadlockDetected

from contacts.duplicates.choices import Choices
from contacts.models import Contact
from contacts.services import contacts, merge
from contacts.services.errors import ContactsError
from contacts.tests.factories import make_contact
from contacts.tests.test_merge import fresh, merged, seen_of

pytestmark = pytest.mark.django_db


def same(ann, ben):
    return merge.merge([ann.pk, ann.pk], Choices(ann.pk), seen=seen_of(ann))


def too_many(ann, ben):
    people = [ann, ben, *[make_contact(None) for _n in range(4)]]
    return merged(*people)


def gone(ann, ben):
    return merge.merge([ann.pk, 2**40], Choices(ann.pk), seen=seen_of(ann))


def no_winner(ann, ben):
    return merge.merge([ann.pk, ben.pk], Choices(2**40), seen=seen_of(ann, ben))


def deleted(ann, ben):
    contacts.delete(ben)
    return merged(ann, ben)


def already_merged(ann, ben):
    merged(make_contact(None), ben)
    return merged(ann, ben)


def changed(ann, ben):
    before = seen_of(ann, ben)
    contacts.save_contact(fresh(ben), organisation="New")
    return merged(ann, ben, seen=before)


def unseen(ann, ben):
    return merged(ann, ben, seen=seen_of(ann))


@pytest.mark.parametrize(
    ("attempt", "code"),
    [(same, "same_contact"), (too_many, "too_many"), (gone, "gone"), (no_winner, "no_winner"), (deleted, "deleted"), (already_merged, "already_merged"),
     (changed, "changed_meanwhile"), (unseen, "changed_meanwhile")],
)  # fmt: skip
def test_what_cannot_be_merged_is_refused_with_a_sentence(attempt, code):
    ann, ben = make_contact("+33639980001"), make_contact("+33639980002")
    with pytest.raises(ContactsError) as refused:
        attempt(ann, ben)
    assert refused.value.code == code
    assert str(refused.value.message).endswith(".")
    assert fresh(ann).deleted_at is None and fresh(ann).numbers.count() == 1


@pytest.mark.parametrize(("times", "merges"), [(1, True), (2, True), (3, False)])
def test_a_deadlock_is_tried_again(monkeypatch, times, merges):
    ann, ben = make_contact("+33639980001"), make_contact("+33639980002")
    real, tried = merge._move_groups, []

    def deadlocked(*args):
        real(*args)
        tried.append(1)
        if len(tried) <= times:
            raise OperationalError("deadlock detected") from DeadlockDetected()

    monkeypatch.setattr(merge, "_move_groups", deadlocked)
    if merges:
        merged(ann, ben)
    else:
        with pytest.raises(OperationalError):
            merged(ann, ben)
    assert fresh(ann).numbers.count() == (2 if merges else 1)


def test_a_merged_contact_cannot_be_restored():
    ann, ben = make_contact(first_name="Ann", last_name=""), make_contact()
    merged(ann, ben)
    with pytest.raises(ContactsError) as refused:
        contacts.restore(fresh(ben))
    assert refused.value.code == "merged" and "Ann" in str(refused.value.message)
    assert fresh(ben).deleted_at


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("crossed", [False, True])
def test_two_people_who_merge_the_same_pair_at_the_same_moment(crossed):
    ann, ben = make_contact("+33639980001"), make_contact("+33639980002")
    seen, start, results = seen_of(ann, ben), threading.Barrier(2), []

    def work(winner, loser):
        start.wait()
        try:
            merged(winner, loser, seen=seen)
            results.append("done")
        except ContactsError as refused:
            results.append(refused.code)
        finally:
            connections.close_all()

    pairs = [(ann, ben), (ben, ann) if crossed else (ann, ben)]
    threads = [threading.Thread(target=work, args=pair) for pair in pairs]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert Counter(results) == {"done": 1, "already_merged": 1}
    (winner,) = Contact.objects.active()
    assert winner.numbers.count() == 2
    assert winner.activities.filter(subject="merged").count() == 1
