"""Counts of how each provider's texts went, written with the moves of the messages themselves, and summed up now and then."""


from django.db import connection

from campaigns.models import LaneTally
from campaigns.statuses import MessageStatus as S

DELAYS = (2, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400, 259_200)  # seconds up to which a report counts as so late
KEPT_DAYS = 8

_CALLS = {(S.OPEN, S.SENT): LaneTally.ACCEPTED, (S.UNKNOWN, S.SENT): LaneTally.ACCEPTED, (S.OPEN, S.FAILED): LaneTally.REFUSED,
          (S.OPEN, S.UNKNOWN): LaneTally.UNKNOWN}  # fmt: skip
_REPORTS = {S.DELIVERED: LaneTally.DELIVERED, S.UNDELIVERED: LaneTally.UNDELIVERED}
_DELAY = f"width_bucket(coalesce(extract(epoch FROM moved.reported_at - moved.sent_at), 0)::int, ARRAY{list(DELAYS)})"
_COUNT = """,
         by_lane AS (INSERT INTO campaigns_lanetally (provider_id, slot, what, texts)
                     SELECT moved.provider_id, date_bin('5 minutes', clock_timestamp(), 'epoch'), way.what + test.more, sum(way.texts)
                       FROM moved CROSS JOIN LATERAL (VALUES {ways}) AS way(what, texts)
                      CROSS JOIN LATERAL (SELECT CASE moved.kind WHEN 2 THEN {tests} ELSE 0 END AS more) AS test
                      WHERE moved.provider_id IS NOT NULL GROUP BY moved.provider_id, way.what + test.more)"""


def count(source: S, target: S) -> str:
    """A part of the statement that moves messages from `source` to `target`, which counts the rows that `moved` by provider; empty where nothing is."""
    ways = ", ".join(f"({what}, {texts})" for what, texts in _ways(source, target))
    return _COUNT.format(ways=ways, tests=LaneTally.TESTS) if ways else ""


def _ways(source: S, target: S) -> list[tuple[str, int]]:
    """(what, how many) for each text, as SQL."""
    if (call := _CALLS.get((source, target))) is not None:
        return [(str(call), 1)]
    if (told := _REPORTS.get(target)) is None:
        return []
    ways = [(f"{told} + {_DELAY}", 1)]
    if source is S.UNKNOWN:  # so it had been accepted
        ways.append((str(LaneTally.ACCEPTED), 1))
    elif source is S.UNDELIVERED:  # late truth
        ways.append((str(LaneTally.UNDELIVERED), -1))
    return ways


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
