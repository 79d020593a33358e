"""Figures of many mailings at once, summed by whatever groups them: four queries from counters and plans, however many mailings and texts there are."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, F, QuerySet, Sum, Value
from django.db.models.fields.json import KeyTextTransform

from campaigns.models import Mailing, MailingTally, Message, PurgedCount
from campaigns.services.figures import TROUBLED, Figures, in_order, sent_again, stage_of_open
from campaigns.statuses import ACCEPTED, LAUNCHED, MailingStatus, MessageStatus
from contacts import eligibility
from smsapp.common import amounts

NUMBERS = [field.name for field in fields(Figures) if field.name != "excluded"]
STALE = (MailingStatus.DRAFT, MailingStatus.ERROR)  # what is counted of those belongs to an earlier preparation
MOST_TEXTS = 1_000_000  # whose causes are added up while somebody waits: all of them are read


@dataclass(slots=True)
class Total:
    """What some mailings came to."""

    mailings: Counter[str] = field(default_factory=Counter)  # by status
    figures: Figures = field(default_factory=Figures)
    costs: dict[str, Decimal] = field(default_factory=dict)  # so far, by currency
    unpriced: bool = False  # some segments are of a provider that has no price

    @property
    def count(self) -> int:
        """Mailings."""
        return self.mailings.total()

    def at(self, status: MailingStatus) -> int:
        """Those in a state."""
        return self.mailings[status]


@dataclass(frozen=True, slots=True)
class _Terms:
    """Of one mailing: which total it belongs to, where it stands, and what a segment of it costs."""

    total: Total
    status: str
    before: str
    price: Decimal | None
    currency: str


def of(mailings: QuerySet[Mailing], by: str = "") -> dict[Any, Total]:
    """Totals by a path from the mailing, which may lead into an upper app; without one the total of all is under None."""
    totals: dict[Any, Total] = defaultdict(Total)
    terms = _terms(mailings, by, totals)
    counted = [pk for pk, found in terms.items() if found.status not in STALE]
    if counted:
        _count(terms, counted)
        for pk, texts in sent_again(counted).items():
            terms[pk].total.figures.again += texts
        _leave_out(terms, counted)
    for total in totals.values():
        total.figures.excluded = eligibility.by_volume(total.figures.excluded)
    return totals


def of_all(mailings: QuerySet[Mailing]) -> Total:
    """One total."""
    return of(mailings).get(None) or Total()


def together(totals: Iterable[Total]) -> Total:
    """One total of several; its costs are exact."""
    whole, left_out = Total(), Counter[str]()
    for total in totals:
        whole.mailings.update(total.mailings)
        whole.unpriced |= total.unpriced
        left_out.update(total.figures.excluded)
        for name in NUMBERS:
            setattr(whole.figures, name, getattr(whole.figures, name) + getattr(total.figures, name))
        for currency, amount in total.costs.items():
            whole.costs[currency] = whole.costs.get(currency, Decimal(0)) + amount
    whole.figures.excluded = eligibility.by_volume(left_out)
    return whole


def round_costs(totals: Iterable[Total]) -> None:
    """To what people see, so that the costs of all of them add up to that of all together."""
    parts = [(currency, total) for total in totals for currency in total.costs]
    for currency in {currency for currency, _total in parts}:
        of_it = [total for other, total in parts if other == currency]
        for total, shown in zip(of_it, amounts.adding_up([total.costs[currency] for total in of_it], currency), strict=True):
            total.costs[currency] = shown


def _terms(mailings: QuerySet[Mailing], by: str, totals: dict[Any, Total]) -> dict[int, _Terms]:
    """The price is the one that was confirmed, else what the provider asks now."""
    confirmed = [KeyTextTransform(name, "planned") for name in ("price", "currency")]
    asked = ("provider__price_per_segment", "provider__currency")
    rows = mailings.order_by().values_list("pk", F(by) if by else Value(0), "status", "status_before_pause", *confirmed, *asked)
    found = {}
    for pk, key, status, before, price, currency, price_now, currency_now in rows:
        total = totals[key if by else None]
        total.mailings[status] += 1
        at = (Decimal(price), currency) if price is not None and status in LAUNCHED else (price_now, currency_now)
        found[pk] = _Terms(total, status, before, at[0], at[1] or "")
    return found


def _count(terms: dict[int, _Terms], mailings: Sequence[int]) -> None:
    rows = MailingTally.objects.filter(mailing__in=mailings).order_by().values_list("mailing", "status").annotate(Sum("messages"), Sum("segments"))
    for pk, status, messages, segments in rows:
        found, figures = terms[pk], terms[pk].total.figures
        stage = stage_of_open(found.status, found.before) if status == MessageStatus.OPEN else MessageStatus(status).name.lower()
        setattr(figures, stage, getattr(figures, stage) + messages)
        figures.segments += segments
        if status in ACCEPTED and segments:
            figures.charged_segments += segments
            _charge(found, segments)


def _charge(found: _Terms, segments: int) -> None:
    if found.price and found.currency:
        found.total.costs[found.currency] = found.total.costs.get(found.currency, Decimal(0)) + found.price * segments
    else:
        found.total.unpriced = True


# A plan tells whom its preparation left out; whoever was merged since is left out too, and those few are counted.
LEFT_OUT = f"""
    SELECT m.id, e.reason, e.people::bigint FROM campaigns_mailing AS m, jsonb_each_text(m.plan->'excluded') AS e(reason, people)
     WHERE m.id = ANY(%(mailings)s) AND e.reason <> 'merged'
     UNION ALL
    SELECT mailing_id, reason, count(*) FROM campaigns_exclusion WHERE mailing_id = ANY(%(mailings)s) AND reason = 'merged' GROUP BY 1, 2
     UNION ALL
    SELECT mailing_id, reason, messages FROM campaigns_purgedcount
     WHERE mailing_id = ANY(%(mailings)s) AND status = {PurgedCount.LEFT_OUT} AND reason = 'merged'"""  # noqa: S608 (our own number)


def _leave_out(terms: dict[int, _Terms], mailings: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(LEFT_OUT, {"mailings": list(mailings)})
        for pk, reason, people in cursor.fetchall():
            excluded = terms[pk].total.figures.excluded
            excluded[reason] = excluded.get(reason, 0) + people


def causes(mailings: QuerySet[Mailing], found: Figures) -> list[tuple[int, str, int]] | None:
    """(status, reason, texts) of what did not arrive, most first; None where too many texts would have to be read for it."""
    if not found.troubled:
        return []
    if found.total > MOST_TEXTS:
        return None
    rows = Message.objects.filter(mailing__in=mailings, status__in=TROUBLED).order_by().values_list("status", "reason").annotate(Count("id"))
    purged = PurgedCount.objects.filter(mailing__in=mailings, status__in=TROUBLED).order_by().values_list("status", "reason").annotate(Sum("messages"))
    counts = Counter({(status, reason): count for status, reason, count in rows})
    return in_order(counts + Counter({(status, reason): count for status, reason, count in purged}))
