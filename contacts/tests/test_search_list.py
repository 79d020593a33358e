"""The search and the list of contacts: the list's filters become rules, rules stand in the list, and all who are found take its actions."""

import re

import pytest
from django.urls import reverse

from contacts.smart import addresses
from contacts.smart.patience import TookTooLong
from contacts.tests.factories import make_contact, make_group
from contacts.tests.test_search_views import FRENCH, URL, state
from contacts.views import contact_list, search

pytestmark = pytest.mark.django_db


def test_the_lists_filters_become_rules(client_for):
    group = make_group(make_contact(first_name="Ann", tags=["board"]), name="Choir")
    make_contact(first_name="Anna")
    client = client_for("viewer")
    page = client.get(reverse("contacts:list"), {"q": "ann", "group": group.pk, "sms": "yes", "tag": "board"})
    link = re.search(r'href="(/contacts/search/\?[^"]+)"', page.content.decode())[1].replace("&amp;", "&")
    answer = client.get(client.get(link)["Location"].partition("#")[0])
    assert answer.context["words"] == ("Name, organisation, e-mail, number or external id contains “ann” and is in Choir and Tags: board and Can get mailings: yes")
    assert [contact.first_name for contact in answer.context["page"]] == ["Ann"]


def test_the_list_shows_rules_as_a_chip_that_can_be_dropped(client_for):
    make_contact(first_name="Ann", language="fr")
    make_contact(first_name="Bob", language="en")
    answer = client_for("viewer").get(reverse("contacts:list"), {"rules": addresses.pack(FRENCH), "q": "a"})
    assert [contact.first_name for contact in answer.context["page"]] == ["Ann"]
    assert "Rules: Language is French" in answer.content.decode()
    assert {"words": "Rules: Language is French", "url": "?q=a"} in answer.context["chips"]


def test_all_that_match_can_be_added_to_a_group(client_for):
    for n in range(60):
        make_contact(None, first_name=f"P{n}", language="fr")
    make_contact(None, language="en")
    group, client = make_group(), client_for("author")
    data = {"all": "1", "rules": addresses.pack(FRENCH)}
    asked = client.post(reverse("contacts:add_to_group"), data).content.decode()
    assert "60 contacts" in asked
    client.post(reverse("contacts:add_to_group"), state(asked) | {"to": group.pk})
    assert group.memberships.count() == 60


@pytest.mark.parametrize("action", ["add_to_group", "tag_chosen"])
def test_from_an_action_one_gets_back_to_the_search(client_for, action):
    ann, group, client = make_contact(language="fr"), make_group(), client_for("author")
    packed = addresses.pack(FRENCH)
    for data in ({"all": "1", "rules": packed}, {"contact": [ann.pk], "rules": packed}):
        assert f'href="{URL}?rules={packed}"' in client.post(reverse(f"contacts:{action}"), data).content.decode()
    html = client.post(reverse(f"contacts:{action}"), {"contact": [ann.pk], "q": "a&b", "group": group.pk}).content.decode()
    assert f'href="/contacts/?q=a%26b&amp;group={group.pk}"' in html
    assert 'href="/contacts/">Back to the list' in client.post(reverse(f"contacts:{action}"), {"contact": [ann.pk]}).content.decode()


def test_people_who_take_too_long_to_find_are_told(client_for, monkeypatch):
    def slow(*args, **kwargs):
        raise TookTooLong

    monkeypatch.setattr(search, "people_table", slow)
    monkeypatch.setattr(contact_list, "people_table", slow)
    assert "takes long" in client_for("viewer").get(URL, {"rules": addresses.pack(FRENCH)}).content.decode()
    assert "The search was stopped" in client_for("viewer").get(reverse("contacts:list"), {"rules": addresses.pack(FRENCH)}).content.decode()
