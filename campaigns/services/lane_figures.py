"""How providers do, from the tallies: what was accepted, refused, delivered, how fast they report, and whether they have fallen silent."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Max, Sum
from django.utils import timezone

from campaigns.models import LaneTally
from campaigns.services.lane_tallies import DELAYS
from providers import registry
from providers.models import Provider

LOOKS_BACK = timedelta(days=7)
SILENT_FROM = 10  # texts that were accepted and of which nothing was heard
PATIENCE = timedelta(minutes=15)  # at least
MOST_PATIENCE = timedelta(hours=12)
TIMES_USUAL = 3


@dataclass(slots=True)
class LaneFigures:
    """Sums of some time. `delays` counts reports by the place of their delay in DELAYS; `tests` are in none of the other figures."""

    accepted: int = 0
    refused: int = 0
    unknown: int = 0
    delivered: int = 0
    undelivered: int = 0
    delays: Counter[int] = field(default_factory=Counter)
    tests: "LaneFigures | None" = None

    def count(self, what: int, texts: int) -> None:
        """Add a tally."""
        if what >= LaneTally.TESTS:
            self.tests = self.tests or LaneFigures()
            self.tests.count(what - LaneTally.TESTS, texts)
        elif what >= LaneTally.UNDELIVERED:
            self.undelivered += texts
            self.delays[what - LaneTally.UNDELIVERED] += texts
        elif what >= LaneTally.DELIVERED:
            self.delivered += texts
            self.delays[what - LaneTally.DELIVERED] += texts
        else:
            name = {LaneTally.ACCEPTED: "accepted", LaneTally.REFUSED: "refused", LaneTally.UNKNOWN: "unknown"}[what]
            setattr(self, name, getattr(self, name) + texts)

    @property
    def delivered_share(self) -> int | None:
        """Per cent of the texts that were reported on; None while there is no report."""
        told = self.delivered + self.undelivered
        return round(100 * self.delivered / told) if told > 0 else None

    def seconds_until(self, share: float) -> float | None:
        """Within how long so great a share of the reports came, at most; None while there is none."""
        total = sum(self.delays.values())
        seen = 0
        for place in sorted(self.delays):
            seen += self.delays[place]
            if total > 0 and seen >= share * total:
                return float(DELAYS[min(place, len(DELAYS) - 1)])
        return None

    @property
    def patience(self) -> timedelta:
        """How long one waits for reports before it is odd that none comes: longer where they are usually late."""
        usual = timedelta(seconds=TIMES_USUAL * (self.seconds_until(0.95) or 0))
        return min(max(usual, PATIENCE), MOST_PATIENCE)


def since(when: datetime) -> dict[int, LaneFigures]:
    """By provider; those without a text are absent."""
    rows = LaneTally.objects.filter(slot__gte=when).order_by().values_list("provider_id", "what").annotate(Sum("texts"))
    found: defaultdict[int, LaneFigures] = defaultdict(LaneFigures)
    for provider, what, texts in rows:
        found[provider].count(what, texts)
    return dict(found)


def last_reports() -> dict[int, datetime]:
    """When a report was last applied, to five minutes, by provider."""
    reports = LaneTally.objects.filter(what__gte=LaneTally.REPORTS, what__lt=LaneTally.TESTS, texts__gt=0)
    return dict(reports.order_by().values_list("provider_id").annotate(Max("slot")))


@dataclass(frozen=True, slots=True)
class Silence:
    """A provider that took texts and tells nothing of them."""

    provider: Provider
    texts: int
    last_report: datetime | None  # None: there never was one, as far as is kept


# Texts that were accepted after the last report, longer ago than the provider's patience.
UNTOLD = """
    SELECT a.provider, coalesce(sum(t.texts), 0)
      FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS a(provider, told, upto)
      JOIN campaigns_lanetally t ON t.provider_id = a.provider AND t.what = 0 AND t.slot > a.told AND t.slot <= a.upto
     GROUP BY a.provider"""


def silences(now: datetime | None = None) -> list[Silence]:
    """Active providers whose reports have stopped coming, by name. One that could never report is not expected to."""
    now = now or timezone.now()
    known, told = since(now - LOOKS_BACK), last_reports()
    able = [row for row in _reporting() if row.pk in known and (settings.PUBLIC_BASE_URL or row.pk in told)]
    if not able:
        return []
    columns = zip(*[(row.pk, told.get(row.pk, now - LOOKS_BACK), now - known[row.pk].patience) for row in able], strict=True)
    with connection.cursor() as cursor:
        cursor.execute(UNTOLD, [list(column) for column in columns])
        untold = dict(cursor.fetchall())
    return [Silence(row, untold[row.pk], told.get(row.pk)) for row in able if untold.get(row.pk, 0) >= SILENT_FROM]


def _reporting() -> Iterable[Provider]:
    kinds = [kind for kind, _label in registry.choices() if registry.get(kind).reports_delivery]
    return Provider.objects.filter(active=True, kind__in=kinds).order_by("name")
