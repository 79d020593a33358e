"""The claim judges each text again, set-wise: what was taken away since a text was queued is skipped with its reason."""

import asyncio

import pytest
from django.utils import timezone

from campaigns.models import Chunk, Message
from campaigns.pipeline import dispatch
from campaigns.pipeline.database import Database
from campaigns.pipeline.number_rules import NumberRules
from campaigns.tests.factories import make_message, make_people, make_provider, make_sending
from contacts.models import AllowedRange, Contact, PhoneNumber, Quarantine, Suppression
from contacts.services import numbers
from contacts.tests.factories import add_number, make_contact, make_group
from providers.models import Provider
from providers.services import providers

pytestmark = pytest.mark.django_db(transaction=True)


def claimed(provider, *, during=lambda: None):
    """{number: reason} of the texts in the provider's next chunk; `during` happens between the claim and the start."""

    async def take():
        async with Database() as database:
            claim = await dispatch.claim(database.connection, provider.pk, urgent_only=False)
            await asyncio.to_thread(during)
            return await dispatch.start(database.connection, claim, claim.size, snapshot)

    snapshot = providers.snapshot(provider.pk)
    return {text.number: text.why_not for text in asyncio.run(take())}


def merge(loser, winner):
    Contact.objects.filter(id=loser.id).update(merged_into=winner, deleted_at=timezone.now())


A, B = "+33639980001", "+33639980002"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda ana: Contact.objects.filter(id=ana.id).update(deceased=True), "deceased"),
        (lambda ana: Contact.objects.filter(id=ana.id).update(do_not_sms=True), "do_not_sms"),
        (lambda ana: Contact.objects.filter(id=ana.id).update(opted_out=True), "opted_out"),
        (lambda ana: Contact.objects.filter(id=ana.id).update(deleted_at=timezone.now()), "deleted"),
        (lambda ana: Suppression.objects.create(number=A, reason="staff"), "suppressed"),
        (lambda ana: Quarantine.objects.create(number=A, reason="hard"), "quarantined"),
        (lambda ana: Provider.objects.update(allowed_countries=["BE"]), "country_not_allowed"),
        (lambda ana: numbers.replace(ana, [("+33639980009", "mobile", True)]), "number_removed"),
        (lambda ana: numbers.replace(ana, [(A, "landline", True)]), "not_mobile"),
    ],
)
def test_what_changes_before_the_text_leaves_is_caught(change, reason):
    ana = make_contact(A)
    mailing = make_sending(make_group(ana))
    change(ana)
    assert claimed(mailing.provider) == {A: reason}


def test_countries_are_read_at_the_moment_of_the_stride():
    """The worker's picture of the provider may be seconds old."""
    mailing = make_sending(make_group(make_contact(A), make_contact("+447700900142")))
    taken = claimed(mailing.provider, during=lambda: Provider.objects.update(allowed_countries=["GB"]))
    assert taken == {A: "country_not_allowed", "+447700900142": None}


def test_a_text_to_nobody_tells_its_country_by_its_number():
    provider = make_provider(allowed_countries=["GB"])
    make_message(provider, A, kind=Message.Kind.TEST)
    make_message(provider, "+447700900142", kind=Message.Kind.TEST)
    assert {**claimed(provider), **claimed(provider)} == {A: "country_not_allowed", "+447700900142": None}


def test_a_second_number_of_a_person_is_judged_by_its_own_country():
    ana = make_contact(A)
    add_number(ana, "+447700900142")
    provider = make_provider(allowed_countries=["FR"])
    make_message(provider, "+447700900142", contact=ana)
    assert claimed(provider) == {"+447700900142": "country_not_allowed"}


def test_a_number_without_a_country_is_of_no_allowed_one():
    AllowedRange.objects.create(beginning="+8816")
    ana = make_contact("+881631555123")
    mailing = make_sending(make_group(ana))
    Provider.objects.update(allowed_countries=["FR"])
    assert claimed(mailing.provider) == {"+881631555123": "country_not_allowed"}


def test_numbers_for_fiction_never_reach_a_real_gateway():
    mailing = make_sending(make_people(1))
    chunk = Chunk.objects.get(mailing=mailing)
    real = make_provider(kind="twilio", options={"account_sid": "AC" + "0" * 32}, secrets={"auth_token": "x"})
    Chunk.objects.filter(id=chunk.id).update(provider=real)
    assert set(claimed(real).values()) == {"fictional_number"}


def test_sql_and_python_rules_say_the_same():
    samples = [A, "+33612345678", "+447700900142", "+447400123456", "+12125550123", "+12125551234", "+21649912345", "+881631555123", "+32470123456"]
    people = {number: make_contact(number) for number in samples}
    for rules in (NumberRules(frozenset(countries), real) for countries in ([], ["FR"], ["GB", "US"]) for real in (True, False)):
        in_sql = dict.fromkeys(samples)
        for code, condition in reversed(rules.reasons(number="number", country="country")):
            in_sql |= dict.fromkeys(PhoneNumber.objects.filter(condition, contact__in=people.values()).values_list("number", flat=True), code)
        assert in_sql == {number: rules.refusal(number) or None for number in samples}


# --- people who were merged since ---


def test_a_merged_person_is_judged_by_whom_they_became():
    ana, eve = make_contact(A), make_contact(B)
    mailing = make_sending(make_group(ana))
    add_number(eve, A)
    merge(ana, eve)
    assert claimed(mailing.provider) == {A: None}


@pytest.mark.parametrize(
    ("loser", "winner", "reason"),
    [
        ({}, {"deleted_at": timezone.now()}, "deleted"),
        ({}, {"deceased": True}, "deceased"),
        ({}, {"do_not_sms": True}, "do_not_sms"),
        ({}, {"opted_out": True}, "opted_out"),
        ({"opted_out": True}, {}, "opted_out"),  # the stricter word holds
        ({"do_not_sms": True}, {}, "do_not_sms"),
    ],
)
def test_what_is_said_of_either_holds_for_a_merged_person(loser, winner, reason):
    ana, eve = make_contact(A), make_contact(B)
    mailing = make_sending(make_group(ana))
    add_number(eve, A)
    merge(ana, eve)
    Contact.objects.filter(id=ana.id).update(**loser)
    Contact.objects.filter(id=eve.id).update(**winner)
    assert claimed(mailing.provider) == {A: reason}


def test_a_number_that_the_merge_did_not_keep_is_not_texted():
    ana, eve = make_contact(A), make_contact(B)
    mailing = make_sending(make_group(ana))
    merge(ana, eve)
    assert claimed(mailing.provider) == {A: "number_removed"}


def test_a_number_that_the_winner_keeps_as_a_landline_is_not_texted():
    ana, eve = make_contact(A), make_contact(B)
    mailing = make_sending(make_group(ana))
    merge(ana, eve)
    add_number(eve, A, kind="landline")
    assert claimed(mailing.provider) == {A: "not_mobile"}
