"""Joining a group while a contact is merged: the membership ends with whom the contact became, whoever comes first."""

import threading

import pytest
from django.db import connection, connections, transaction

from contacts.duplicates.choices import Choices
from contacts.models import Contact, Membership
from contacts.services import groups, merge
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db(transaction=True)


def merge_now(winner, loser):
    people = [winner, loser]
    seen = {person.pk: Contact.objects.get(pk=person.pk).updated_at for person in people}
    merge.merge([person.pk for person in people], Choices(winner.pk, {}, ""), seen=seen)


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid) WHERE NOT l.granted AND a.datname = current_database()")
        return bool(cursor.fetchone()[0])


def until(happened) -> None:
    for _try in range(500):
        if happened():
            return
        threading.Event().wait(0.01)
    raise AssertionError("nobody waited")


def in_thread(work):
    def run():
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.parametrize("by_query", [True, False])
def test_who_joins_while_being_merged_joins_as_whom_they_become(by_query):
    ann, ben, group = make_contact("+33639980001"), make_contact("+33639980002"), make_group()
    with transaction.atomic():
        merge_now(ann, ben)
        chosen = Contact.objects.active().filter(id=ben.pk) if by_query else [ben.pk]
        thread = in_thread(lambda: groups.add_members(group, chosen))
        until(somebody_waits)
    thread.join()
    assert list(Membership.objects.values_list("group", "contact")) == [(group.pk, ann.pk)]


def test_a_merge_that_begins_while_somebody_joins_takes_the_membership_along():
    ann, ben, group = make_contact("+33639980001"), make_contact("+33639980002"), make_group()
    with transaction.atomic():
        groups.add_members(group, [ben.pk])
        thread = in_thread(lambda: merge_now(ann, ben))
        until(somebody_waits)
    thread.join()
    assert list(Membership.objects.values_list("group", "contact")) == [(group.pk, ann.pk)]


def test_both_of_a_pair_join_once_and_the_deleted_do_not():
    ann, ben, group = make_contact("+33639980001"), make_contact("+33639980002"), make_group()
    gone = make_contact("+33639980003")
    Contact.objects.filter(pk=gone.pk).update(deleted_at=gone.created_at)
    merge_now(ann, ben)
    assert groups.add_members(group, [ann.pk, ben.pk, gone.pk]) == 1
    assert list(Membership.objects.values_list("contact", flat=True)) == [ann.pk]
