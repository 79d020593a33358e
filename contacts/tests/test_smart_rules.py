"""Rules: hostile JSON ends in a sentence, good rules are said in words and survive an address."""

import json
import zlib
from base64 import urlsafe_b64encode

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import Contact, CustomField
from contacts.smart import addresses, rules
from contacts.smart.criteria import At, Catalogue
from contacts.smart.problems import RulesProblem
from contacts.tests.factories import make_group

pytestmark = pytest.mark.django_db
LEAF = {"q": "language", "test": "is", "value": ["fr"]}


def nested(depth):
    tree = LEAF
    for _level in range(depth):
        tree = {"all": [tree]}
    return tree


@pytest.mark.parametrize(
    ("raw", "code", "words"),
    [
        (None, "not_rules", "no rules"),
        ([], "not_rules", "no rules"),
        ("all", "not_rules", "no rules"),
        ({}, "not_rules", "no rules"),
        ({"all": {}}, "not_rules", "no rules"),
        ({"all": [], "any": []}, "not_rules", "no rules"),
        ({"all": [7]}, "not_rules", "Rule 1:"),
        ({"some": [LEAF]}, "not_rules", "no rules"),
        ({"all": []}, "empty", "no rule here"),
        ({"all": [LEAF, {"any": []}]}, "empty", "Rule 2:"),
        ({"all": [LEAF, {"any": [LEAF, {"q": "shoe", "test": "is"}]}]}, "unknown_question", "Rule 2.2: This question does not exist"),
        ({"q": "custom.gone", "test": "is", "value": "x"}, "unknown_question", "Rule 1:"),
        ({"q": ["language"], "test": "is"}, "unknown_question", "Rule 1:"),
        ({"q": "language", "test": "begins", "value": "f"}, "unknown_test", "Language cannot be compared like this"),
        ({"q": "language", "test": {}, "value": "f"}, "unknown_test", "Language"),
        ({"q": "language", "test": "is", "value": ["xx"]}, "bad_value", "“xx” cannot be chosen"),
        ({"q": "language", "test": "is", "value": []}, "bad_value", "Choose at least one"),
        ({"q": "language", "test": "is"}, "bad_value", "A list is expected"),
        ({"q": "last_name", "test": "is", "value": ""}, "bad_value", "Write what to look for"),
        ({"q": "last_name", "test": "is", "value": "\0\u200b"}, "bad_value", "Write what to look for"),
        ({"q": "last_name", "test": "is", "value": "x" * 201}, "bad_value", "201 characters"),
        ({"q": "last_name", "test": "any", "value": ["x"] * 51}, "bad_value", "at most 50"),
        ({"q": "birth_date", "test": "is", "value": "31/02/2000"}, "bad_value", "no such day"),
        *(({"q": "age", "test": "is", "value": age}, "bad_value", "Age: Write a number from 0 to 150") for age in ("9" * 20, 10**20, "1e30", "151", -1)),
        ({"q": "birth_date", "test": "is", "value": 5}, "bad_value", "Choose a date"),
        ({"q": "birth_date", "test": "between", "value": ["2000-01-02", "2000-01-01"]}, "bad_value", "Turn them round"),
        ({"q": "birth_date", "test": "between", "value": "2000-01-02"}, "bad_value", "Two values"),
        ({"q": "birthday", "test": "on", "value": "02-30"}, "bad_value", "February has no day 30"),
        ({"q": "birthday", "test": "on", "value": "٠٢-٠١"}, "bad_value", "Choose a day and a month"),
        ({"q": "birthday", "test": "coming", "value": 367}, "bad_value", "from 1 to 366"),
        ({"q": "texted", "test": "within", "value": 0}, "bad_value", "from 1 to"),
        ({"q": "texted", "test": "within", "value": 1.5}, "bad_value", "whole number"),
        ({"q": "texted", "test": "within", "value": True}, "bad_value", "another kind of value"),
        ({"q": "texted", "test": "within", "value": 10**400}, "bad_value", "Write a number from 1 to 36500"),
        ({"q": "age", "test": "at_least", "value": "1e9"}, "bad_value", "Write a number from 0 to 150"),
        ({"q": "deceased", "test": "is", "value": "perhaps"}, "bad_value", "Choose yes or no"),
        ({"q": "deceased", "test": "is", "value": 1}, "bad_value", "Choose yes or no"),
        ({"q": "group", "test": "any", "value": ["x"]}, "bad_value", "Choose at least one group"),
        ({"q": "group", "test": "any", "value": [True]}, "bad_value", "Choose at least one group"),
        ({"q": "group", "test": "any", "value": [2**63]}, "bad_value", "Choose at least one group"),
        ({"q": "group", "test": "any", "value": [999_999]}, "gone", "no longer exists"),
        (nested(6), "too_deep", "At most 5"),
        (nested(200), "too_deep", "At most 5"),
        ({"all": [LEAF] * 51}, "too_many", "At most 50"),
        ({"all": [{"any": [LEAF] * 26}, {"any": [LEAF] * 26}]}, "too_many", "At most 50"),
    ],
)
def test_what_cannot_be_used_is_said_with_the_rule_at_fault(raw, code, words):
    with pytest.raises(RulesProblem) as caught:
        rules.parse(raw)
    assert caught.value.code == code
    assert words in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.sampled_from(["fr", "2000-01-01", "02-29", "yes", 7]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["all", "any", "none", "not", "q", "test", "value", "x"]), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def catalogue():
    for kind in CustomField.Type.values:
        CustomField.objects.create(key=f"a_{kind}", label=kind, type=kind, choices=["gold", "silver"])
    return Catalogue()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_json_is_rules_that_run_or_a_sentence(data, catalogue):
    questions = list(catalogue)
    leaf = st.sampled_from(questions).flatmap(
        lambda question: st.fixed_dictionaries(
            {"q": st.just(question.name), "test": st.sampled_from([each.name for each in question.comparisons]), "value": JSON}
        )
    )
    raw = data.draw(st.one_of(JSON, leaf, st.fixed_dictionaries({"all": st.lists(leaf | JSON, max_size=3)})))
    try:
        found = rules.parse(raw, catalogue)
    except RulesProblem as problem:
        assert str(problem).strip()
        return
    list(Contact.objects.filter(found.condition(At.current())))
    assert found.words()
    assert rules.parse(addresses.unpack(addresses.pack(found.as_json())), catalogue).as_json() == found.as_json()


@settings(max_examples=100)
@given(text=st.text() | st.binary().map(lambda raw: urlsafe_b64encode(raw).decode()))
def test_any_packed_text_is_json_or_a_sentence(text):
    try:
        json.dumps(addresses.unpack(text))
    except RulesProblem as problem:
        assert problem.code == "unreadable"


def test_a_packed_bomb_is_refused():
    bomb = urlsafe_b64encode(zlib.compress(b"[" * 2_000_000, 9)).decode()
    for text in (bomb, "[" * 100_000, '{"all":' * 5_000, '{"all":[NaN]}', '{"all":' + "9" * 5_000 + "}", "é", "AAAA", ""):
        with pytest.raises(RulesProblem):
            addresses.unpack(text)


def test_rules_in_words():
    group = make_group(name="Choir")
    CustomField.objects.create(key="level", label="Level", type="choice", choices=["gold"], archived=True)
    tree = {
        "all": [
            LEAF,
            {"any": [{"q": "group", "test": "any", "value": [group.pk]}, {"q": "birthday", "test": "on", "value": "02-29"}]},
            {"none": [{"q": "texted", "test": "within", "value": 30}, {"q": "custom.level", "test": "is", "value": ["gold", "lead"]}]},
            {"q": "last_name", "test": "begins", "value": "Mar"},
            {"q": "age", "test": "between", "value": [18, 25]},
        ]
    }
    found = rules.parse(tree)
    assert found.as_json() == tree
    assert found.words() == (
        "Language is French and (is in Choir or Birthday is on 29 February) and not (Was texted within the last 30 days or Level is gold or lead)"
        " and Last name begins with “Mar” and Age is between 18 years and 25 years"
    )
    assert found.group_ids() == {group.pk}


def test_rules_in_french():
    with translation.override("fr"):
        said = rules.parse({"all": [LEAF, {"q": "texted", "test": "never"}]}).words()
    assert "français" in said.lower() and " et " in said


def test_not_is_none_of_one():
    assert rules.parse({"not": LEAF}).as_json() == {"none": [LEAF]}


def test_an_archived_field_is_read_and_not_offered():
    CustomField.objects.create(key="old", label="Old field", type="text", archived=True)
    catalogue = Catalogue()
    offered = {question.name for _category, group in catalogue.by_category() for question in group}
    assert "custom.old" not in offered and "language" in offered
    assert "Old field" in rules.parse({"q": "custom.old", "test": "filled"}, catalogue).words()
