"""Why somebody may be texted, or not, in words; and that the screen says what the rules say."""

import re

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings

from contacts import eligibility, looks
from contacts.eligibility_rules import reasons, reasons_for_number
from contacts.explanations import WORDS
from contacts.services import consent, suppressions
from contacts.tests.factories import make_contact
from contacts.tests.generated import people, stored, worlds

pytestmark = pytest.mark.django_db

A = "+33639980001"


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode().split("<main", 1)[1])).replace("&#x27;", "'")


def page_of(client, contact):
    return text(client.get(reverse("contacts:why", args=[contact.pk])))


def test_each_role_that_sees_contacts_may_ask(client_for, client):
    contact = make_contact(A)
    url = reverse("contacts:why", args=[contact.pk])
    assert {role: client_for(role).get(url).status_code for role in ("viewer", "staff", "marketer", "administrator")} == dict.fromkeys(
        ("viewer", "staff", "marketer", "administrator"), 200
    )
    assert client.get(url).status_code == 302
    assert client_for("viewer").get(reverse("contacts:why", args=[10**9])).status_code == 404
    assert client_for("viewer").post(url).status_code == 405


def test_nothing_in_the_way(client_for):
    html = page_of(client_for("viewer"), make_contact(A))
    assert "Deceased: no" in html and "Suppressed: no" in html and ": yes" not in html
    assert html.count("Can be texted") == 2 and "+33 6 39 98 00 01" in html


def test_every_rule_that_applies_is_told_and_the_first_decides(client_for, user_for):
    contact = make_contact(A, do_not_sms=True, opted_out=True)
    suppressions.suppress(A, note="asked on the phone", author=user_for("marketer"))
    html = page_of(client_for("marketer"), contact)
    assert "Do not SMS: yes" in html and "Opted out: yes" in html and "Suppressed: yes" in html
    assert "blocked by staff (asked on the phone), since today at" in html and "by Marketer" in html and "History of the number" in html
    assert html.count("decides") == 2  # the sentence above the rules, and the pill of "do not SMS" for both kinds of text
    assert "History of the number" not in page_of(client_for("viewer"), contact)


def test_marketing_and_one_off_texts_may_differ(client_for):
    contact = make_contact(A, opted_out=True)
    html = page_of(client_for("viewer"), contact)
    assert "Mailings: Opted out" in html and "One-off texts: Can be texted" in html
    assert "decides for mailings" in html and "a one-off text about their own affairs is allowed" in html
    assert "Nobody noted since when" in html


def test_the_ledger_says_since_when(client_for, user_for):
    contact = make_contact(A)
    consent.opt_out(contact, source="form", own_act=True, author=user_for("staff"))
    html = page_of(client_for("viewer"), contact)
    assert "Opted out: yes" in html and "form or paper, by the recipient" in html


def test_unfit_numbers_are_named_with_their_line(client_for):
    html = page_of(client_for("viewer"), make_contact("+881631555123"))
    assert "Not a mobile: yes" in html and "line : satellite" in html.replace("line: ", "line : ")


def test_ended_blocks_stay_readable(client_for, user_for):
    contact = make_contact(A)
    entry, _new = suppressions.suppress(A, note="asked", author=user_for("marketer"))
    suppressions.lift(entry, because="wrong number", author=user_for("administrator"))
    html = page_of(client_for("marketer"), contact)
    assert "What blocked the numbers" in html and "wrong number" in html and html.count("Can be texted") == 2


def test_every_reason_has_a_meaning_and_a_remedy():
    assert set(WORDS) == set(eligibility.LABELS)
    assert all(str(meaning) and str(remedy) for meaning, remedy in WORDS.values())


def test_the_contact_page_leads_to_it(client_for):
    contact = make_contact(A)
    assert f'href="{reverse("contacts:why", args=[contact.pk])}"' in client_for("viewer").get(reverse("contacts:detail", args=[contact.pk])).content.decode()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(world=worlds, person=people().filter(lambda person: not person.deleted))
def test_the_screen_says_what_the_rules_say(client_for, world, person):
    client = client_for("viewer")
    with stored(world, person) as (one,):
        shown = client.get(reverse("contacts:detail", args=[one.contact.pk])).context
        asked = client.get(reverse("contacts:why", args=[one.contact.pk]))
        listed = client.get(reverse("contacts:list")).context["page"].items
    marketing, one_off = (reasons(person, world, marketing=kind) for kind in (True, False))
    pill = looks.of_reason(next(iter(marketing), None))
    assert shown["look"] == pill and [row.look for row in listed] == [pill]
    yes = looks.ONE_OFF if person.opted_out else looks.YES
    assert {row.number: row.look.word for row in shown["numbers"]} == {
        each.number: looks.of_reason(next(iter(reasons_for_number(person, each, world, marketing=False)), None), yes).word for each in person.numbers
    }
    assert dict(asked.context["answers"]) == {"marketing": pill, "one_off": looks.of_reason(next(iter(one_off), None))}
    assert [rule.code for rule in asked.context["decision"].rules if rule.applies] == marketing
    for code in eligibility.LABELS:
        if code in marketing:
            assert f"{eligibility.LABELS[code]}: yes" in text(asked)
