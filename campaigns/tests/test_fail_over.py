"""Texts passed on to another gateway: those that certainly did not leave, and those that wait for one that does not know us."""

from collections import Counter

import pytest

from campaigns import route_words
from campaigns.models import Message
from campaigns.pipeline import fail_over
from campaigns.services import mailings, retries, test_send
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import fictional, make_people, make_sending
from campaigns.tests.routed import facts, rule, send
from campaigns.tests.working import rows_equal_figures
from providers.errors import Misconfigured, NotSent, Refused, Unknown
from providers.models import Provider

pytestmark = pytest.mark.django_db(transaction=True)
S = MessageStatus


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
    mailing, _home, abroad = closed(gateways, gateway, people=5)
    mailings.pause(mailing, None)
    rule(abroad)
    fail_over.drain()
    send(abroad)
    assert sum(gateway.calls.values()) <= 5
    assert set(Message.objects.values_list("status", flat=True)) == {S.OPEN}


@pytest.mark.parametrize("error", [Misconfigured("401", reason="credentials"), Refused("No.", reason="no_route")])
def test_what_tries_a_provider_waits_or_fails_there_and_nowhere_else(gateways, gateway, short_slices, error):
    home, abroad = gateways
    rule(abroad)
    test_send.send(home, fictional(0), "Test", None, key="trial")
    gateway.error = error
    send(home, slices=1)
    gateway.error = None
    assert fail_over.drain() == 0
    send(abroad)
    message = Message.objects.get()
    assert (message.provider, message.status) == (home, S.OPEN if isinstance(error, Misconfigured) else S.FAILED)
    assert route_words.why(facts(message)) == ["It tries this provider, so it follows no rule."]
