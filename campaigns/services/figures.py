"""The figures of a mailing, from its counters: no million rows are counted to draw a page."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Sum

from campaigns.models import Exclusion, Mailing, MailingTally, Message, PurgedCount
from campaigns.plans import Plan
from campaigns.statuses import ACCEPTED, LAUNCHED, NOT_BEGUN, ChunkState, MailingStatus, MessageStatus
from contacts import eligibility

TROUBLED = (MessageStatus.UNDELIVERED, MessageStatus.FAILED, MessageStatus.UNKNOWN, MessageStatus.SKIPPED)
LARGE, KEPT = 50_000, 10  # texts from which on causes are looked up every so many seconds only


@dataclass(slots=True)
class Figures:
    """How many messages are where; `excluded` says how many people were left out for which reason."""

    prepared: int = 0
    queued: int = 0
    sending: int = 0
    sent: int = 0
    delivered: int = 0
    undelivered: int = 0
    failed: int = 0
    unknown: int = 0
    skipped: int = 0
    cancelled: int = 0
    again: int = 0  # messages that somebody sent once more to a person who had one already
    segments: int = 0  # of all messages
    charged_segments: int = 0  # of those that a gateway accepted, or may have
    excluded: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All messages of the mailing."""
        return self.open + self.dealt_with

    @property
    def people(self) -> int:
        """Recipients: whoever has a message, once."""
        return self.total - self.again

    @property
    def open(self) -> int:
        """Messages that still have to go."""
        return self.prepared + self.queued + self.sending

    @property
    def waiting(self) -> int:
        """Messages that can still be called back."""
        return self.prepared + self.queued

    @property
    def dealt_with(self) -> int:
        """Messages with an outcome."""
        return self.sent + self.delivered + self.undelivered + self.failed + self.unknown + self.skipped + self.cancelled

    @property
    def texted(self) -> int:
        """Messages that a gateway accepted, or may have."""
        return sum(getattr(self, status.name.lower()) for status in ACCEPTED)

    @property
    def troubled(self) -> int:
        """Messages that did not arrive, as far as anybody knows."""
        return self.undelivered + self.failed + self.unknown + self.skipped

    @property
    def excluded_total(self) -> int:
        """People left out by preparation."""
        return sum(self.excluded.values())


def of(mailing: Mailing) -> Figures:
    """Figures of one mailing, five small queries."""
    figures = Figures()
    rows = MailingTally.objects.filter(mailing=mailing).values_list("status").annotate(Sum("messages"), Sum("segments"))
    waiting = 0
    for status, messages, segments in rows:
        figures.segments += segments
        if status == MessageStatus.OPEN:
            waiting = messages
            continue
        setattr(figures, MessageStatus(status).name.lower(), messages)
        figures.charged_segments += segments if status in ACCEPTED else 0
    _split_open(figures, mailing, waiting)
    figures.again = sent_again([mailing.pk]).get(mailing.pk, 0)
    figures.excluded = excluded(mailing)
    return figures


def cost_of(mailing: Mailing, segments: int) -> tuple[Decimal, str] | None:
    """(amount, currency) of so many segments, at the price that was confirmed, else at what the provider asks now; None while nobody knows."""
    if mailing.status in LAUNCHED and (plan := Plan.read(mailing.planned)):
        cost = plan.cost_of(segments)
        return None if cost is None else (cost, plan.currency)
    provider = mailing.provider
    return (provider.price_per_segment * segments, provider.currency) if provider and provider.price_per_segment else None


def stage_of_open(status: str, status_before_pause: str) -> str:
    """Where texts without outcome are, by their mailing's status; some of those queued are being sent."""
    before = status_before_pause if status == MailingStatus.PAUSED else status
    if before in NOT_BEGUN:
        return "prepared"
    return "cancelled" if status == MailingStatus.CANCELLED else "queued"


def _split_open(figures: Figures, mailing: Mailing, waiting: int) -> None:
    stage = stage_of_open(mailing.status, mailing.status_before_pause)
    setattr(figures, stage, getattr(figures, stage) + waiting)
    if stage == "queued":
        figures.sending = min(waiting, _in_flight(mailing))
        figures.queued -= figures.sending


def _in_flight(mailing: Mailing) -> int:
    started = Message.objects.filter(chunk__mailing_id=mailing.id, chunk__state=ChunkState.CLAIMED, position__lt=F("chunk__started_up_to"))
    return started.filter(status=MessageStatus.OPEN).count()


def texts(mailing: Mailing) -> int:
    """How many it has, whatever became of them, from its counters."""
    return MailingTally.objects.filter(mailing=mailing).aggregate(texts=Sum("messages"))["texts"] or 0


# Hardly any message is among them, and they have an index of their own.
SENT_AGAIN = f"""
    SELECT mailing_id, sum(texts)::bigint
      FROM (SELECT mailing_id, count(*) AS texts FROM campaigns_message WHERE mailing_id = ANY(%(mailings)s) AND again_of IS NOT NULL GROUP BY 1
             UNION ALL
            SELECT mailing_id, messages FROM campaigns_purgedcount WHERE mailing_id = ANY(%(mailings)s) AND status = {PurgedCount.AGAIN}) AS found
     GROUP BY 1"""  # noqa: S608 (our own number)


def sent_again(mailing_ids: Sequence[int]) -> dict[int, int]:
    """How many texts of each repeat an earlier one to the same person, purged ones too; one query for all, mailings without any are absent."""
    with connection.cursor() as cursor:
        cursor.execute(SENT_AGAIN, {"mailings": list(mailing_ids)})
        return dict(cursor.fetchall())


def texted_before(mailing_ids: Sequence[int]) -> dict[int, int]:
    """How many of those texts went to somebody whom an earlier text of the same mailing had reached, or may have; one query for all."""
    earlier = Message.objects.filter(mailing=OuterRef("mailing"), contact=OuterRef("contact"), id__lt=OuterRef("id"), status__in=ACCEPTED)
    rows = Message.objects.filter(Exists(earlier), mailing__in=mailing_ids, again_of__isnull=False, status__in=ACCEPTED)
    return dict(rows.order_by().values_list("mailing").annotate(Count("id")))


def excluded(mailing: Mailing) -> dict[str, int]:
    """People left out, by reason, most first."""
    rows = Counter(dict(Exclusion.objects.filter(mailing=mailing).values_list("reason").annotate(people=Count("id")).order_by()))
    return eligibility.by_volume(rows + _purged_exclusions(mailing) if mailing.purged_at else rows)


def _purged_exclusions(mailing: Mailing) -> Counter[str]:
    rows = PurgedCount.objects.filter(mailing=mailing, status=PurgedCount.LEFT_OUT)
    return Counter(dict(rows.values_list("reason", "messages")))


def causes(mailing: Mailing, found: Figures) -> list[tuple[int, str, int]]:
    """(status, reason, messages) of what did not arrive, most first. Of a large mailing that moves not at every refresh of every page: it
    goes through all its texts."""
    if not found.troubled:
        return []
    if found.total < LARGE:
        return _causes(mailing)
    key = f"causes-{mailing.pk}-{mailing.finished_at}".replace(" ", "_")
    known: list[tuple[int, str, int]] | None = cache.get(key)
    if known is None:
        known = _causes(mailing)
        cache.set(key, known, KEPT)
    return known


def _causes(mailing: Mailing) -> list[tuple[int, str, int]]:
    rows = Message.objects.filter(mailing=mailing, status__in=TROUBLED).values_list("status", "reason")
    found = Counter({(status, reason): count for status, reason, count in rows.annotate(messages=Count("id")).order_by()})
    if mailing.purged_at:
        purged = PurgedCount.objects.filter(mailing=mailing, status__in=TROUBLED).values_list("status", "reason", "messages")
        found += Counter({(status, reason): count for status, reason, count in purged})
    return in_order(found)


def in_order(found: Counter[tuple[int, str]]) -> list[tuple[int, str, int]]:
    """Causes as every page lists them: most texts first."""
    rows = sorted(found.items(), key=lambda row: (-row[1], row[0][0], eligibility.place(row[0][1]), row[0][1]))
    return [(status, reason, count) for (status, reason), count in rows]
