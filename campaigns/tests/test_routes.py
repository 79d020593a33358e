"""Rules followed by texts of every kind when they are prepared or queued."""

from collections import Counter
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Chunk, Exclusion, Message, Routing
from campaigns.pipeline import finish
from campaigns.services import mailings, quick_send, test_send
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import make_mailing, make_people, make_provider, make_ready, make_sending
from campaigns.tests.routed import BRITISH, FRENCH, facts, rule, send, two_countries, ways
from campaigns.tests.working import rows_equal_figures
from campaigns.texts import Texts
from contacts.tests.factories import make_contact, make_group
from providers.models import Provider

pytestmark = pytest.mark.django_db(transaction=True)
S = MessageStatus


# --- mailings ---


def test_a_mailing_parts_by_country(gateways, gateway, short_slices):
    home, abroad = gateways
    rule(abroad, countries=["GB"], sender="ABROAD")
    mailing = make_sending(two_countries(), provider=home)
    assert ways(mailing) == {FRENCH: (home.pk, "36111"), BRITISH: (abroad.pk, "ABROAD")}
    assert {(chunk.provider_id, chunk.sender, chunk.size) for chunk in mailing.chunks.all()} == {(home.pk, "", 1), (abroad.pk, "ABROAD", 1)}
    send(home, abroad)
    assert Counter(Message.objects.values_list("status", flat=True)) == {S.SENT: 2}
    assert rows_equal_figures(mailing)
    assert facts(Message.objects.get(number=BRITISH))["countries"] == ["GB"]
    assert Message.objects.get(number=FRENCH).routing is None


def test_without_a_rule_about_mailings_nothing_is_asked_and_nothing_is_kept(gateways):
    home, abroad = gateways
    rule(abroad, kinds=["test"])
    rule(abroad, active=False)
    mailing = make_ready(two_countries(), provider=home)
    assert {provider for provider, _sender in ways(mailing).values()} == {home.pk}
    assert not Routing.objects.exists()


def test_one_query_more_whatever_the_number_of_people(gateways):
    home, abroad = gateways

    def count(people):
        mailing = mailings.prepare(make_mailing(make_people(people), provider=home), None)
        from campaigns.pipeline.prepare import prepare

        with CaptureQueriesContext(connection) as queries:
            prepare(mailing.pk)
        return len(queries)

    rule(abroad, countries=["FR"], keep_sender=True)
    count(2)
    assert count(5) == count(30)


def test_whom_the_routed_gateway_may_not_text_is_left_out_and_whom_it_may_is_not(gateways):
    home, abroad = gateways
    Provider.objects.filter(pk=home.pk).update(allowed_countries=["FR"])
    home.refresh_from_db()
    people = make_group(make_contact(FRENCH), make_contact(BRITISH), make_contact("+12025550101"))
    rule(abroad, countries=["GB"])
    mailing = make_ready(people, provider=home)
    assert set(ways(mailing)) == {FRENCH, BRITISH}
    assert Exclusion.objects.get(mailing=mailing).reason == "country_not_allowed"


def test_numbers_for_examples_go_through_a_stand_in_only(gateways):
    home, _abroad = gateways
    real = make_provider(kind="twilio", senders=["+33700000001"], options={"account_sid": "AC" + "0" * 32}, secrets={"auth_token": "x"})
    rule(real, countries=["GB"])
    mailing = make_ready(two_countries(), provider=home)
    assert set(ways(mailing)) == {FRENCH}
    assert Exclusion.objects.get(mailing=mailing).reason == "fictional_number"


def test_people_keep_the_sender_that_last_texted_them(gateway, short_slices):
    provider = make_provider(senders=["36111", "CHOIR"])
    first, second = make_contact(FRENCH), make_contact(BRITISH)
    send_one = make_sending(make_group(first), provider=provider, sender="CHOIR")
    send(provider)
    assert send_one.pk
    rule(None, keep_sender=True)
    mailing = make_ready(make_group(first, second), provider=provider)
    assert ways(mailing) == {FRENCH: (provider.pk, "CHOIR"), BRITISH: (provider.pk, "36111")}
    assert facts(Message.objects.get(mailing=mailing, number=FRENCH))["kept"] is True
    Provider.objects.update(senders=["36111"])
    later = make_ready(make_group(first), provider=Provider.objects.get(pk=provider.pk))
    assert ways(later) == {FRENCH: (provider.pk, "36111")}


def test_what_a_killed_preparation_left_is_completed_the_same_way(gateways, monkeypatch):
    from campaigns.pipeline import prepare as stage

    home, abroad = gateways
    rule(abroad, countries=["FR"])
    monkeypatch.setattr(stage, "BATCH", 3)
    mailing = make_ready(make_people(10), provider=home)
    assert Counter(provider for provider, _sender in ways(mailing).values()) == {abroad.pk: 10}
    assert mailing.targeted == 10


def test_pause_cancel_and_turns_hold_for_all_its_gateways(gateways):
    home, abroad = gateways
    rule(abroad, countries=["GB"])
    mailing = make_sending(two_countries(), provider=home)
    assert set(Chunk.objects.values_list("state", flat=True)) == {1}
    mailings.pause(mailing, None)
    assert set(Chunk.objects.values_list("state", flat=True)) == {0}
    mailing.refresh_from_db()
    mailings.cancel(mailing, None)
    finish.finish()
    assert Counter(Message.objects.values_list("status", flat=True)) == {S.CANCELLED: 2}


# --- one-off texts and tests ---


def one_off(provider, *contacts, **changes):
    recipients = [(contact.pk, contact.numbers.get().number) for contact in contacts]
    words = {"author": None, "sender": provider.senders[0], "subject": "Hello", "texts": Texts("Hello"), "key": "k1"}
    return quick_send.queue(provider=provider, recipients=recipients, **{**words, **changes})


def test_one_off_texts_part_too_and_a_double_click_stays_one(gateways):
    home, abroad = gateways
    rule(abroad, countries=["GB"], kinds=["one_off"])
    people = [make_contact(FRENCH), make_contact(BRITISH)]
    for _click in range(2):
        rows = one_off(home, *people)
    assert {row.number: row.provider_id for row in rows} == {FRENCH: home.pk, BRITISH: abroad.pk}
    assert Message.objects.count() == 2
    assert {chunk.provider_id for chunk in Chunk.objects.all()} == {home.pk, abroad.pk}


def test_a_one_off_is_measured_by_the_gateway_that_it_takes(gateways):
    home, abroad = gateways
    Provider.objects.filter(pk=abroad.pk).update(max_segments=1)
    rule(abroad, countries=["GB"])
    (row,) = one_off(home, make_contact(BRITISH), texts=Texts("a" * 200))
    assert row.provider_id == home.pk


def test_tests_follow_their_rules_and_the_test_of_a_provider_does_not(gateways):
    home, abroad = gateways
    rule(abroad, kinds=["test"])
    trial = test_send.Trial(Texts("Hello"), home, "36111", 3)
    test_send.send_as(trial, None, [FRENCH], None, key=str(uuid4()))
    assert Message.objects.get().provider == abroad
    assert test_send.send(home, FRENCH, "Hello", None, key=str(uuid4())).provider == home
