"""What became of each call, written set-wise: statuses, activities, counters and new chunks for retries in one transaction."""

from collections import defaultdict
from dataclasses import dataclass
from enum import Enum
from typing import Any

from campaigns.pipeline.dispatch import Claim, Text
from campaigns.pipeline.record import RECORD
from campaigns.services import transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import MessageStatus

MOST_ATTEMPTS = 6


class Verdict(Enum):
    """What we know after a call, or without one."""

    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    RETRY = "retry"  # certainly not sent
    NOT_STARTED = "not_started"


@dataclass(slots=True)
class Result:
    """The verdict on one text. `after` is in seconds; a `free` retry costs no attempt."""

    text: Text
    verdict: Verdict
    gateway_id: str = ""
    reason: str = ""
    detail: str = ""
    after: float = 0.0
    free: bool = False


FINAL = {
    Verdict.SENT: MessageStatus.SENT,
    Verdict.REFUSED: MessageStatus.FAILED,
    Verdict.UNKNOWN: MessageStatus.UNKNOWN,
    Verdict.SKIPPED: MessageStatus.SKIPPED,
}
ON_TIMELINE = (MessageStatus.SENT, MessageStatus.FAILED, MessageStatus.UNKNOWN)

# Back to the queue in a chunk of their own, due later. Where the mailing is paused or cancelled meanwhile, so is the chunk.
NEW_CHUNK = """
    INSERT INTO campaigns_chunk (mailing_id, provider_id, priority, state, due_at, size, started_up_to, claims)
    SELECT %(mailing)s::bigint, %(provider)s, %(priority)s,
           CASE coalesce((SELECT g.status FROM campaigns_mailing g WHERE g.id = %(mailing)s::bigint), 'sending')
           WHEN 'paused' THEN 0 WHEN 'cancelled' THEN 4 ELSE 1 END,
           now() + make_interval(secs => %(after)s), %(size)s, 0, 0
 RETURNING id"""

REQUEUE = """
    UPDATE campaigns_message m SET chunk_id = %(chunk)s, position = v.position, attempts = m.attempts + v.cost, reason = v.reason, detail = v.detail
      FROM unnest(%(ids)s::bigint[], %(positions)s::int[], %(costs)s::int[], %(reasons)s::text[], %(details)s::text[])
           AS v(id, position, cost, reason, detail)
     WHERE m.id = v.id AND m.status = 0"""


async def write_results(connection: Any, provider: Any, groups: list[tuple[Claim, list[Result]]]) -> None:
    """Write the results of strides, each with the claim it belongs to."""
    async with connection.transaction(), connection.cursor() as cursor:
        await _settle(cursor, [result for _claim, results in groups for result in results])
        again: defaultdict[tuple[int | None, bool], list[Result]] = defaultdict(list)
        for claim, results in groups:
            again[claim.mailing, claim.urgent] += [result for result in results if _goes_again(result)]
        for (mailing, urgent), results in again.items():
            if results:
                await _requeue(cursor, provider, mailing, urgent, results)


def _goes_again(result: Result) -> bool:
    if result.verdict is Verdict.NOT_STARTED:
        return True
    return result.verdict is Verdict.RETRY and (result.free or result.text.attempts + 1 < MOST_ATTEMPTS)


async def _settle(cursor: Any, results: list[Result]) -> None:
    outcomes = [_outcome(result) for result in results if not _goes_again(result)]
    if not outcomes:
        return
    await transitions.move_messages_async(cursor, outcomes)
    on_timeline = [outcome.message_id for outcome in outcomes if outcome.status in ON_TIMELINE]
    if on_timeline:
        await cursor.execute(RECORD, [on_timeline], prepare=True)


def _outcome(result: Result) -> Outcome:
    status = FINAL.get(result.verdict, MessageStatus.FAILED)  # a retry that has no attempt left
    calls = 0 if result.verdict is Verdict.SKIPPED else 1
    return Outcome(result.text.id, status, result.gateway_id, result.reason, result.detail, calls)


async def _requeue(cursor: Any, provider: Any, mailing: int | None, urgent: bool, results: list[Result]) -> None:
    after = max(result.after for result in results)
    facts = {"mailing": mailing, "provider": provider.id, "priority": 0 if urgent else 1, "after": after, "size": len(results)}
    await cursor.execute(NEW_CHUNK, facts)
    (chunk,) = await cursor.fetchone()
    await cursor.execute(
        REQUEUE,
        {
            "chunk": chunk,
            "ids": [result.text.id for result in results],
            "positions": list(range(len(results))),
            "costs": [int(result.verdict is Verdict.RETRY and not result.free) for result in results],
            "reasons": [result.reason for result in results],
            "details": [result.detail for result in results],
        },
    )
