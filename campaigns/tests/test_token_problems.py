"""Tokens that cannot be filled: found while they are typed, each with what was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.token_problems import check
from campaigns.tokens import NAMES, find

KNOWN = {*NAMES, "contact.custom.level", "contact.custom.ville"}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("{contact.frist_name}", "{contact.first_name}"),
        ("{contact.frist_name|dear friend}", "{contact.first_name|dear friend}"),
        ("{contact.first_name|a|b}", "{contact.first_name|a/b}"),
        ("{Contact.First_Name}", "{contact.first_name}"),
        ("{CONTACT.FIRST_NAME|x}", "{contact.first_name|x}"),
        ("{ contact.first_name }", "{contact.first_name}"),
        ("{contact . first_name}", "{contact.first_name}"),
        ("{contact.first name}", "{contact.first_name}"),
        ("{contact first_name}", "{contact.first_name}"),
        ("{contact.first_name\u200b}", "{contact.first_name}"),
        ("{\u00a0contact.first_name}", "{contact.first_name}"),
        ("{contat.first_name}", "{contact.first_name}"),
        ("{contact_first_name}", "{contact.first_name}"),
        ("{contact.firstname}", "{contact.first_name}"),
        ("{first_name}", "{contact.first_name}"),
        ("{first name}", "{contact.first_name}"),
        ("{First Name|friend}", "{contact.first_name|friend}"),
        ("{prénom}", "{contact.first_name}"),
        ("{Prénom|toi}", "{contact.first_name|toi}"),
        ("{nom de famille}", "{contact.last_name}"),
        ("{name}", "{contact.name}"),
        ("{email}", "{contact.email}"),
        ("{contact.custom.lvel}", "{contact.custom.level}"),
        ("{contact.level}", "{contact.custom.level}"),
        ("{custom.ville}", "{contact.custom.ville}"),
        ("{sender.firstname}", "{sender.first_name}"),
        ("{organization.name}", "{organisation.name}"),
        ("{mailing.datte}", "{mailing.date}"),
        ("{contact.first_name,friend}", "{contact.first_name|friend}"),
        ("{contact.first_name, dear friend}", "{contact.first_name|dear friend}"),
        ("{contact.first_name:friend}", "{contact.first_name|friend}"),
        ("{contact.custom.level;none}", "{contact.custom.level|none}"),
        ("[contact.first_name]", "{contact.first_name}"),
        ("[contact.first_name|friend]", "{contact.first_name|friend}"),
        ("[[contact.first_name]]", "{contact.first_name}"),
        ("((contact.first_name))", "{contact.first_name}"),
        ("(contact.firstname)", "{contact.first_name}"),
        ("<Contact.First_Name>", "{contact.first_name}"),
        ("%contact.first_name%", "{contact.first_name}"),
        ("%contact.custom.ville%", "{contact.custom.ville}"),
        ("{contact.__class__}", ""),
        ("{contact.xyzzy}", ""),
    ],
)  # fmt: skip
def test_what_was_meant(written, meant):
    (problem,) = check(f"Hi {written} bye", KNOWN)
    assert (problem.start, problem.token, problem.suggestion) == (3, written, meant)
    assert f"{written} is not a token." in problem.message
    if meant:
        assert problem.message.endswith(f"Did you mean {meant}?")
        assert check(meant, KNOWN) == []


@pytest.mark.parametrize("text", ["{contact.first_name|dear friend}", "a {smile} b", "{}", "if (x) { y }", "{:-}", "{see you soon}", "{1}", "{ }", "{|}", "{a-b}", "(contact.me)", "[contact us]", "(see contact.example)", "50% contact.us 20%", "({contact.first_name})", "{" * 50, "}" * 50])
def test_known_tokens_and_ordinary_braces_pass(text):
    assert check(text, KNOWN) == []


@pytest.mark.parametrize("text", ["Hi {contact.first_name", "Hi {contact.first_name, {contact.last_name}", "Hi {contact.first_name|friend", "Hi {contact.first_name\nbye"])
def test_a_token_that_is_not_closed_is_said(text):
    (problem,) = check(text, KNOWN)
    assert (problem.start, problem.token, problem.suggestion) == (3, "{contact.first_name", "")
    assert "is not closed. Write } behind it." in problem.message


@pytest.mark.parametrize("text", ["Hi {contact.first_name|{contact.last_name}}", "Hi {contact.first_name|dear {contact.last_name} or so}"])
def test_a_fallback_that_holds_another_token_is_said(text):
    (problem,) = check(text, KNOWN)
    assert (problem.start, problem.token, problem.suggestion) == (3, text[3:], "")
    assert problem.message.startswith("{contact.last_name} stands behind a bar: what people read instead cannot hold another token.")


def test_a_custom_field_in_other_braces_is_looked_for_among_those_of_the_installation():
    assert check("[contact.custom.ville]")


def test_all_are_told_in_their_order():
    assert [problem.token for problem in check("{contact.x} {contact.first_name {contact.y} {sender.z|" + "f" * 200 + "}", KNOWN)][:3] == [
        "{contact.x}", "{contact.first_name", "{contact.y}",
    ]  # fmt: skip
    assert len(check("{sender.z|" + "f" * 200 + "\n}")) == 1  # however long the fallback


@given(st.lists(st.sampled_from(["{", "}", "|", ".", "_", " ", "contact", "first_name", "sender", "é", "\n", "\u200b", "x"])).map("".join))
def test_a_text_without_problems_has_known_tokens_only(text):
    if not check(text, KNOWN):
        assert set(find(text)) <= KNOWN


@pytest.mark.parametrize("text", ["{" + "a_" * 900 + "-}", "{a" + " " * 1_900 + "!}", "{contact." + "x." * 900, "{contact." * 220, "[contact.a" * 200, "{contact.a|" * 180, "%contact.x" * 200, "[contact." + "x." * 900])
def test_long_nonsense_ends_soon(text):
    check(text, KNOWN)


def test_a_column_of_a_workflow_is_told_where_it_can_stand():
    found = check("Your {column.visits|few} visits")
    assert [problem.message for problem in found] == [
        "{column.visits|few} is a column of a workflow. Only the text of an SMS step can have it, once a query before that step adds the column."
    ]
    assert check("{column.visits} {column.visit}", {"column.visits"})[0].suggestion == "{column.visits}"
