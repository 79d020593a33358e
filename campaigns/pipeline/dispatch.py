"""Claim chunks of one provider and read their texts, with eligibility judged again at this last moment."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import F

from campaigns.models import Message
from campaigns.statuses import MessageStatus
from contacts.eligibility import reason_expression

# The next due chunk: urgent before bulk, only while its mailing is sending and its provider's lane runs.
# One place where rules that hold back a whole chunk join in.
CLAIM = """
    WITH next AS (
        SELECT c.id FROM campaigns_chunk c
          JOIN providers_provider p ON p.id = c.provider_id
          LEFT JOIN campaigns_mailing g ON g.id = c.mailing_id
         WHERE c.provider_id = %(provider)s AND c.state = 1 AND c.priority <= %(lowest)s AND c.due_at <= now()
           AND p.active AND p.lane <> 'paused' AND (c.mailing_id IS NULL OR g.status = 'sending')
         ORDER BY c.priority, c.due_at, c.id LIMIT 1 FOR UPDATE OF c SKIP LOCKED)
    UPDATE campaigns_chunk c
       SET state = 2, owner = %(owner)s, lease_until = now() + make_interval(secs => %(lease)s), claims = c.claims + 1
      FROM next WHERE c.id = next.id
 RETURNING c.id, c.mailing_id, c.started_up_to, c.priority"""

# Moved ahead and committed before the calls of a stride begin; fails when the lease was lost, or a person stopped it.
MARK = """
    UPDATE campaigns_chunk c
       SET started_up_to = %(mark)s, lease_until = now() + make_interval(secs => %(lease)s)
     WHERE c.id = %(chunk)s AND c.owner = %(owner)s AND c.state = 2 AND c.lease_until > now()
       AND (c.mailing_id IS NULL OR EXISTS (SELECT 1 FROM campaigns_mailing g WHERE g.id = c.mailing_id AND g.status = 'sending'))
       AND EXISTS (SELECT 1 FROM providers_provider p WHERE p.id = c.provider_id AND p.active AND p.lane <> 'paused')
 RETURNING c.id"""

# Give the unstarted rest back: to the queue, to its paused mailing, or to its cancelled one.
RELEASE = """
    UPDATE campaigns_chunk c
       SET owner = NULL, lease_until = NULL,
           state = CASE coalesce((SELECT g.status FROM campaigns_mailing g WHERE g.id = c.mailing_id), 'sending')
                   WHEN 'paused' THEN 0 WHEN 'cancelled' THEN 4 ELSE 1 END
     WHERE c.id = %(chunk)s AND c.owner = %(owner)s AND c.state = 2"""

DONE = "UPDATE campaigns_chunk SET state = 3, owner = NULL, lease_until = NULL WHERE id = %(chunk)s AND owner = %(owner)s AND state = 2"


class Text(NamedTuple):
    """A claimed message. `why_not` is the reason why it must not be sent any more, or None."""

    id: int
    position: int
    number: str
    sender: str
    text: str
    segments: int
    attempts: int
    why_not: str | None


@dataclass(slots=True)
class Claim:
    """A chunk under our lease. `lease_end` is on this process's monotonic clock: a frozen worker notices that it is over."""

    chunk: int
    mailing: int | None
    mark: int
    urgent: bool
    owner: uuid.UUID
    lease_end: float
    open_strides: int = 0
    complete: bool = False  # nothing is left to start
    keys: dict[str, Any] = field(default_factory=dict)


async def claim(connection: Any, provider_id: int, *, urgent_only: bool) -> Claim | None:
    """Take the next due chunk of a provider; None when there is none."""
    owner, asked = uuid.uuid4(), time.monotonic()
    lowest = 0 if urgent_only else 1
    cursor = await connection.execute(CLAIM, {"provider": provider_id, "lowest": lowest, "owner": owner, "lease": settings.LEASE_SECONDS}, prepare=True)
    row = await cursor.fetchone()
    if row is None:
        return None
    chunk, mailing, mark, priority = row
    return Claim(chunk, mailing, mark, priority == 0, owner, asked + settings.LEASE_SECONDS, keys={"chunk": chunk, "owner": owner})


async def texts_of(connection: Any, claim: Claim) -> list[Text]:
    """The chunk's messages that were not started yet, in order, each judged once more."""
    sql, parameters = _reading(marketing=claim.mailing is not None)
    cursor = await connection.execute(sql, [claim.chunk if p is _CHUNK else claim.mark if p is _MARK else p for p in parameters], prepare=True)
    return [Text._make(row) for row in await cursor.fetchall()]


async def move_mark(connection: Any, claim: Claim, mark: int) -> bool:
    """Say, durably, that positions below `mark` may have been started; renews the lease. False: start nothing more."""
    asked = time.monotonic()
    cursor = await connection.execute(MARK, {**claim.keys, "mark": mark, "lease": settings.LEASE_SECONDS}, prepare=True)
    if await cursor.fetchone() is None:
        return False
    claim.mark, claim.lease_end = mark, asked + settings.LEASE_SECONDS
    return True


_CHUNK, _MARK = -11, -12  # stand-ins in the compiled query, replaced at each read


@cache
def _reading(*, marketing: bool) -> tuple[str, Sequence[Any]]:
    """SQL and parameters of the read, compiled once from the same expression that every other path uses."""
    rows = (
        Message.objects.filter(chunk_id=_CHUNK, position__gte=_MARK, status=MessageStatus.OPEN)
        .annotate(why_not=reason_expression(marketing=marketing, prefix="contact__", number="number"))
        .annotate(place=F("position"))
        .order_by("position")
        .values_list("id", "position", "number", "sender", "text", "segments", "attempts", "why_not")
    )
    return rows.query.sql_with_params()
