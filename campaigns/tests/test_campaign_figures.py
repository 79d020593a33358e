"""Totals of a campaign: the sums of what the pages of its mailings say."""

from decimal import Decimal

import pytest

from campaigns.models import Mailing
from campaigns.services import campaign_figures, campaigns, figures, mailings
from campaigns.statuses import MailingStatus, MessageStatus
from campaigns.tests.factories import fictional, make_mailing, make_people, make_provider, make_ready, make_sending
from campaigns.tests.working import settle
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db


@pytest.fixture
def winter():
    return campaigns.create("Winter")


def settle_all(mailing, *statuses):
    """In order; what a report says follows what the gateway said."""
    reported = (MessageStatus.DELIVERED, MessageStatus.UNDELIVERED)
    settle(mailing, *[MessageStatus.SENT if status in reported else status for status in statuses])
    settle(mailing, *statuses)


def test_nothing_is_filed(winter):
    totals = campaign_figures.of(winter)
    assert (totals.filed, totals.figures.total, totals.figures.texted, totals.left_out, totals.costs) == (0, 0, 0, 0, {})


def test_totals_are_the_sums_of_the_mailings(winter):
    provider, people = make_provider(price_per_segment="0.05"), make_group(*[make_contact(fictional(n)) for n in range(3)], make_contact())
    sent = make_sending(people, campaign=winter, provider=provider)
    settle_all(sent, MessageStatus.DELIVERED, MessageStatus.UNDELIVERED, MessageStatus.FAILED)
    ready = make_ready(people, campaign=winter, provider=provider)
    make_mailing(people, campaign=winter, provider=provider)
    make_sending(people, provider=provider)
    totals = campaign_figures.of(winter)
    both = [figures.of(sent), figures.of(ready)]
    for name in ("total", "delivered", "undelivered", "failed", "prepared", "segments", "charged_segments", "excluded_total"):
        counted = totals.left_out if name == "excluded_total" else getattr(totals.figures, name)
        assert counted == sum(getattr(each, name) for each in both), name
    assert (totals.filed, totals.figures.texted, totals.planned_mailings, totals.planned_texts) == (3, 2, 2, 6)
    assert totals.mailings == {MailingStatus.SENDING: 1, MailingStatus.READY: 1, MailingStatus.DRAFT: 1}
    make_mailing(campaign=winter, role="content")  # the text of a workflow is no draft
    again = campaign_figures.of(winter)
    assert (again.mailings, again.filed, again.texts) == (totals.mailings, 3, 1) and campaign_figures.sizes([winter])[winter.pk].mailings == 3


def test_costs_are_apart_by_currency_and_at_the_price_that_was_confirmed(winter):
    people = make_people(2)
    euros, pounds, free = make_provider(price_per_segment="0.05"), make_provider(price_per_segment="0.04", currency="GBP"), make_provider()
    for provider in (euros, pounds, free):
        settle_all(make_sending(people, campaign=winter, provider=provider), MessageStatus.DELIVERED, MessageStatus.FAILED)
    euros.price_per_segment = Decimal("9.99")
    euros.save()
    totals = campaign_figures.of(winter)
    assert {cost.currency: (cost.planned, cost.actual) for cost in totals.costs.values()} == {
        "EUR": (Decimal("0.10"), Decimal("0.05")), "GBP": (Decimal("0.08"), Decimal("0.04")),
    }  # fmt: skip
    assert totals.unpriced


def test_what_an_earlier_preparation_left_does_not_count(winter):
    mailing = make_ready(make_people(2), campaign=winter)
    mailings.take_back(mailing, None)
    assert campaign_figures.of(winter).figures.total == 0


def test_cancelled_and_paused_mailings_say_where_their_texts_are(winter):
    people = make_people(2)
    cancelled, paused = make_sending(people, campaign=winter), make_sending(people, campaign=winter)
    mailings.cancel(cancelled, None)
    mailings.pause(paused, None)
    found = campaign_figures.of(winter).figures
    assert (found.cancelled, found.queued, found.prepared) == (2, 2, 0)


def test_archived_mailings_count(winter):
    mailing = make_sending(make_people(2), campaign=winter)
    settle_all(mailing, MessageStatus.DELIVERED, MessageStatus.DELIVERED)
    Mailing.objects.update(archived=True, status=MailingStatus.FINISHED)
    totals = campaign_figures.of(winter)
    assert (totals.filed, totals.archived, totals.mailings, totals.figures.delivered) == (1, 1, {}, 2)


def test_figures_take_four_queries_whatever_there_is(winter, django_assert_num_queries):
    people = make_people(3)
    for _mailing in range(5):
        make_sending(people, campaign=winter)
    with django_assert_num_queries(4):
        campaign_figures.of(winter)


def test_sizes_of_a_list(winter, django_assert_num_queries):
    empty = campaigns.create("Nothing in it")
    settle_all(make_sending(make_people(2), campaign=winter), MessageStatus.SENT, MessageStatus.FAILED)
    make_mailing(campaign=winter)
    with django_assert_num_queries(2):
        found = campaign_figures.sizes([winter, empty])
    assert [(found[row.pk].mailings, found[row.pk].texted) for row in (winter, empty)] == [(2, 1), (0, 0)]
