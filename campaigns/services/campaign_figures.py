"""The figures of a campaign: sums over its mailings, from their counters and plans. No message is counted to draw a page."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import Count, Sum
from django.db.models.fields.json import KeyTextTransform

from campaigns.models import Campaign, Mailing, MailingTally
from campaigns.models.mailing import Role
from campaigns.services.figures import Figures, sent_again, stage_of_open
from campaigns.statuses import ACCEPTED, LAUNCHED, MailingStatus, MessageStatus

STALE = (MailingStatus.DRAFT, MailingStatus.ERROR)  # what is counted of those belongs to an earlier preparation


@dataclass(slots=True)
class Cost:
    """What the mailings with one currency are to cost, and what they have cost."""

    currency: str
    planned: Decimal = Decimal(0)
    actual: Decimal = Decimal(0)


@dataclass(slots=True)
class Totals:
    """Over all mailings of a campaign, archived ones too; `planned_…` and `left_out` are of those that have a plan."""

    mailings: dict[str, int] = field(default_factory=dict)  # by status, those in the archive apart
    archived: int = 0
    texts: int = 0  # mailings that only hold the text of a workflow
    has_sends: bool = False  # some are recurring sends of workflows
    figures: Figures = field(default_factory=Figures)
    left_out: int = 0
    planned_mailings: int = 0
    planned_texts: int = 0
    planned_segments: int = 0
    costs: dict[str, Cost] = field(default_factory=dict)  # by currency
    unpriced: bool = False  # some segments are of a provider that has no price

    @property
    def filed(self) -> int:
        """All mailings."""
        return sum(self.mailings.values()) + self.archived

    def cost(self, currency: str) -> Cost:
        """The one in that currency."""
        return self.costs.setdefault(currency, Cost(currency))


def of(campaign: Campaign) -> Totals:
    """Four queries, however many mailings there are and however many texts they have."""
    totals, filed = Totals(), list[int]()
    mailings = Mailing.objects.filter(campaign=campaign).order_by()
    for role, status, archived, ids in mailings.values_list("role", "status", "archived").annotate(ids=ArrayAgg("id")):
        if role == Role.CONTENT:
            totals.texts += len(ids)
            continue
        filed += ids
        totals.has_sends |= role == Role.SEND
        if archived:
            totals.archived += len(ids)
        else:
            totals.mailings[status] = totals.mailings.get(status, 0) + len(ids)
    totals.figures.again = sum(sent_again(filed).values())
    _add_counters(totals, campaign)
    _add_plans(totals, campaign)
    return totals


def _add_counters(totals: Totals, campaign: Campaign) -> None:
    """Sums of each status at each price; the price is the one that was confirmed, else what the provider asks now."""
    tallies = MailingTally.objects.filter(mailing__campaign=campaign).exclude(mailing__status__in=STALE).order_by()
    prices = {"price": KeyTextTransform("price", "mailing__planned"), "currency": KeyTextTransform("currency", "mailing__planned")}
    groups = ("status", "mailing__status", "mailing__status_before_pause", *prices, "mailing__provider__price_per_segment", "mailing__provider__currency")
    rows = tallies.annotate(**prices).values_list(*groups).annotate(Sum("messages"), Sum("segments"))
    for status, of_mailing, before, confirmed_price, confirmed_currency, price, currency, messages, segments in rows:
        stage = stage_of_open(of_mailing, before) if status == MessageStatus.OPEN else MessageStatus(status).name.lower()
        setattr(totals.figures, stage, getattr(totals.figures, stage) + messages)
        totals.figures.segments += segments
        if status in ACCEPTED:
            totals.figures.charged_segments += segments
            confirmed = confirmed_price is not None and of_mailing in LAUNCHED
            _add_cost(totals, Decimal(confirmed_price) if confirmed else price, confirmed_currency if confirmed else currency, actual=segments)


PLANS = """
    WITH mailings AS (
        SELECT CASE WHEN m.status = 'ready' THEN m.plan ELSE m.planned END AS plan,
               CASE WHEN m.status = 'ready' THEN p.price_per_segment ELSE (m.planned->>'price')::numeric END AS price,
               CASE WHEN m.status = 'ready' THEN p.currency ELSE m.planned->>'currency' END AS currency
          FROM campaigns_mailing m LEFT JOIN providers_provider p ON p.id = m.provider_id
         WHERE m.campaign_id = %(campaign)s AND m.status = ANY(%(statuses)s))
    SELECT price, currency, count(*), sum(texts), sum(segments), sum(left_out)
      FROM mailings,
           LATERAL (SELECT coalesce(sum((share->>'texts')::bigint), 0) AS texts, coalesce(sum((share->>'segments')::bigint), 0) AS segments
                      FROM jsonb_each(plan->'by_segments') AS shares(size, share)) AS planned,
           LATERAL (SELECT coalesce(sum(people::bigint), 0) AS left_out FROM jsonb_each_text(plan->'excluded') AS reasons(reason, people)) AS excluded
     WHERE plan->>'made_at' IS NOT NULL
     GROUP BY price, currency"""


def _add_plans(totals: Totals, campaign: Campaign) -> None:
    """Plans that were confirmed, and those that wait for it at what their provider asks now."""
    with connection.cursor() as cursor:
        cursor.execute(PLANS, {"campaign": campaign.pk, "statuses": [MailingStatus.READY.value, *(status.value for status in LAUNCHED)]})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    for price, currency, mailings, texts, segments, left_out in rows:
        totals.planned_mailings += mailings
        totals.planned_texts += int(texts)
        totals.planned_segments += int(segments)
        totals.left_out += int(left_out)
        _add_cost(totals, price, currency, planned=int(segments))


def _add_cost(totals: Totals, price: Decimal | None, currency: str | None, *, planned: int = 0, actual: int = 0) -> None:
    if price and currency:
        cost = totals.cost(currency)
        cost.planned += price * planned
        cost.actual += price * actual
    elif planned or actual:
        totals.unpriced = True


@dataclass(slots=True)
class Size:
    """What a list says of a campaign."""

    mailings: int = 0
    texted: int = 0


def sizes(campaigns: Sequence[Campaign]) -> dict[int, Size]:
    """Mailings of each, and texts that a gateway accepted or may have; two queries for all."""
    found = {campaign.pk: Size() for campaign in campaigns}
    for pk, mailings in Mailing.objects.filter(campaign__in=list(found)).without_texts().order_by().values_list("campaign").annotate(Count("id")):
        found[pk].mailings = mailings
    tallies = MailingTally.objects.filter(mailing__campaign__in=list(found), status__in=ACCEPTED).order_by()
    for pk, texts in tallies.values_list("mailing__campaign").annotate(Sum("messages")):
        found[pk].texted = texts
    return found
