"""Rules in addresses: short ones packed, long ones kept under an id; Back, reload and a copied link show a search again."""

import re
from datetime import timedelta
from hashlib import sha512

import pytest
from django.urls import reverse
from django.utils import timezone

from contacts.models import Group, KeptSearch
from contacts.smart import addresses, rules
from contacts.smart.problems import RulesProblem
from contacts.tests.factories import make_contact
from contacts.tests.test_search_views import FRENCH, URL, form

pytestmark = pytest.mark.django_db
WORDS = [sha512(f"{n}".encode()).hexdigest() for n in range(50)]
LONG = {"all": [{"q": "last_name", "test": "any", "value": ["Long", *WORDS[:49]]}, {"q": "first_name", "test": "any", "value": ["Ann", *WORDS[:0:-1]]}]}
IN_ADDRESS = 4_094  # what gunicorn takes


def long_form(**changes):
    return {
        "node": ["r2.1", "r3.1"], "how-1": "all", "q-2": "last_name", "test-2": "any", "w-2": "last_name/texts/texts",
        "v-2": "\n".join(LONG["all"][0]["value"]), "q-3": "first_name", "test-3": "any", "w-3": "first_name/texts/texts",
        "v-3": "\n".join(LONG["all"][1]["value"]),
    } | changes  # fmt: skip


def address_of(answer):
    return re.search(r'data-address="([^"]*)"', answer.content.decode())[1].replace("&amp;", "&")


def test_long_rules_are_shown_counted_and_saved(client_for):
    make_contact(first_name="Ann", last_name="Long")
    make_contact(first_name="Bob", last_name="Long")
    client = client_for("author")
    counted = client.post(f"{URL}count/", long_form())
    assert ">1 <" in counted.content.decode()
    shown = client.post(URL, long_form(do="show", name="é" * 100))["Location"].partition("#")[0]
    assert len(shown) < IN_ADDRESS and "~" in shown
    page = client.get(shown)
    assert [contact.first_name for contact in page.context["page"]] == ["Ann"]
    assert WORDS[0] in page.content.decode()
    packed = re.search(r"rules=([^&]+)", shown)[1].replace("%7E", "~")
    listed = client.get(reverse("contacts:list"), {"rules": packed, "q": "ann"})
    assert [contact.first_name for contact in listed.context["page"]] == ["Ann"]
    client.post(URL, long_form(do="save", name="Long"))
    assert Group.objects.get().rules == LONG


def test_the_same_rules_are_kept_once_and_last_as_long_as_they_are_used():
    text = addresses.pack(LONG)
    assert addresses.pack(LONG) == text and KeptSearch.objects.count() == 1
    now = timezone.now()
    KeptSearch.objects.update(used_at=now - timedelta(days=89))
    assert addresses.unpack(text) == LONG
    addresses.forget(now + timedelta(days=89))
    assert KeptSearch.objects.count() == 1
    addresses.forget(now + timedelta(days=91))
    with pytest.raises(RulesProblem, match="no longer kept"):
        addresses.unpack(text)


def test_a_forgotten_search_finds_nobody_and_says_so(client_for):
    make_contact(first_name="Ann")
    client = client_for("marketer")
    for text in ("~gone", "~", "~\0", "~" + "x" * 5_000):
        page = client.get(URL, {"rules": text, "draft": text})
        assert "no longer kept" in page.content.decode() and 'id="people"' not in page.content.decode()
        assert not client.get(reverse("contacts:list"), {"rules": text}).context["page"]


def test_rules_without_end_are_refused():
    rule = {"q": "last_name", "test": "any", "value": [f"{n}" * 100 for n in range(10, 60)]}
    with pytest.raises(RulesProblem, match="too long"):
        addresses.pack(rules.parse({"all": [rule] * 40}).as_json())


def test_the_count_tells_the_address_of_the_rules_under_work(client_for):
    make_contact(first_name="Ann", language="fr")
    client = client_for("author")
    shown = addresses.pack(FRENCH)
    address = address_of(client.post(f"{URL}count/", form(shown=shown, name="Friends")))
    page = client.get(URL + address)
    assert [contact.first_name for contact in page.context["page"]] == ["Ann"]  # those of the rules before
    assert 'value="7"' in page.content.decode() and 'value="Friends"' in page.content.decode()
    same = {"node": ["r2.1"], "how-1": "all", "q-2": "language", "test-2": "is", "w-2": "language/choices/choices", "v-2": ["fr"]}
    assert address_of(client.post(f"{URL}count/", same | {"shown": shown})) == f"?rules={shown}"


def test_unfinished_rules_are_in_the_address_too(client_for):
    client = client_for("viewer")
    address = address_of(client.post(f"{URL}count/", form(node=["r2.1", "b3.1", "r4.3", "r5.1"], **{"v-4": ["soon"]})))
    page = client.get(URL + address)
    html = page.content.decode()
    assert 'name="v-2" value="fr" checked' in html and 'id="rule-2.1"' in html and 'id="rule-3"' in html
    assert "need a look" not in html and "needs a look" not in html  # nobody asked yet
    assert address_of(client.post(f"{URL}count/", {"node": ["r2.1"]})) == ""


@pytest.mark.parametrize(
    "text", ["x", "\0", "{", '{"all": 7}', '{"q": 7, "test": [], "value": {}}', '{"none": [{"q": "group", "test": "any", "value": "\\ud800"}]}', "[]", "7"]
)
def test_addresses_of_drafts_that_make_no_sense_do_no_harm(client_for, text):
    assert client_for("viewer").get(URL, {"draft": text}).status_code == 200


def test_rules_under_work_of_a_group_come_back(client_for):
    group = Group.objects.create(name="French", kind="smart", rules=FRENCH)
    client = client_for("author")
    url = reverse("contacts:group_rules", args=[group.pk])
    html = client.get(url + address_of(client.post(f"{URL}count/", form()))).content.decode()
    assert 'value="7"' in html
