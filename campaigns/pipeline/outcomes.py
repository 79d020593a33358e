"""What became of each call, written set-wise: statuses, activities, counters and new chunks for retries in one transaction."""

from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from math import ceil, log2
from typing import Any

from campaigns.pipeline import bad_news, fail_over
from campaigns.pipeline.dispatch import Claim, Text, state_in
from campaigns.pipeline.record import RECORD_MOVED
from campaigns.routing import CURABLE
from campaigns.services import merged, transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import MessageStatus
from providers.services import sent_parts
from smsapp.common.meter import meter
from smsapp.common.secrets import sign_reference

MOST_ATTEMPTS = 6
OLDEST = timedelta(hours=24)  # a text that could not leave for so long is of no use any more
OLDEST_OF_HOURS = timedelta(days=7)  # one that keeps hours may have waited over holidays before its first try


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
    """The verdict on one text. `after` is in seconds; a `free` retry costs no attempt. `known_as`: ids that reports will name instead of ours.
    After `patience` a text is not tried again."""

    text: Text
    verdict: Verdict
    gateway_id: str = ""
    known_as: tuple[str, ...] = ()
    reason: str = ""
    detail: str = ""
    after: float = 0.0
    free: bool = False
    patience: timedelta = OLDEST
    hours: int | None = None  # those that it is to keep, where its chunk keeps none

    def plain(self) -> "Result":
        """The same verdict without what a gateway wrote."""
        return replace(self, gateway_id="", known_as=(), detail="")


FINAL = {
    Verdict.SENT: MessageStatus.SENT,
    Verdict.REFUSED: MessageStatus.FAILED,
    Verdict.UNKNOWN: MessageStatus.UNKNOWN,
    Verdict.SKIPPED: MessageStatus.SKIPPED,
}

# Back to the queue in a chunk of their own, due later. Where the mailing is paused or cancelled meanwhile, so is the chunk.
NEW_CHUNK = f"""
    INSERT INTO campaigns_chunk (mailing_id, provider_id, priority, turn, state, due_at, size, started_up_to, claims, hours_id)
    SELECT %(mailing)s::bigint, %(provider)s, %(priority)s, %(turn)s,
           {state_in("%(mailing)s::bigint")},
           greatest(now() + make_interval(secs => %(after)s), (SELECT h.opens_at FROM campaigns_openhours h WHERE h.id = %(hours)s)),
           %(size)s, 0, 0, %(hours)s::bigint
 RETURNING id"""  # noqa: S608 (the expression of dispatch)

# Only from the chunk that we hold: a repeat after a commit that nobody heard of moves nothing.
REQUEUE = """
    UPDATE campaigns_message m SET chunk_id = %(chunk)s, position = v.position, attempts = m.attempts + v.cost, reason = v.reason, detail = v.detail
      FROM unnest(%(ids)s::bigint[], %(positions)s::int[], %(costs)s::int[], %(reasons)s::text[], %(details)s::text[])
           AS v(id, position, cost, reason, detail)
     WHERE m.id = v.id AND m.status = 0 AND m.chunk_id = %(from)s"""


async def write_results(connection: Any, provider: Any, groups: list[tuple[Claim, list[Result]]]) -> None:
    """Write the results of strides, each with the claim it belongs to."""
    with meter.timed("write"):
        await _write(connection, provider, groups)
    for verdict, texts in Counter(result.verdict for _claim, results in groups for result in results).items():
        meter.add("sms_texts_total", texts, provider=provider.id, outcome=verdict.value)


async def _write(connection: Any, provider: Any, groups: list[tuple[Claim, list[Result]]]) -> None:
    async with _transaction(connection, groups), connection.cursor() as cursor:
        groups = [(claim, await _keep(cursor, provider, claim, results)) for claim, results in groups]
        await _settle(cursor, provider, [result for _claim, results in groups for result in results])
        named = [(sign_reference(result.text.id), result.known_as) for _claim, results in groups for result in results if result.known_as]
        await sent_parts.remember(cursor, provider.id, named)
        again: dict[tuple[int, float, int | None], tuple[Claim, list[Result]]] = {}
        for claim, results in groups:
            for result in filter(_goes_again, results):
                again.setdefault((claim.chunk, _delay(result), result.hours or claim.hours), (claim, []))[1].append(result)
        for (_chunk, delay, hours), (claim, results) in again.items():
            await _requeue(cursor, provider, claim, results, delay, hours)


def _transaction(connection: Any, groups: list[tuple[Claim, list[Result]]]) -> Any:
    """None where nothing but acceptances is to be written: that is one statement."""
    plain = all(result.verdict is Verdict.SENT and not result.known_as for _claim, results in groups for result in results)
    return nullcontext() if plain else connection.transaction()


async def _keep(cursor: Any, provider: Any, claim: Claim, results: list[Result]) -> list[Result]:
    """All but those that go on through another gateway."""
    failed = [fail_over.Failed(result.text.id, result.reason) for result in results if _is_curable(result)]
    if not failed:
        return results
    passed = await fail_over.pass_on(cursor, provider.id, claim, failed)
    return [result for result in results if result.text.id not in passed]


CERTAINLY_NOT_SENT = (Verdict.REFUSED, Verdict.SKIPPED, Verdict.NOT_STARTED, Verdict.RETRY)


def _is_curable(result: Result) -> bool:
    """Another gateway may do what this one certainly did not; who is merely not reached is tried here as often as any text."""
    if result.reason not in CURABLE or result.verdict not in CERTAINLY_NOT_SENT:
        return False
    return result.verdict is not Verdict.RETRY or not _goes_again(result)


def _goes_again(result: Result) -> bool:
    if result.verdict is Verdict.NOT_STARTED:
        return True
    if result.verdict is not Verdict.RETRY or result.text.age > result.patience:
        return False
    return result.free or result.text.attempts + 1 < MOST_ATTEMPTS


def _delay(result: Result) -> float:
    """Seconds until the next try, rounded up to a power of two, so that texts with about the same delay share a chunk."""
    return 0.0 if result.after <= 0 else 2.0 ** ceil(log2(max(result.after, 0.5)))


async def _settle(cursor: Any, provider: Any, results: list[Result]) -> None:
    outcomes = sorted((_outcome(result) for result in results if not _goes_again(result)), key=lambda outcome: outcome.message_id)
    if outcomes:
        moved = await transitions.move_messages_async(cursor, outcomes, more=RECORD_MOVED)
        await bad_news.after_calls(cursor, provider, outcomes, moved)


def _outcome(result: Result) -> Outcome:
    status = FINAL.get(result.verdict, MessageStatus.FAILED)  # a retry that has no attempt, or no time, left
    calls = 0 if result.verdict is Verdict.SKIPPED else 1
    return Outcome(result.text.id, status, _storable(result.gateway_id, 80), result.reason[:40], _storable(result.detail, 200), calls)


def _storable(text: str, length: int) -> str:
    """What a gateway wrote, as a column can hold it."""
    if text.isascii() and text.isprintable():  # an id, as a rule
        return text[:length]
    return text.encode("utf-8", "replace").decode().replace("\0", "")[:length]


async def _requeue(cursor: Any, provider: Any, claim: Claim, results: list[Result], delay: float, hours: int | None) -> None:
    facts = {"mailing": claim.mailing, "provider": provider.id, "priority": 0 if claim.urgent else 1, "turn": claim.turn, "after": delay, "hours": hours}
    facts["size"] = len(results)
    await cursor.execute(NEW_CHUNK, facts)
    (chunk,) = await cursor.fetchone()
    await cursor.execute(
        REQUEUE,
        {
            "chunk": chunk,
            "from": claim.chunk,
            "ids": [result.text.id for result in results],
            "positions": list(range(len(results))),
            "costs": [int(result.verdict is Verdict.RETRY and not result.free) for result in results],
            "reasons": [result.reason for result in results],
            "details": [_storable(result.detail, 200) for result in results],
        },
    )
    await merged.keep_one_text_async(cursor, [result.text.id for result in results])
