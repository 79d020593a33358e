"""Smart groups: who is in, who stays out by hand, and what they are called."""

import pytest
from django.utils import timezone

from contacts.models import Activity, Contact, Membership, Removal
from contacts.services import groups, smart_groups
from contacts.services.errors import ContactsError
from contacts.tests.factories import make_contact, make_group
from contacts.tests.smart_groups import State, members, refreshed, smart

pytestmark = pytest.mark.django_db


def test_a_refresh_brings_who_matches_and_takes_who_does_not():
    ann, bob = make_contact(language="fr"), make_contact(language="en")
    make_contact(language="fr", deleted_at=timezone.now())
    group = smart()
    assert (group.state, members(group)) == (State.WAITING, set())
    assert refreshed(group) == {ann.pk}
    assert (group.state, group.problem) == (State.FRESH, "") and group.refreshed_at
    Contact.objects.filter(pk=ann.pk).update(language="en")
    Contact.objects.filter(pk=bob.pk).update(language="fr")
    assert refreshed(group) == {bob.pk}
    assert refreshed(group) == {bob.pk}
    assert Membership.objects.filter(group=group, by_hand=True).count() == 0


def test_who_is_added_by_hand_stays_and_who_is_removed_by_hand_stays_out(user_for):
    author = user_for("author")
    ann, bob, eve = make_contact(language="fr"), make_contact(language="en"), make_contact(language="fr")
    group = smart()
    refreshed(group)
    assert groups.add_members(group, Contact.objects.filter(pk__in=[bob.pk, eve.pk]), author=author) == 2
    assert groups.remove_members(group, [ann.pk], author=author) == 1
    assert refreshed(group) == {bob.pk, eve.pk}
    Contact.objects.update(language="")
    assert refreshed(group) == {bob.pk, eve.pk}
    removal = Removal.objects.get()
    assert (removal.contact_id, removal.author) == (ann.pk, author)
    assert list(Activity.objects.filter(contact=ann, subject="group_left").values_list("details", "author")) == [(group.name, author.pk)]


def test_added_by_hand_after_a_removal_is_in_again():
    ann = make_contact(language="fr")
    group = smart()
    refreshed(group)
    groups.remove_members(group, [ann.pk])
    assert groups.add_members(group, [ann.pk]) == 1
    assert not Removal.objects.exists()
    assert refreshed(group) == {ann.pk}


def test_let_back_in():
    ann, bob = make_contact(language="fr"), make_contact(language="fr")
    group = smart()
    refreshed(group)
    groups.remove_members(group, [ann.pk, bob.pk])
    assert smart_groups.let_back_in(group, [ann.pk]) == 1
    assert smart_groups.let_back_in(group, [ann.pk]) == 0
    assert refreshed(group) == {ann.pk}


def test_a_membership_that_slipped_in_beside_a_removal_goes_with_the_next_refresh():
    ann = make_contact(language="fr")
    group = smart()
    Removal.objects.create(group=group, contact=ann)
    Membership.objects.create(group=group, contact=ann, by_hand=False)
    assert refreshed(group) == set()


def test_removing_from_a_static_group_keeps_nobody_out():
    ann = make_contact()
    group = make_group(ann)
    assert groups.remove_members(group, [ann.pk]) == 1
    assert not Removal.objects.exists()
    assert groups.add_members(group, Contact.objects.none()) == 0


def test_adding_people_found_by_percent_signs_and_lists():
    make_contact(first_name="50%", email="a@example.org")
    found = Contact.objects.filter(first_name__contains="%", email__in=["a@example.org", "b@example.org"])
    assert groups.add_members(make_group(), found) == 1


def test_names_are_unique_and_audited(user_for):
    from auditlog.models import LogEntry

    group = smart(name="Gold")
    with pytest.raises(ContactsError, match="already has this name"):
        smart(name="Gold")
    smart_groups.save(group, tree={"q": "deceased", "test": "is", "value": True})
    assert "rules" in LogEntry.objects.get_for_object(group).first().changes
    refreshed(group)
    assert LogEntry.objects.get_for_object(group).count() == 2
