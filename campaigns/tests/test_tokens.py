"""Tokens: rendering, checking, hostile values."""

from types import SimpleNamespace

import pytest
from django.contrib.auth import get_user_model
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st

from campaigns.tokens import NAMES, SHARED, TOKENS, CustomToken, compiled, custom_keys, empty_in, fields_of, find, render, values_of, with_fallback
from contacts.models import Contact
from smsapp.common.models import Organisation

VALUES = {"contact.first_name": "Ana", "contact.last_name": "", "contact.organisation": "{contact.first_name}", "contact.blank": " \u00a0\n"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dear {contact.first_name},", "Dear Ana,"),
        ("{contact.first_name}{contact.first_name}", "AnaAna"),
        ("Dear {contact.last_name|friend}", "Dear friend"),
        ("Dear {contact.last_name}.", "Dear ."),
        ("At {contact.organisation}", "At {contact.first_name}"),  # a token inside a value stays text
        ("{contact.shoe_size|big} {0} {} {{x}} %s {contact.__class__}", "{contact.shoe_size|big} {0} {} {{x}} %s {contact.__class__}"),
        ("Dear {contact.blank|friend}{contact.blank}.", "Dear friend."),  # blanks are nothing
        ("{contact.first_name|}{contact.last_name|}", "Ana"),
        ("{contact.last_name|two\nlines}", "two\nlines"),
        ("{{contact.first_name}}", "{Ana}"),
        ("no token", "no token"),
        ("", ""),
    ],
)
def test_render_replaces_each_known_token_once(text, expected):
    assert render(text, VALUES) == expected


def test_find_and_empty():
    text = "{contact.first_name} {contact.last_name} {contact.last_name|x}"
    assert find(text) == ["contact.first_name", "contact.last_name", "contact.last_name"]
    assert empty_in(text, VALUES) == ["contact.last_name"]


PERSON = SimpleNamespace(
    id=None,
    first_name="Ana", last_name="", organisation="", email="", language="fr", birth_date=None, external_id="", sms_number=None, sms_country="",
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


# --- hostile values ---

HOSTILE = st.one_of(
    st.text(max_size=30),
    st.lists(st.sampled_from(["{", "}", "|", "%s", "%(x)s", "$1", "\\1", "\\g<0>", "\n", "\x00", "\x1b", "\u202e", "{contact.last_name}", "{0}", "{mailing.name|x}"])).map("".join),
)
PIECES = st.one_of(st.sampled_from([f"{{{name}}}" for name in ("contact.first_name", "contact.last_name", "mailing.name", "contact.unknown")]), HOSTILE)


@given(st.lists(PIECES), HOSTILE, HOSTILE, HOSTILE)
@example(["{contact.first_name}", "{contact.last_name}"], "{contact", ".last_name}", "x")
def test_values_stay_text_whatever_they_hold(pieces, first, last, mailing):
    text = "".join(pieces)
    values = {"contact.first_name": first, "contact.last_name": last, "mailing.name": mailing}
    assert render(text, values) == filled_slowly(text, values)
    personal = {name: value for name, value in values.items() if name.startswith("contact")}
    assert compiled(text, {"mailing.name": mailing})(personal) == render(text, values)


def filled_slowly(text, values):
    """From left to right by hand: what has been written is never looked at again."""
    done = ""
    while text:
        name = next((name for name in values if text.startswith((f"{{{name}}}", f"{{{name}|")) and "}" in text), None)
        inside = text[1 : text.index("}")] if name else ""
        if name is None or "{" in inside or inside.count("|") > 1:
            done, text = done + text[0], text[1:]
            continue
        done += values[name] if values[name].strip() else inside.partition("|")[2]
        text = text[len(inside) + 2 :]
    return done


def test_values_that_are_the_same_for_all_are_written_in_once():
    fill = compiled("{organisation.name} {contact.first_name} {organisation.phone|-}", {"organisation.name": "{contact.first_name}", "organisation.phone": " "})
    assert fill({"contact.first_name": "Ana"}) == "{contact.first_name} Ana -"
    assert compiled("{organisation.name}", {"organisation.name": "Us"})({}) == "Us"


# --- which there are ---


def test_every_token_says_what_it_reads():
    person = Contact(first_name="Ana", last_name="Bo", email="a@example.org", language="fr", sms_number="+33639980001", sms_country="GB", external_id="7")
    values = values_of(person)
    assert {token.name for token in TOKENS} == set(values)
    assert (values["contact.number"], values["contact.country"], values["contact.name"]) == ("+33639980001", "Royaume-Uni", "Ana Bo")
    for token in TOKENS:
        bare = SimpleNamespace(**{field: getattr(person, field) for field in token.fields})
        assert values_of(bare, fixed=[token]) == {token.name: values[token.name]}, token.name
    assert set(fields_of(TOKENS)) <= {field.name for field in Contact._meta.get_fields()}


def test_people_without_anything_have_empty_values():
    assert set(values_of(Contact()).values()) == {""}


def test_every_shared_token_has_a_value_and_may_be_empty():
    author = get_user_model()(first_name="Ada", last_name="Moe", email="ada@example.org")
    day = SimpleNamespace(strftime=lambda _format: "25/11/2026")
    us = Organisation(name="Red Cross", phone="01 23", email="us@example.org", website="example.org", address="1 rue X")
    full = SimpleNamespace(organisation=us, subject="Gala", campaign="Winter", day=day, sender="36111", author=author)
    assert {token.name: token.value(full) for token in SHARED} == {
        "organisation.name": "Red Cross", "organisation.phone": "01 23", "organisation.email": "us@example.org", "organisation.website": "example.org",
        "organisation.address": "1 rue X", "mailing.name": "Gala", "mailing.campaign": "Winter", "mailing.date": "25/11/2026", "sender.number": "36111",
        "sender.name": "Ada Moe", "sender.first_name": "Ada", "sender.last_name": "Moe", "sender.email": "ada@example.org",
    }  # fmt: skip
    nobody = SimpleNamespace(organisation=Organisation(name=""), subject="", campaign="", day=None, sender="", author=None)
    assert {token.value(nobody) for token in SHARED} == {""}


def test_names_are_never_taken_twice():
    assert len(NAMES) == len(TOKENS) + len(SHARED)
    assert {f"contact.{name}" for name in ("first_name", "last_name", "name", "organisation", "email", "language", "birth_date", "external_id")} <= NAMES


@pytest.mark.parametrize(
    ("name", "example"),
    [
        ("contact.first_name", "{contact.first_name|friend}"), ("contact.organisation", "{contact.organisation|your organisation}"),
        ("contact.custom.city", "{contact.custom.city|your town}"), ("contact.custom.level", ""), ("contact.birth_date", ""), ("contact.last_name", ""),
        ("mailing.date", ""), ("organisation.phone", ""), ("contact.nix", ""),
    ],
)  # fmt: skip
def test_a_fallback_is_advised_that_suits_the_token(name, example):
    assert with_fallback(name) == example


def test_every_fallback_that_is_advised_works_in_both_languages():
    for language in ("en", "fr"):
        with translation.override(language):
            examples = {name: with_fallback(name) for name in (*NAMES, "contact.custom.city")}
            for name, example in examples.items():
                assert not example or (find(example) == [name] and render(example, {name: " "}) == example.strip("{}").partition("|")[2])
    assert examples["contact.custom.city"] == "{contact.custom.city|votre ville}"
