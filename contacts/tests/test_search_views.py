"""The builder's pages: each step is a post, whatever comes ends in a sentence, and what is found takes all actions of the list."""

import re

import pytest
from django.http import QueryDict
from django.urls import reverse

from contacts import selection
from contacts.models import CustomField, Group
from contacts.smart import addresses, counting, rules
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db
FRENCH = {"all": [{"q": "language", "test": "is", "value": ["fr"]}]}
URL = "/contacts/search/"


def form(**changes):
    """Rule 2 in the root asks for the language, rule 4 in group 3 for the birthday."""
    return {
        "node": ["r2.1", "b3.1", "r4.3"], "how-1": "all", "q-2": "language", "test-2": "is", "w-2": "language/choices/choices", "v-2": ["fr"],
        "how-3": "none", "q-4": "birthday", "test-4": "coming", "w-4": "birthday/whole/whole", "v-4": ["7"],
    } | changes  # fmt: skip


def state(html):
    """What the fields of a rendered builder would post."""
    data = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html):
        data.setdefault(name, []).append(value)
    return data


def places(html):
    """The questions with their places."""
    return re.findall(r'id="rule-([\d.]+)"[^>]*aria-label="[^"]*?(?:: ([^"]+))?"', html)


def words_of(client, data):
    answer = client.post(URL, data | {"do": "show"})
    assert answer.status_code == 302, answer.content.decode()
    packed = re.search(r"rules=([\w-]+)", answer["Location"])[1]
    return rules.parse(addresses.unpack(packed)).words()


def test_the_builder_opens_with_a_rule_to_choose(client_for):
    html = client_for("viewer").get(URL).content.decode()
    assert "What do you want to ask?" in html and "Custom fields" not in html and 'id="people"' not in html
    CustomField.objects.create(key="level", label="Level", type="choice", choices=["gold"])
    CustomField.objects.create(key="old", label="Old one", type="text", archived=True)
    html = client_for("viewer").get(URL).content.decode()
    assert "Custom fields" in html and "Level" in html and "Old one" not in html


def test_the_count_says_person_of_one(client_for):
    make_contact(first_name="Ann", language="fr")
    counted = client_for("viewer").post("/contacts/search/count/", form()).content.decode()
    assert '1 <span class="visually-hidden">person</span>' in counted


def test_show_leads_to_an_address_that_has_the_people(client_for):
    make_contact(first_name="Ann", language="fr")
    make_contact(first_name="Bob", language="en")
    client = client_for("viewer")
    answer = client.post(URL, form(do="show"))
    html = client.get(answer["Location"].partition("#")[0]).content.decode()
    assert "Ann" in html and "Bob" not in html and "1 contact" in html
    assert 'name="v-2" value="fr" checked' in html and 'value="7"' in html


@pytest.mark.parametrize(
    ("do", "wanted"),
    [
        ("add-rule:1", [("1", "Language"), ("2.1", "Birthday"), ("3", "")]),
        ("add-rule:3", [("1", "Language"), ("2.1", "Birthday"), ("2.2", "")]),
        ("add-group:3", [("1", "Language"), ("2.1", "Birthday"), ("2.2.1", "")]),
        ("remove:2", [("1.1", "Birthday")]),
        ("remove:3", [("1", "Language")]),
        ("up:4", [("1", "Language"), ("2", "Birthday")]),
        ("down:4", [("1", "Language"), ("3", "Birthday")]),
        ("down:2", [("1.1", "Language"), ("1.2", "Birthday")]),
        ("up:3", [("1.1", "Birthday"), ("2", "Language")]),
        ("ask:2:age", [("1", "Age"), ("2.1", "Birthday")]),
        ("ask:2", [("1", ""), ("2.1", "Birthday")]),
        ("up:2", [("1", "Language"), ("2.1", "Birthday")]),
        ("remove:1", [("1", "Language"), ("2.1", "Birthday")]),
        ("fly:2", [("1", "Language"), ("2.1", "Birthday")]),
        ("up:99", [("1", "Language"), ("2.1", "Birthday")]),
        ("up:x", [("1", "Language"), ("2.1", "Birthday")]),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Target": "builder"}], ids=["page", "fragment"])
def test_each_step_is_a_post(client_for, do, wanted, headers):
    answer = client_for("viewer").post(URL, form(do=do), headers=headers)
    html = answer.content.decode()
    assert [(place, name) for place, name in places(html) if place != "0"] == wanted
    assert ("<html" in html) is not headers
    assert ("HX-Trigger-After-Settle" in answer) is bool(headers)


def test_groups_nest_five_deep_and_no_deeper(client_for):
    client = client_for("viewer")
    data = {"node": ["r2.1"], "q-2": "language"}
    for _n in range(7):
        ids = [int(node[1:].partition(".")[0]) for node in data["node"] if node[0] == "b"]
        data["do"] = f"add-group:{max(ids, default=1)}"
        html = client.post(URL, data).content.decode()
        data = state(html)
    assert 'id="rule-2.2.2.2.1"' in html and 'id="rule-2.2.2.2.2' not in html
    assert words_of(client, form()) == "Language is French and not (Birthday within the next 7 days)"


def test_what_was_entered_for_another_question_is_dropped(client_for):
    html = client_for("viewer").post(URL, form(**{"test-4": "on"})).content.decode()
    assert 'id="v-4"' in html and 'maxlength="2" value=""' in html
    html = client_for("viewer").post(URL, form(**{"test-4": "within"})).content.decode()
    assert 'value="7"' in html


def test_all_faults_are_told_at_once_at_their_rules(client_for):
    html = client_for("viewer").post(URL, form(do="show", **{"v-2": [], "v-4": ["soon"], "node": ["r2.1", "b3.1", "r4.3", "r5.1"]})).content.decode()
    assert "3 rules need a look" in html
    assert 'href="#rule-1"' in html and 'href="#rule-2.1"' in html and 'href="#rule-3"' in html
    assert "Choose at least one." in html and "Not a number" in html and "Choose what to ask." in html


HOSTILE = [
    {"node": ["r2.1"] * 3 + ["b3.3", "r4.99", "x5.1", "r", "b.1", "r1.1", "b9999999.1", "r-2.1", "r٣.1"]},
    {"node": [f"r{n}.1" for n in range(2, 1000)]},
    {"node": [f"b{n}.{n - 1}" for n in range(2, 90)]},
    {"node": ["r2.1"], "q-2": "x" * 5000, "test-2": "\0", "v-2": ["\0"] * 500},
    {"node": ["r2.1"], "q-2": "custom.x", "how-1": "<script>"},
    {"node": ["r2.1"], "q-2": "group", "test-2": "any", "w-2": "group/rows/rows", "v-2": ["1e9", "-1", "9" * 30, "<b>"]},
    {"node": ["r2.1"], "q-2": "birthday", "test-2": "on", "w-2": "birthday/day_month/day_month", "v-2": ["31"]},
    {"node": ["r2.1"], "q-2": "birth_date", "test-2": "between", "w-2": "birth_date/pair/date", "v-2": []},
    {},
]


@pytest.mark.parametrize("data", HOSTILE)
@pytest.mark.parametrize("do", ["", "show", "save", "add-group:1", "down:2"])
def test_hostile_forms_end_in_a_page(client_for, data, do):
    client = client_for("author")
    assert client.post(URL, data | {"do": do, "name": "X"}).status_code == 200
    assert client.post(f"{URL}count/", data).status_code == 200


@pytest.mark.parametrize(
    "packed", ["x", "{", '{"all":[]}', '{"q":"shoe"}', "[" * 4000, "é", addresses.pack({"all": [{"q": "group", "test": "any", "value": [404]}]})]
)
def test_addresses_that_make_no_sense_find_nobody(client_for, packed):
    make_contact(first_name="Ann")
    client = client_for("marketer")
    html = client.get(URL, {"rules": packed}).content.decode()
    assert "needs a look" in html and 'id="people"' not in html
    listed = client.get(reverse("contacts:list"), {"rules": packed})
    assert listed.status_code == 200 and not listed.context["page"]
    data = QueryDict(mutable=True)
    data.update({"all": "1", "rules": packed})
    assert not selection.chosen(data, listed.wsgi_request.user).exists()


def test_the_count_is_exact_and_in_words(client_for):
    make_contact(language="fr")
    html = client_for("viewer").post(f"{URL}count/", form()).content.decode()
    assert ">1 <" in html and "Language is French and not (Birthday within the next 7 days)" in html and "moved-on" not in html
    html = client_for("viewer").post(f"{URL}count/", form(shown="other")).content.decode()
    assert "The rules have changed since" in html
    html = client_for("viewer").post(f"{URL}count/", form(**{"v-2": []})).content.decode()
    assert "Not counted yet. Rule 1: Language: Choose at least one." in html


def test_a_count_that_takes_long_is_told(client_for, monkeypatch):
    monkeypatch.setattr(counting, "count_people", lambda people: counting.Counted(10_000, more=True))
    assert "10,000+" in client_for("viewer").post(f"{URL}count/", form()).content.decode()
    monkeypatch.setattr(counting, "count_people", lambda people: counting.Counted(None))
    assert "Counting takes long" in client_for("viewer").post(f"{URL}count/", form()).content.decode()


def test_save_as_smart_group(client_for):
    client = client_for("author")
    assert "Give the group a name" in client.post(URL, form(do="save", name=" ")).content.decode()
    assert not Group.objects.exists()
    answer = client.post(URL, form(do="save", name="French"))
    group = Group.objects.get()
    assert answer["Location"] == reverse("contacts:group", args=[group.pk])
    assert group.is_smart and group.state == Group.State.WAITING
    assert group.rules == {"all": [*FRENCH["all"], {"none": [{"q": "birthday", "test": "coming", "value": 7}]}]}
    assert "already has this name" in client.post(URL, form(do="save", name="French")).content.decode()
    html = client.post(URL, form(do="save", name="Other", **{"v-2": []})).content.decode()
    assert "needs a look" in html and 'value="Other"' in html
    assert Group.objects.count() == 1


def test_who_may_not_make_groups_cannot_save(client_for):
    client = client_for("staff")
    assert "Save as smart group" not in client.get(URL).content.decode()
    client.post(URL, form(do="save", name="X"))
    assert not Group.objects.exists()


def test_rules_of_a_group_are_changed(client_for):
    group = Group.objects.create(name="French", kind="smart", rules=FRENCH)
    client, url = client_for("author"), reverse("contacts:group_rules", args=[group.pk])
    html = client.get(url).content.decode()
    assert 'value="fr" checked' in html and "Save rules" in html
    client.post(url, form(do="save"))
    group.refresh_from_db()
    assert len(group.rules["all"]) == 2 and group.name == "French"
    shown = client.post(url, form(do="show"))
    assert shown["Location"].startswith(url)
    circle = {"node": ["r2.1"], "q-2": "group", "test-2": "any", "w-2": "group/rows/rows", "v-2": [group.pk]}
    assert "cannot ask for its own members" in client.post(url, circle | {"do": "save"}).content.decode()
    assert client.get(reverse("contacts:group_rules", args=[make_group().pk])).status_code == 404
    assert client_for("staff").get(url).status_code == 403


def test_a_search_costs_the_same_queries_for_one_and_for_fifty(client_for, django_assert_max_num_queries):
    group = make_group(*[make_contact(f"+3363998{n:04}", language="fr") for n in range(60)])
    tree = {"all": [*FRENCH["all"], {"any": [{"q": "group", "test": "any", "value": [group.pk]}, {"q": "texted", "test": "within", "value": 30}]}]}
    client = client_for("marketer")
    with django_assert_max_num_queries(33):
        response = client.get(URL, {"rules": addresses.pack(tree)})
    assert len(response.context["page"]) == 50


def test_many_rules_ask_the_database_no_more_often(client_for, django_assert_max_num_queries):
    for n in range(5):
        make_group(name=f"G{n}")
    ids = list(Group.objects.values_list("pk", flat=True))
    tree = {"any": [{"q": "group", "test": "any", "value": [ids[n % 5]]} for n in range(20)]}
    client = client_for("marketer")
    with django_assert_max_num_queries(33):
        client.get(URL, {"rules": addresses.pack(tree)})


def test_an_archived_group_keeps_its_name_in_rules(client_for):
    group = make_group(name="Choir", archived=True)
    answer = client_for("viewer").get(URL, {"rules": addresses.pack({"q": "group", "test": "any", "value": [group.pk]})})
    assert "Choir (no longer offered)" in answer.content.decode() and answer.context["words"] == "is in Choir"


def test_hostile_names_in_rules_are_shown_as_text(client_for):
    make_group(make_contact(), name="<u>group</u>")
    tree = {"all": [{"q": "group", "test": "any", "value": [Group.objects.get().pk]}, {"q": "last_name", "test": "is", "value": "<script>alert(1)</script>"}]}
    html = client_for("marketer").get(URL, {"rules": addresses.pack(tree)}).content.decode()
    assert "<u>group" not in html and "<script>alert" not in html and "&lt;u&gt;group" in html


def test_a_step_without_script_leaves_the_people_shown(client_for):
    make_contact(first_name="Inès", language="fr")
    packed = addresses.pack(FRENCH)
    html = client_for("viewer").post(URL, form(do="add-rule:1", shown=packed)).content.decode()
    assert "Inès" in html and f'name="shown" value="{packed}"' in html
    assert client_for("viewer").post(URL, form(do="add-rule:1", shown="nonsense")).status_code == 200
