"""The list of duplicates: the surest first, narrowed, looked for again; many people of one number."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from contacts.duplicates import rounds
from contacts.models import Duplicate
from contacts.models.duplicate import DuplicateLook
from contacts.services import contacts, duplicates
from contacts.tests.factories import add_number, make_contact
from contacts.tests.test_merge_views import find_of, look

pytestmark = pytest.mark.django_db


def shown(response):
    return [[person.first_name for person, _who in row["people"]] for row in response.context["rows"]]


def test_the_list_shows_the_surest_first_and_narrows(client_for):
    make_contact(None, first_name="Ann", last_name="Martin"), make_contact(None, first_name="Ann", last_name="MARTIN")
    ben = [make_contact("+33639980001", first_name="Ben"), make_contact("+33639980001", first_name="Benoît")]
    [make_contact(None, first_name=name, email="eve@example.org", birth_date=date(1980, 1, 1)) for name in ("Eve", "Eva")]
    look()
    client, url = client_for("marketer"), reverse("contacts:duplicates")
    assert shown(client.get(url)) == [["Eve", "Eva"], ["Ben", "Benoît"], ["Ann", "Ann"]]
    assert shown(client.get(url, {"kind": "name"})) == [["Ann", "Ann"]]
    for q, found in [("evà", ["Eve", "Eva"]), ("EVE@example", ["Eve", "Eva"]), ("06 39 98 00 01", ["Ben", "Benoît"]), ("martin", ["Ann", "Ann"])]:
        assert shown(client.get(url, {"q": q})) == [found], q
    assert "Nothing matches" in client.get(url, {"q": "nobody"}).content.decode()
    assert shown(client.get(url, {"kind": "?", "q": "\0", "after": "zz"})) == [["Eve", "Eva"], ["Ben", "Benoît"], ["Ann", "Ann"]]
    words = client.get(url).content.decode()
    assert "Same number: +33 6 39 98 00 01" in words and "Same e-mail: eve@example.org" in words and "Same name, nothing else in common" in words
    assert reverse("contacts:merge") + f"?contact={ben[0].pk}&amp;contact={ben[1].pk}" in words


def test_people_who_were_deleted_since_are_not_shown(client_for):
    people = [make_contact(), make_contact()]
    look()
    contacts.delete(people[0])
    response = client_for("marketer").get(reverse("contacts:duplicates"))
    assert shown(response) == []


def test_the_list_says_when_it_was_looked_and_what_to_do(client_for):
    client, url = client_for("marketer"), reverse("contacts:duplicates")
    assert "has not looked yet" in client.get(url).content.decode()
    look()
    assert "Nobody shares a number" in client.get(url).content.decode()
    assert "Last looked at" in client.get(url).content.decode()


def test_the_list_says_how_many_contacts_it_has_not_seen(client_for, monkeypatch):
    make_contact(None)
    look()
    client, url = client_for("marketer"), reverse("contacts:duplicates")
    assert "changed since" not in client.get(url).content.decode()
    make_contact(None)
    assert "1 contact is new or changed since." in client.get(url).content.decode()
    monkeypatch.setattr("contacts.views.contact_list.MOST_COUNTED", 0)
    assert "Many contacts are new or changed since." in client.get(url).content.decode()


def test_looking_again_shows_its_progress_and_then_the_finds(client_for):
    make_contact(), make_contact()
    client, url = client_for("marketer"), reverse("contacts:duplicates")
    client.post(reverse("contacts:duplicates_look"))
    page = client.get(url).content.decode()
    assert "waits for a free worker" in page and "Look again" not in page
    again = client.post(reverse("contacts:duplicates_look"), follow=True).content.decode()
    assert "under way already" in again
    fragment = client.get(reverse("contacts:duplicates_progress"))
    assert "HX-Refresh" not in fragment
    DuplicateLook.objects.update(state="running", step=1)
    assert "Comparing e-mails" in client.get(url).content.decode()
    DuplicateLook.objects.update(step=0)
    rounds.work()
    assert client.get(reverse("contacts:duplicates_progress"))["HX-Refresh"] == "true"
    assert len(shown(client.get(url))) == 1


def test_a_look_that_broke_off_says_so(client_for):
    DuplicateLook.objects.create(id=1, state="failed", finished_at=timezone.now())
    assert "The last look broke off" in client_for("marketer").get(reverse("contacts:duplicates")).content.decode()


def test_the_list_costs_the_same_for_two_and_for_fifty(client_for, django_assert_max_num_queries):
    for n in range(60):
        make_contact(f"+3363998{n:04}"), make_contact(f"+3363998{n:04}")
    look()
    client, url = client_for("marketer"), reverse("contacts:duplicates")
    client.get(url)
    with django_assert_max_num_queries(17):
        first = client.get(url)
    assert len(first.context["rows"]) == 50
    second = client.get(url + first.context["page"].next_url)
    assert len(second.context["rows"]) == 10


def test_many_people_of_one_number_are_chosen_from(client_for):
    people = [make_contact(None, first_name=f"P{n}") for n in range(8)]
    for person in people:
        add_number(person, "+33465712210", kind="landline")
    look()
    find, client = Duplicate.objects.get(), client_for("marketer")
    page = client.get(reverse("contacts:duplicate", args=[find.pk])).content.decode()
    assert "usually shared" in page and page.count('name="contact"') == 8
    assert client.get(reverse("contacts:duplicates")).content.decode().count(reverse("contacts:duplicate", args=[find.pk])) == 1
    client.post(reverse("contacts:duplicate_aside", args=[find.pk]), {"aside": "1"})
    assert shown(client.get(reverse("contacts:duplicates"))) == []
    assert len(shown(client.get(reverse("contacts:duplicates"), {"aside": "1"}))) == 1
    client.post(reverse("contacts:duplicate_aside", args=[find.pk]), {"aside": "0"})
    assert len(shown(client.get(reverse("contacts:duplicates")))) == 1
    duplicates.tell_apart([people[0].pk, people[1].pk])
    contacts.delete(people[2])
    assert client.get(reverse("contacts:duplicate", args=[find.pk])).content.decode().count('name="contact"') == 7


def test_a_few_people_are_compared_at_once(client_for):
    find = find_of(make_contact(), make_contact())
    response = client_for("marketer").get(reverse("contacts:duplicate", args=[find.pk]))
    assert response.status_code == 302 and reverse("contacts:merge") in response["Location"]
