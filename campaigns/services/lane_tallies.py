"""Counts of how each provider's texts went, written with the moves of the messages themselves, and summed up now and then."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db import connection

from campaigns.models import LaneTally
from campaigns.statuses import MessageStatus as S

DELAYS = (2, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400, 259_200)  # seconds up to which a report counts as so late
KEPT_DAYS = 8

INSERT = """
    INSERT INTO campaigns_lanetally (provider_id, slot, what, texts)
    SELECT provider, date_bin('5 minutes', clock_timestamp(), 'epoch'), what, texts
      FROM unnest(%s::bigint[], %s::smallint[], %s::int[]) AS counted(provider, what, texts)"""

_CALLS = {(S.OPEN, S.SENT): LaneTally.ACCEPTED, (S.UNKNOWN, S.SENT): LaneTally.ACCEPTED, (S.OPEN, S.FAILED): LaneTally.REFUSED,
          (S.OPEN, S.UNKNOWN): LaneTally.UNKNOWN}  # fmt: skip
_REPORTS = {S.DELIVERED: LaneTally.DELIVERED, S.UNDELIVERED: LaneTally.UNDELIVERED}


class LaneCounts:
    """What one bulk write moved, by provider."""

    def __init__(self) -> None:
        self.texts: Counter[tuple[int, int]] = Counter()

    def add(self, moved: Iterable[Any], source: S, target: S) -> None:
        """Rows (…, provider, seconds) that went from `source` to `target`; no provider: not counted."""
        call, told = _CALLS.get((source, target)), _REPORTS.get(target)
        if call is not None:
            self.texts.update((row[3], call) for row in moved if row[3] is not None)
        elif told is not None:
            self._add_reports([(row[3], row[4]) for row in moved if row[3] is not None], source, told)

    def _add_reports(self, moved: list[tuple[int, float | None]], source: S, told: int) -> None:
        for provider, seconds in moved:
            self.texts[provider, told + bisect_left(DELAYS, seconds or 0)] += 1
            if source is S.UNKNOWN:  # so it had been accepted
                self.texts[provider, LaneTally.ACCEPTED] += 1
            elif source is S.UNDELIVERED:  # late truth
                self.texts[provider, LaneTally.UNDELIVERED] -= 1

    def parameters(self) -> list[list[int]]:
        """Arrays for INSERT; empty when nothing is counted."""
        rows = [(*key, texts) for key, texts in self.texts.items() if texts]
        return [list(column) for column in zip(*rows, strict=True)] if rows else []


# Slots that are over, by whoever comes first.
FOLD = """
    WITH old AS (DELETE FROM campaigns_lanetally WHERE id IN (
                     SELECT id FROM campaigns_lanetally WHERE NOT folded AND slot < now() - interval '10 minutes' FOR UPDATE SKIP LOCKED)
                 RETURNING provider_id, slot, what, texts)
    INSERT INTO campaigns_lanetally (provider_id, slot, what, texts, folded)
    SELECT provider_id, slot, what, sum(texts), true FROM old GROUP BY provider_id, slot, what"""
FORGET = "DELETE FROM campaigns_lanetally WHERE slot < now() - make_interval(days => %s)"


def fold() -> None:
    """One row for each provider, slot and kind; what is too old goes."""
    with connection.cursor() as cursor:
        cursor.execute(FOLD)
        cursor.execute(FORGET, [KEPT_DAYS])
