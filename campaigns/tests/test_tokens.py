"""Tokens: rendering, checking, hostile values."""

from types import SimpleNamespace

import pytest

from campaigns.tokens import CustomToken, check, custom_keys, empty_in, find, render, values_of

VALUES = {"contact.first_name": "Ana", "contact.last_name": "", "contact.organisation": "{contact.first_name}"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dear {contact.first_name},", "Dear Ana,"),
        ("{contact.first_name}{contact.first_name}", "AnaAna"),
        ("Dear {contact.last_name|friend}", "Dear friend"),
        ("Dear {contact.last_name}.", "Dear ."),
        ("At {contact.organisation}", "At {contact.first_name}"),  # a token inside a value stays text
        ("{contact.shoe_size|big} {0} {} {{x}} %s {contact.__class__}", "{contact.shoe_size|big} {0} {} {{x}} %s {contact.__class__}"),
        ("no token", "no token"),
        ("", ""),
    ],
)
def test_render_replaces_each_known_token_once(text, expected):
    assert render(text, VALUES) == expected


def test_unknown_token_is_named_with_a_suggestion():
    (problem,) = check("Hi {contact.frist_name}")
    assert (problem.start, problem.suggestion) == (3, "{contact.first_name}")
    assert "{contact.frist_name} is not a token" in problem.message


@pytest.mark.parametrize("text", ["{first name}", "{ contact.first_name }", "{Contact.First_Name}", "{contact first_name}"])
def test_a_token_written_wrongly_is_not_sent_as_text(text):
    assert check(text)


@pytest.mark.parametrize("text", ["{contact.first_name|dear friend}", "a {smile} b", "{}", "if (x) { y }", "{:-}"])
def test_known_tokens_and_ordinary_braces_pass(text):
    assert check(text) == []


def test_find_and_empty():
    text = "{contact.first_name} {contact.last_name} {contact.last_name|x}"
    assert find(text) == ["contact.first_name", "contact.last_name", "contact.last_name"]
    assert empty_in(text, VALUES) == ["contact.last_name"]


PERSON = SimpleNamespace(
    first_name="Ana", last_name="", organisation="", email="", language="fr", birth_date=None, external_id="",
    custom={"joined": "2026-08-01", "member": True, "points": 12.5, "level": "{contact.first_name}"},
)  # fmt: skip
CUSTOM = [CustomToken(f"contact.custom.{key}", key, kind, "") for key, kind in [("joined", "date"), ("member", "yes_no"), ("points", "number"), ("level", "text"), ("gone", "text")]]


def test_custom_values_are_written_in_the_language_of_the_person():
    text = "{contact.custom.joined} {contact.custom.member} {contact.custom.points} {contact.custom.level} {contact.custom.gone|-}"
    assert render(text, values_of(PERSON, CUSTOM)) == "01/08/2026 oui 12,5 {contact.first_name} -"


def test_people_without_a_language_get_that_of_the_organisation():
    person = SimpleNamespace(**{**vars(PERSON), "language": ""})
    assert render("{contact.custom.member}", values_of(person, CUSTOM, "fr")) == "oui"
    assert render("{contact.custom.member}", values_of(person, CUSTOM, "en")) == "yes"


def test_custom_tokens_are_known_by_name_only():
    assert custom_keys("{contact.custom.level} {contact.custom.a.b} {contact.first_name}") == {"level", "a.b"}
    (problem,) = check("{contact.custom.lvel}", {"contact.custom.level", "contact.first_name"})
    assert problem.suggestion == "{contact.custom.level}"
    assert check("{contact.custom.level}")
