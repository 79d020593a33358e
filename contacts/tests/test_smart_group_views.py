"""Pages of smart groups, and many people on their way into a group."""

import re

import pytest
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone

from contacts.models import Activity, Contact, CustomField, Group, PeopleChange, Removal
from contacts.services import groups, many, smart_groups
from contacts.smart import addresses, counting, refresh
from contacts.smart.patience import TookTooLong
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db
FRENCH = {"all": [{"q": "language", "test": "is", "value": ["fr"]}]}


@pytest.fixture
def french():
    """Ann by the rules, Bob by hand, Eve taken out."""
    for name, language in (("Ann", "fr"), ("Bob", "en"), ("Eve", "fr")):
        make_contact(first_name=name, language=language)
    group = smart_groups.save(None, name="French", description="Readers of French", tree=FRENCH)
    refresh.refresh(group.pk)
    groups.add_members(group, Contact.objects.filter(first_name="Bob"))
    groups.remove_members(group, Contact.objects.filter(first_name="Eve"))
    group.refresh_from_db()
    return group


def url(name, *ids):
    return reverse(f"contacts:{name}", args=ids)


def page(client, name, *ids):
    return client.get(url(name, *ids)).content.decode()


def test_the_page_shows_rules_state_and_how_each_came_in(client_for, french):
    html = page(client_for("author"), "group", french.pk)
    assert "Language is French" in html and "Members as of <time" in html and "Up to date" not in html and "Refresh now" in html and "Edit rules" in html
    answer = client_for("viewer").get(url("group", french.pk))
    assert {contact.first_name: contact.came for contact in answer.context["page"]} == {"Ann": "by the rules", "Bob": "by hand"}
    html = answer.content.decode()
    assert "Refresh now" not in html and "Edit rules" not in html and "Taken out by hand" in html


def test_a_group_that_was_just_saved_says_that_its_members_are_being_collected(client_for):
    make_contact(first_name="Ann", language="fr")
    client = client_for("author")
    group = smart_groups.save(None, name="French", tree=FRENCH)
    html = page(client, "group", group.pk)
    assert "Its members are being collected" in html and "Nobody is in this group yet" not in html and "0 contacts" not in html
    assert f'hx-get="{url("group_state", group.pk)}?empty=1"' in html
    assert ">Smart group<" in re.sub(r"<i [^>]*></i>", "", html)
    refresh.work_on_due()
    assert client.get(url("group_state", group.pk), {"empty": "1"})["HX-Refresh"] == "true"
    assert "Ann" in page(client, "group", group.pk)
    Contact.objects.update(language="en")
    refresh.refresh(group.pk)
    assert "Nobody fulfils its rules. As soon as somebody does" in page(client, "group", group.pk)
    Group.objects.update(archived=True)
    assert "While it is in the archive" in page(client, "group", group.pk)
    Group.objects.update(archived=False, state="failed", problem="Too slow.")
    assert "What went wrong stands above" in page(client, "group", group.pk)


def test_an_empty_group_remembers_who_was_taken_out(client_for, french):
    groups.remove_members(french, Contact.objects.all())
    assert "or only people who were taken out by hand" in page(client_for("author"), "group", french.pk)


def test_many_are_added_to_static_groups_only(client_for, french):
    choir, ann, client = make_group(name="Choir"), Contact.objects.get(first_name="Ann"), client_for("author")
    asked = client.post(url("add_to_group"), {"contact": [ann.pk]})
    assert list(asked.context["groups"]) == [choir] and "A new group" in asked.content.decode()
    refused = client.post(url("add_to_group"), {"contact": [Contact.objects.get(first_name="Eve").pk], "to": french.pk})
    assert "French is a smart group: its rules find its members" in refused.content.decode()
    assert french.memberships.count() == 2 and french.removals.exists()
    taken = client.post(url("remove_from_group"), {"contact": [ann.pk]})
    assert french in taken.context["groups"]


def test_the_list_tells_static_and_smart_apart(client_for, french):
    make_group(name="Choir")
    Group.objects.filter(pk=french.pk).update(state="failed")
    html = page(client_for("viewer"), "groups")
    assert html.count("bi-magic") == 1 and "Smart group:" in html and "Refresh failed" in html


def test_refresh_now_goes_through_waiting(client_for, french):
    client = client_for("author")
    client.post(url("group_refresh", french.pk))
    html = page(client, "group", french.pk)
    assert "Due for a refresh" in html and f'hx-get="{url("group_state", french.pk)}"' in html
    refresh.work_on_due()
    again = client.get(url("group_state", french.pk))
    assert "Members as of" in again.content.decode() and "Show the members of now" in again.content.decode() and "HX-Refresh" not in again
    assert client.post(url("group_refresh", make_group().pk)).status_code == 404


def test_a_page_without_members_reloads_when_they_are_found(client_for):
    group = smart_groups.save(None, name="French", tree=FRENCH)
    client = client_for("viewer")
    assert "?empty=1" in page(client, "group", group.pk)
    state = url("group_state", group.pk) + "?empty=1"
    assert "HX-Refresh" not in client.get(state) and "?empty=1" in client.get(state).content.decode()
    refresh.refresh(group.pk)
    assert client.get(state)["HX-Refresh"] == "true"


def test_what_failed_is_said_and_leads_to_the_rules(client_for, french):
    field = CustomField.objects.create(key="level", label="Level", type="text")
    smart_groups.save(french, tree={"q": "custom.level", "test": "filled"})
    field.delete()
    refresh.work_on_due()
    client = client_for("author")
    html = page(client, "group", french.pk)
    assert "could not be looked for" in html and "Rule 1: This question does not exist" in html
    assert "This question no longer exists" in page(client, "group_rules", french.pk)


def test_taken_out_by_hand_and_let_back_in(client_for, user_for, french):
    Removal.objects.update(author=user_for("author"))
    eve = Contact.objects.get(first_name="Eve")
    html = page(client_for("viewer"), "group_taken_out", french.pk)
    assert "Eve" in html and "Let back in" not in html
    client = client_for("author")
    assert "Let back in" in page(client, "group_taken_out", french.pk)
    back = url("group_let_back_in", french.pk, eve.pk)
    assert client_for("staff").post(back).status_code == 403
    assert client.get(back).status_code == 405
    client.post(back)
    refresh.work_on_due()
    assert french.memberships.filter(contact=eve, by_hand=False).exists()
    assert "Nobody was taken out" in page(client, "group_taken_out", french.pk)
    assert client.post(url("group_let_back_in", french.pk, 999_999)).status_code == 404


def test_removing_from_the_list_of_members_stays(client_for, french):
    ann, client = Contact.objects.get(first_name="Ann"), client_for("author")
    answer = client.post(url("remove_from_group"), {"contact": ann.pk, "to": french.pk}, follow=True)
    assert "1 contact left French. Whoever is taken out of a smart group by hand stays out." in answer.content.decode()
    refresh.refresh(french.pk)
    assert not french.memberships.filter(contact=ann).exists()
    assert "by hand" in page(client, "contact_groups", Contact.objects.get(first_name="Bob").pk)


def test_a_new_group_is_static_or_begins_with_rules(client_for):
    client = client_for("author")
    assert "Rules find them" in page(client, "group_create")
    client.post(url("group_create"), {"name": "Choir", "kind": "static"})
    client.post(url("group_create"), {"name": "Band"})
    assert set(Group.objects.values_list("name", "kind")) == {("Choir", "static"), ("Band", "static")}
    answer = client.post(url("group_create"), {"name": "Readers", "description": "Of French", "kind": "smart"})
    html = client.get(answer["Location"]).content.decode()
    assert 'value="Readers"' in html and 'name="description" value="Of French"' in html
    assert "already has this name" in client.post(url("group_create"), {"name": "Choir", "kind": "smart"}).content.decode()
    assert client.post(url("group_create"), {"name": "X", "kind": "odd"}).status_code == 200
    assert Group.objects.count() == 2


def test_renaming_does_not_undo_a_refresh(client_for, french):
    stale = Group.objects.get(pk=french.pk)
    Group.objects.filter(pk=french.pk).update(state="failed", problem="x")
    groups.save_group(stale, name="Français")
    french.refresh_from_db()
    assert (french.name, french.state, french.problem) == ("Français", "failed", "x")


def test_what_reads_a_group_is_said_before_it_goes(client_for, french):
    choir = make_group(make_contact(), name="Choir")
    smart_groups.save(french, tree={"q": "group", "test": "any", "value": [choir.pk]})
    client = client_for("author")
    assert 'rules ask for this group: <a href="/contacts/groups/' in page(client, "group", choir.pk)
    assert "The rules of these smart groups ask for it: “French”." in page(client, "group_delete", choir.pk)
    client.post(url("group_delete", choir.pk))
    archived = client.post(url("group_archive", choir.pk), follow=True).content.decode()
    assert "still ask for it: “French”" in archived
    assert Group.objects.get(pk=choir.pk).archived


def test_pages_cost_the_same_queries_for_one_and_for_fifty(client_for, django_assert_max_num_queries):
    for n in range(60):
        make_contact(f"+3363998{n:04}", language="fr")
    group = smart_groups.save(None, name="French", tree=FRENCH)
    refresh.refresh(group.pk)
    client = client_for("marketer")
    client.get(url("groups"))
    with django_assert_max_num_queries(26):
        assert len(client.get(url("group", group.pk)).context["page"]) == 50
    groups.remove_members(group, Contact.objects.all())
    with django_assert_max_num_queries(9):
        assert len(client.get(url("group_taken_out", group.pk)).context["page"]) == 50


# --- many at once ---


@pytest.fixture
def crowd(monkeypatch):
    """Three who read French, more than a request may move."""
    monkeypatch.setattr(many, "MOST_AT_ONCE", 2)
    for n in range(3):
        make_contact(None, first_name=f"P{n}", language="fr")
    make_contact(None, language="en")
    return {"all": "1", "rules": addresses.pack(FRENCH)}


def test_many_are_moved_by_a_worker_and_the_page_tells(client_for, crowd):
    group, client = make_group(), client_for("author")
    html = client.post(url("add_to_group"), crowd | {"to": group.pk}, follow=True).content.decode()
    assert "People are being added to this group" in html and "hx-get" in html and not group.memberships.exists()
    many.work_on_open()
    assert group.memberships.count() == 3
    assert "3 contacts were added" in page(client, "group", group.pk)
    assert Activity.objects.filter(subject="group_joined", details=group.name, author__username="author").count() == 3
    many.work(PeopleChange.objects.get().pk)
    assert Activity.objects.filter(subject="group_joined").count() == 3
    client.post(url("remove_from_group"), crowd | {"to": group.pk})
    many.work_on_open()
    assert group.memberships.count() == 0 and "3 contacts were taken out" in page(client, "group", group.pk)


def test_few_are_moved_at_once(client_for, crowd):
    group = make_group()
    ids = list(Contact.objects.values_list("pk", flat=True))
    client_for("author").post(url("add_to_group"), {"contact": ids, "to": group.pk})
    assert group.memberships.count() == 4 and not PeopleChange.objects.exists()


def test_a_new_group_for_those_who_are_found(client_for, crowd, monkeypatch):
    monkeypatch.setattr(many, "MOST_AT_ONCE", 10)
    client = client_for("author")
    assert "A new group" in client.post(url("add_to_group"), crowd).content.decode()
    html = client.post(url("add_to_group"), crowd | {"to": "new", "name": " "}).content.decode()
    assert "Give the new group a name." in html and 'name="rules"' in html
    client.post(url("add_to_group"), crowd | {"to": "new", "name": "Readers"})
    assert Group.objects.get().memberships.count() == 3
    assert "already has this name" in client.post(url("add_to_group"), crowd | {"to": "new", "name": "Readers"}).content.decode()


def test_numbers_that_cannot_be_counted_are_no_obstacle(client_for, crowd, monkeypatch):
    monkeypatch.setattr(counting, "count", lambda contacts: counting.Counted(None))
    client = client_for("author")
    make_group(*Contact.objects.all())
    assert "Add all that match" in client.post(url("add_to_group"), crowd).content.decode()
    monkeypatch.setattr(counting, "count", lambda contacts: counting.Counted(10_000, more=True))
    assert "Remove 10,000+ contacts" in client.post(url("remove_from_group"), crowd).content.decode()


def test_a_change_that_takes_too_long_or_breaks_moves_nobody(client_for, crowd, monkeypatch):
    group, client = make_group(), client_for("author")
    for fault, words in ((TookTooLong, "longer than 10 minutes"), (RuntimeError, "fault of the console")):
        client.post(url("add_to_group"), crowd | {"to": group.pk})

        def broken(*args, fault=fault, **options):
            raise fault

        monkeypatch.setattr(many.groups, "add_members", broken)
        many.work_on_open()
        assert words in page(client, "group", group.pk)
        assert not group.memberships.exists()


def test_a_lost_database_leaves_the_change_to_the_tick(client_for, crowd, monkeypatch):
    group = make_group()
    client_for("author").post(url("add_to_group"), crowd | {"to": group.pk})

    def lost(*args, **options):
        raise OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(many.groups, "add_members", lost)
        with pytest.raises(OperationalError):
            many.work_on_open()
    assert PeopleChange.objects.get().state == "running"
    many.work_on_open()
    assert group.memberships.count() == 3


def test_a_change_sees_what_its_author_may_see(client_for, user_for, crowd):
    group = make_group()
    client_for("author").post(url("add_to_group"), crowd | {"to": group.pk})
    user_for("author").groups.clear()
    many.work_on_open()
    assert not group.memberships.exists()
    PeopleChange.objects.update(state="waiting", author=None)
    many.work_on_open()
    assert not group.memberships.exists()


def test_an_old_change_is_told_no_longer(client_for, crowd):
    group, client = make_group(), client_for("author")
    client.post(url("add_to_group"), crowd | {"to": group.pk})
    many.work_on_open()
    PeopleChange.objects.update(updated_at=timezone.now() - many.SHOWN * 2)
    assert "were added" not in page(client, "group", group.pk)
