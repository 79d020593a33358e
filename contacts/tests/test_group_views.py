"""Groups: made, filled, emptied, counted and searched through their pages."""

import pytest
from django.urls import reverse

from contacts.models import Contact, Group, Membership
from contacts.services import contacts
from contacts.tests.factories import make_contact, make_group
from contacts.tests.test_views import names

pytestmark = pytest.mark.django_db


def test_chosen_people_join_a_group_after_a_question_with_the_number(client_for):
    people = [make_contact(f"+3363998000{n}") for n in range(3)]
    group = make_group(name="Choir")
    client, url = client_for("author"), reverse("contacts:add_to_group")
    ask = client.post(url, {"contact": [people[0].pk, people[1].pk]})
    assert "Add 2 contacts" in ask.content.decode() and not Membership.objects.exists()
    client.post(url, {"contact": [people[0].pk, people[1].pk], "to": group.pk})
    assert group.memberships.count() == 2


def test_all_that_match_join_and_leave(client_for):
    for n in range(60):
        make_contact(f"+3363998{n:04}", first_name="Ann" if n % 2 else "Bob")
    group = make_group()
    client = client_for("author")
    client.post(reverse("contacts:add_to_group"), {"all": "1", "q": "ann", "to": group.pk})
    assert group.memberships.count() == 30
    client.post(reverse("contacts:remove_from_group"), {"all": "1", "group": group.pk, "to": group.pk})
    assert not group.memberships.exists()


def test_nobody_chosen_is_told(client_for):
    response = client_for("author").post(reverse("contacts:add_to_group"), {}, follow=True)
    assert "Nobody is chosen" in response.content.decode()


def test_one_contact_joins_and_leaves_from_its_page(client_for):
    contact, group = make_contact(), make_group()
    client = client_for("author")
    client.post(reverse("contacts:join", args=[contact.pk]), {"to": group.pk})
    assert group.memberships.count() == 1
    client.post(reverse("contacts:leave", args=[contact.pk, group.pk]))
    assert not group.memberships.exists()


def test_groups_are_made_renamed_archived_and_deleted(client_for):
    client = client_for("author")
    client.post(reverse("contacts:group_create"), {"name": "Choir"})
    group = Group.objects.get()
    assert "already has this name" in client.post(reverse("contacts:group_create"), {"name": "Choir"}).content.decode()
    client.post(reverse("contacts:group_edit", args=[group.pk]), {"name": "Choir 2"})
    client.post(reverse("contacts:group_archive", args=[group.pk]), {"archived": "1"})
    group.refresh_from_db()
    assert (group.name, group.archived) == ("Choir 2", True)
    contact = make_contact()
    Membership.objects.create(group=group, contact=contact)
    assert "stays a contact" in client.get(reverse("contacts:group_delete", args=[group.pk])).content.decode()
    client.post(reverse("contacts:group_delete", args=[group.pk]))
    assert not Group.objects.exists() and Contact.objects.active().exists()


def test_members_can_be_searched(client_for):
    group = make_group(make_contact(first_name="Ann"), make_contact("+33639980002", first_name="Bob"))
    make_contact("+33639980003", first_name="Ann2")
    assert names(client_for("viewer").get(reverse("contacts:group", args=[group.pk]), {"q": "ann"})) == {"Ann"}


@pytest.mark.parametrize("typed", ["benevoles", "BÉNÉVOLES", "voles d'ete"])
def test_groups_are_found_without_accents_and_case(client_for, typed):
    group, client = make_group(name="Bénévoles d’été"), client_for("viewer")
    make_group(name="Choir")
    assert list(client.get(reverse("contacts:groups"), {"q": typed}).context["page"]) == [group]
    found = client.get(reverse("search"), {"q": typed}).content.decode()
    assert group.name in found and "Choir" not in found


def test_sizes_of_groups_count_active_people_up_to_a_bound(client_for, monkeypatch):
    monkeypatch.setattr("contacts.group_sizes.MOST", 2)
    people = [make_contact(f"+3363998000{n}") for n in range(4)]
    contacts.delete(people[3])
    make_group(*people[2:], name="Small")
    make_group(*people, name="Large")
    page = client_for("viewer").get(reverse("contacts:groups")).context["page"]
    assert [(group.name, group.size.n, group.size.more) for group in page] == [("Large", 2, True), ("Small", 1, False)]
