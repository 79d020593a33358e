"""Rules followed by texts of every kind: prepared, queued, sent, passed on to another gateway, and told on the message's page."""

from collections import Counter
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Chunk, Exclusion, Message, Route, Routing
from campaigns.pipeline import deliver, finish
from campaigns.services import mailings, quick_send, retries, test_send
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import fictional, make_mailing, make_people, make_provider, make_ready, make_sending
from campaigns.tests.working import rows_equal_figures
from campaigns.texts import Texts
from contacts.tests.factories import make_contact, make_group
from providers.errors import Misconfigured, NotSent, Refused, Unknown
from providers.models import Provider

pytestmark = pytest.mark.django_db(transaction=True)
S = MessageStatus
FRENCH, BRITISH = fictional(1), "+447700900101"


def rule(provider=None, **changes):
    return Route.objects.create(provider=provider, **{"position": 10 * (Route.objects.count() + 1), **changes})


def two_countries():
    return make_group(make_contact(FRENCH), make_contact(BRITISH))


def ways(mailing):
    """{number: (provider, sender)} of a mailing's texts."""
    return {row.number: (row.provider_id, row.sender) for row in Message.objects.filter(mailing=mailing)}


def send(*providers, slices=2):
    for _slice in range(slices):
        for provider in providers:
            deliver.run_slice(provider.pk, urgent_only=False)
    finish.finish()


def facts(message):
    return message.routing.facts


@pytest.fixture
def gateways():
    return make_provider(name="Home"), make_provider(name="Abroad", senders=["+447700900999", "ABROAD"])


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


# --- fail-over ---


@pytest.mark.parametrize("error", [
    Refused("No.", reason="no_route"), Refused("No.", reason="country_not_allowed"), Misconfigured("401", reason="credentials"),
    Misconfigured("No credit.", reason="account"),
])  # fmt: skip
def test_what_another_gateway_can_cure_goes_on_there(gateways, gateway, short_slices, error):
    home, abroad = gateways
    rule(home)
    rule(abroad)
    mailing = make_sending(make_people(2), provider=home)
    gateway.errors = {fictional(0): error, fictional(1): error}
    send(home)
    assert {row.provider_id for row in Message.objects.all()} == {abroad.pk}
    assert Counter(Message.objects.values_list("status", flat=True)) == {S.OPEN: 2}
    send(abroad)
    assert Counter(Message.objects.values_list("status", flat=True)) == {S.SENT: 2}
    assert set(gateway.calls.values()) == {2}
    message = Message.objects.first()
    assert facts(message)["earlier"] == [{"id": home.pk, "provider": "Home", "reason": error.reason}]
    assert (message.sender, facts(message)["rule"]) == ("+447700900999", 2)
    assert rows_equal_figures(mailing)


@pytest.mark.parametrize("error", [
    Unknown("?", reason="no_answer"), Unknown("?", reason="not_reached"), Refused("No.", reason="invalid_number"), Refused("No.", reason="filtered"),
    NotSent("Later.", reason="not_reached", retry_after=1), NotSent("429", reason="throttled", throttled=True, retry_after=1),
])  # fmt: skip
def test_nothing_else_does_least_of_all_what_may_have_left(gateways, gateway, short_slices, error):
    home, abroad = gateways
    rule(home)
    rule(abroad)
    make_sending(make_people(1), provider=home)
    gateway.error = error
    send(home, slices=1)
    send(abroad)
    assert Message.objects.get().provider == home
    assert sum(gateway.calls.values()) == 1


def test_not_reached_goes_on_once_all_tries_are_used(gateways, gateway, short_slices):
    home, abroad = gateways
    rule(home)
    rule(abroad)
    make_sending(make_people(1), provider=home)
    Message.objects.update(attempts=5)
    gateway.error = NotSent("Refused.", reason="not_reached")
    send(home, slices=1)
    message = Message.objects.get()
    assert (message.provider, message.status, message.attempts) == (abroad, S.OPEN, 0)


def test_when_all_have_refused_it_fails_with_the_last_reason(gateways, gateway, short_slices):
    home, abroad = gateways
    rule(home)
    rule(abroad)
    make_sending(make_people(1), provider=home)
    gateway.error = Refused("No.", reason="no_route")
    send(home, abroad, home)
    message = Message.objects.get()
    assert (message.provider, message.status, message.reason) == (abroad, S.FAILED, "no_route")
    assert sum(gateway.calls.values()) == 2


def test_a_country_that_is_forbidden_meanwhile_is_routed_anew_at_the_claim(gateways, gateway, short_slices):
    home, abroad = gateways
    rule(home)
    rule(abroad)
    make_sending(make_people(1), provider=home)
    Provider.objects.filter(pk=home.pk).update(allowed_countries=["TN"])
    send(home, abroad)
    message = Message.objects.get()
    assert (message.provider, message.status, sum(gateway.calls.values())) == (abroad, S.SENT, 1)


def test_an_opt_out_is_obeyed_on_the_second_way_too(gateways, gateway, short_slices):
    from contacts.models import Contact

    home, abroad = gateways
    rule(home)
    rule(abroad)
    make_sending(make_people(1), provider=home)
    gateway.error = Refused("No.", reason="no_route")
    send(home, slices=1)
    Contact.objects.update(opted_out=True)
    gateway.error = None
    send(abroad)
    assert (Message.objects.get().status, sum(gateway.calls.values())) == (S.SKIPPED, 1)


def test_without_rules_a_refusal_is_final(gateways, gateway, short_slices):
    home, _abroad = gateways
    make_sending(make_people(1), provider=home)
    gateway.error = Refused("No.", reason="no_route")
    send(home)
    assert Message.objects.get().status == S.FAILED


def test_a_retry_follows_the_rules_of_its_own_day(gateways, gateway, short_slices):
    home, abroad = gateways
    mailing = make_sending(make_people(1), provider=home)
    gateway.error = Refused("No.", reason="no_route")
    send(home)
    gateway.error = None
    rule(abroad, countries=["FR"])
    first = Message.objects.get(mailing=mailing)
    assert retries.send([first.pk], None).done == 1
    first.refresh_from_db()
    assert (first.provider, Message.objects.get(again_of=first.pk).provider) == (home, abroad)


def test_a_report_of_the_gateway_that_did_not_send_it_counts_for_nothing(gateways, gateway, short_slices):
    from campaigns.pipeline import report
    from providers.types import DeliveryReport, ReportStatus
    from smsapp.common.secrets import sign_reference

    home, abroad = gateways
    rule(home)
    rule(abroad)
    make_sending(make_people(1), provider=home)
    gateway.errors = {fictional(0): Refused("No.", reason="no_route")}
    send(home, abroad)
    message = Message.objects.get()
    assert report.apply([DeliveryReport(home.pk, "SM1", ReportStatus.DELIVERED, sign_reference(message.pk), event_id=7)]) == {7}
    assert report.apply([DeliveryReport(abroad.pk, "SM1", ReportStatus.DELIVERED, sign_reference(message.pk), event_id=8)]) == set()
    message.refresh_from_db()
    assert message.status == S.DELIVERED


# --- what is shown ---


def test_a_message_says_why_it_went_that_way(gateways, gateway, short_slices, client_for):
    home, abroad = gateways
    viewer = client_for("viewer")
    plain = make_sending(make_people(1), provider=home)
    page = viewer.get(f"/sms/messages/{Message.objects.get(mailing=plain).pk}/").content.decode()
    assert "As chosen with the text." in page
    rule(home)
    rule(abroad, countries=["FR", "GB"], kinds=["mailing"])
    gateway.errors = {fictional(9): Refused("No.", reason="no_route")}
    mailing = make_sending(make_group(make_contact(fictional(9))), provider=home)
    send(home, abroad)
    page = viewer.get(f"/sms/messages/{Message.objects.get(mailing=mailing).pk}/").content.decode()
    assert "First tried through Home, which did not send it: No route from this sender to this number." in page
    assert "Because of rule 2 (Mailings, France, United Kingdom)." in page


def test_the_plan_says_through_whom_and_what_each_costs(gateways, client_for):
    home, abroad = gateways
    Provider.objects.filter(pk=home.pk).update(price_per_segment="0.05")
    Provider.objects.filter(pk=abroad.pk).update(price_per_segment="0.11", rate=1)
    home.refresh_from_db()
    rule(abroad, countries=["GB"])
    mailing = make_ready(make_group(make_contact(FRENCH), make_contact(fictional(2)), make_contact(BRITISH)), provider=home)
    plan = mailings.plan_of(mailing)
    assert [(lane.name, lane.texts, str(lane.cost)) for lane in plan.lanes] == [("Home", 2, "0.10000"), ("Abroad", 1, "0.11000")]
    assert round(plan.cost, 5) == Decimal("0.21")
    assert (plan.cost_in("GB", 1), plan.cost_in("FR", 2), plan.seconds) == (Decimal("0.11"), Decimal("0.10"), 1)
    page = client_for("author").get(f"/sms/mailings/{mailing.pk}/plan/").content.decode()
    assert "Through whom" in page
    assert page.count("€0.11") == 2  # the lane, and the country


def test_prices_in_two_currencies_have_no_sum(gateways, client_for):
    home, abroad = gateways
    Provider.objects.filter(pk=home.pk).update(price_per_segment="0.05")
    Provider.objects.filter(pk=abroad.pk).update(price_per_segment="0.11", currency="GBP")
    home.refresh_from_db()
    rule(abroad, countries=["GB"])
    mailing = make_ready(two_countries(), provider=home)
    assert mailings.plan_of(mailing).cost is None
    assert "£0.11" in client_for("author").get(f"/sms/mailings/{mailing.pk}/plan/").content.decode()


# --- what waits for a gateway that does not know us ---


def closed(gateways, gateway, people=1200):
    """A mailing whose gateway refuses our credentials at the first text."""
    home, abroad = gateways
    rule(home)
    mailing = make_sending(make_people(people), provider=home)
    gateway.error = Misconfigured("401", reason="credentials")
    send(home, slices=1)
    gateway.error = None
    return mailing, home, abroad


@pytest.mark.long
def test_the_rest_goes_on_too_when_the_gateway_closed_the_lane(gateways, gateway, short_slices):
    from campaigns.pipeline import fail_over

    mailing, _home, abroad = closed(gateways, gateway)
    assert fail_over.drain() == 0  # nobody else is there
    rule(abroad)
    assert fail_over.drain() == 1200
    assert {row.provider_id for row in Message.objects.all()} == {abroad.pk}
    assert fail_over.drain() == 0
    send(abroad, slices=4)
    mailing.refresh_from_db()
    assert Counter(Message.objects.values_list("status", flat=True)) == {S.SENT: 1200}
    assert mailing.status == "finished"
    assert rows_equal_figures(mailing)


def test_a_lane_that_a_person_paused_keeps_its_texts(gateways, user_for):
    from campaigns.pipeline import fail_over
    from providers.services import providers

    home, abroad = gateways
    rule(home)
    rule(abroad)
    make_sending(make_people(3), provider=home)
    providers.pause_lane(home.pk, "Lunch.", by=user_for("administrator"))
    assert fail_over.drain() == 0
    assert {row.provider_id for row in Message.objects.all()} == {home.pk}


def test_a_paused_mailing_of_a_closed_lane_stays_paused(gateways, gateway, short_slices):
    from campaigns.pipeline import fail_over

    mailing, _home, abroad = closed(gateways, gateway, people=5)
    mailings.pause(mailing, None)
    rule(abroad)
    fail_over.drain()
    send(abroad)
    assert sum(gateway.calls.values()) <= 5
    assert set(Message.objects.values_list("status", flat=True)) == {S.OPEN}
