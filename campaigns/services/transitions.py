"""The one door: every change of a mailing's or a message's status goes through here, along the tables in statuses.

Each function is safe to pass twice: a move happens only from a status that allows it, and counters follow the rows that
really moved, in the same transaction.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from campaigns.models import Mailing, MailingEvent
from campaigns.services import lane_tallies
from campaigns.signals import mailing_moved
from campaigns.statuses import MAILING_MOVES, ChunkState, MailingStatus, MessageStatus, sources
from smsapp.common import arrays, sentences

# --- mailings ---


@transaction.atomic
def move_mailing(
    mailing_id: int, target: MailingStatus, *, by: Any = None, note: str = "", problem: str = "", only_from: Sequence[str] = (), **fields: Any
) -> bool:
    """Move a mailing if its status allows it; True for the one caller who moved it. `fields` are written with it.

    `problem` is what its pages say of it from now on, `note` what its story says of the move.
    """
    allowed = [start for start, ends in MAILING_MOVES.items() if target in ends and (not only_from or start in only_from)]
    fields = {**sentences.for_every_reader("problem", problem), "updated_at": timezone.now(), **fields}
    if not Mailing.objects.filter(id=mailing_id, status__in=allowed).update(status=target, **fields):
        return False
    note_event(mailing_id, target, by, note, scheduled_for=fields.get("scheduled_at"))
    mailing_moved.send_robust(sender=Mailing, mailing_id=mailing_id)
    return True


def note_event(mailing_id: int, status: str, by: Any, note: str = "", scheduled_for: datetime | None = None) -> None:
    """A line in the mailing's story."""
    MailingEvent.objects.create(mailing_id=mailing_id, status=status, author=by, scheduled_for=scheduled_for, **sentences.for_every_reader("note", note))


# --- messages ---


class Outcome(NamedTuple):
    """What became of one message. `gateway_id`, `reason` and `detail` are kept when they are not empty."""

    message_id: int
    status: MessageStatus
    gateway_id: str = ""
    reason: str = ""
    detail: str = ""
    attempts: int = 0  # calls made


ROW = """m.id, m.mailing_id, m.provider_id, m.contact_id, m.author_id, m.kind, m.status, m.segments, m.subject, m.reason, m.sent_at, m.reported_at"""
MOVE = f"""
    UPDATE campaigns_message m
       SET status = %(target)s, attempts = m.attempts + v.attempts,
           gateway_id = CASE WHEN v.gateway_id = '' THEN m.gateway_id ELSE v.gateway_id END,
           reason = v.reason, detail = v.detail,
           sent_at = CASE WHEN %(target)s IN (10, 30) THEN coalesce(m.sent_at, clock_timestamp()) ELSE m.sent_at END,
           reported_at = CASE WHEN %(reported)s THEN clock_timestamp() ELSE m.reported_at END
      FROM unnest(%(ids)s::bigint[], %(gateway_ids)s::text[], %(reasons)s::text[], %(details)s::text[], %(attempts)s::int[])
           AS v(id, gateway_id, reason, detail, attempts)
     WHERE m.id = v.id AND m.status = %(source)s
 RETURNING {ROW}"""  # noqa: S608 (our own names)

# Unknown ones wait in a list of their own, for their rows have no index that mentions the status.
BEGIN_TO_WAIT = """,
         waiting AS (INSERT INTO campaigns_unknowntext (message_id, mailing_id, provider_id, reason, since, look_at, looks)
                     SELECT id, mailing_id, provider_id, reason, coalesce(sent_at, clock_timestamp()), clock_timestamp() + interval '20 seconds', 0
                       FROM moved ON CONFLICT DO NOTHING)"""
WAIT_NO_MORE = """,
         settled AS (DELETE FROM campaigns_unknowntext u USING moved WHERE u.message_id = moved.id)"""

COUNT = """,
         counted AS (INSERT INTO campaigns_mailingtally (mailing_id, status, messages, segments)
                     SELECT moved.mailing_id, way.status, way.sign * count(*), way.sign * sum(moved.segments)
                       FROM moved CROSS JOIN (VALUES (%(source)s::smallint, -1), (%(target)s::smallint, 1)) AS way(status, sign)
                      WHERE moved.mailing_id IS NOT NULL GROUP BY moved.mailing_id, way.status, way.sign)"""


MOVED = "SELECT count(*), CASE WHEN count(*) < %(asked)s THEN array_agg(id) END FROM moved"


def _moved(row: Any, asked: set[int]) -> set[int]:
    """The ids that moved, which are told only where not all of them did: thousands a second do, and each costs the driver."""
    count, ids = row
    return set(ids or ()) if count < len(asked) else asked


def _whole(move: str, source: MessageStatus, target: MessageStatus, more: str = "", give: str = MOVED) -> str:
    """A move and all that follows from it as one statement, so that whoever waits for the database waits once.

    `more`: further parts, each after a comma, that read the rows that `moved`; `give`: what it tells of them.
    """
    waiting = BEGIN_TO_WAIT if target is MessageStatus.UNKNOWN else WAIT_NO_MORE if source is MessageStatus.UNKNOWN else ""
    return f"WITH moved AS ({move}){COUNT}{lane_tallies.count(source, target)}{waiting}{more} {give}"


TALLY = """
    INSERT INTO campaigns_mailingtally (mailing_id, status, messages, segments)
    SELECT * FROM unnest(%s::bigint[], %s::smallint[], %s::int[], %s::int[])"""

Moved = list[tuple[int, int | None, int]]  # (message id, mailing id, segments)


@dataclass(slots=True)
class Plan:
    """The statements of one bulk move, for a synchronous or an asynchronous connection alike."""

    outcomes: Sequence[Outcome]
    reported: bool = False
    more: str = ""

    def steps(self) -> Iterable[tuple[str, dict[str, Any], set[int]]]:
        """(statement, parameters, ids) for each kind of move; the ordinary source comes first."""
        by_target: dict[MessageStatus, list[Outcome]] = {}
        for outcome in self.outcomes:
            by_target.setdefault(outcome.status, []).append(outcome)
        for target, group in by_target.items():
            ids = {outcome.message_id for outcome in group}
            for source in sources(target):
                yield _whole(MOVE, MessageStatus(source), target, self.more), self._parameters(source, target, group), ids

    def _parameters(self, source: int, target: MessageStatus, group: list[Outcome]) -> dict[str, Any]:
        return {
            "source": source,
            "target": int(target),
            "asked": len(group),
            "reported": self.reported,
            "ids": arrays.integers([o.message_id for o in group]),
            "gateway_ids": arrays.texts([o.gateway_id for o in group]),
            "reasons": arrays.texts([o.reason for o in group]),
            "details": arrays.texts([o.detail for o in group]),
            "attempts": arrays.integers([o.attempts for o in group]),
        }


class Tallies:
    """Differences to write to the counters, summed up per mailing and status."""

    def __init__(self) -> None:
        self.messages: Counter[tuple[int, int]] = Counter()
        self.segments: Counter[tuple[int, int]] = Counter()

    def add(self, moved: Moved, source: MessageStatus | None, target: MessageStatus | None) -> None:
        """Count rows that went from `source` to `target`; None stands for outside."""
        for _id, mailing_id, segments in moved:
            if mailing_id is None:
                continue
            for status, sign in ((source, -1), (target, 1)):
                if status is not None:
                    self.messages[mailing_id, int(status)] += sign
                    self.segments[mailing_id, int(status)] += sign * segments

    def bring(self, mailing_id: int, target: MessageStatus, messages: int, segments: int) -> None:
        """Count new rows that somebody has counted."""
        self.messages[mailing_id, int(target)] += messages
        self.segments[mailing_id, int(target)] += segments

    def parameters(self) -> list[list[int]]:
        """Arrays for TALLY; empty when nothing changed."""
        rows = [(*key, count, self.segments[key]) for key, count in self.messages.items() if count or self.segments[key]]
        return [list(column) for column in zip(*rows, strict=True)] if rows else []


def move_messages(outcomes: Sequence[Outcome], *, reported: bool = False) -> set[int]:
    """Write outcomes in one transaction; ids of the messages that moved. Others had already gone on and stay as they are."""
    done = set[int]()
    with transaction.atomic(), connection.cursor() as cursor:
        for statement, parameters, ids in Plan(outcomes, reported).steps():
            cursor.execute(statement, parameters)
            done |= _moved(cursor.fetchone(), ids)
    return done


async def move_messages_async(cursor: Any, outcomes: Sequence[Outcome], *, more: str = "") -> set[int]:
    """The same on a worker's own connection, a transaction for each kind of move unless one is open; stops looking once every row has moved.

    `more`: further parts of the statement, each after a comma, that write what else follows from the rows that `moved`.
    """
    done = set[int]()
    for statement, parameters, ids in Plan(outcomes, more=more).steps():
        if not done >= ids:
            await cursor.execute(statement, parameters, prepare=True)
            done |= _moved(await cursor.fetchone(), ids)
    return done


def write_tallies(cursor: Any, tallies: Tallies) -> None:
    """Append the differences to the counters."""
    if arrays := tallies.parameters():
        cursor.execute(TALLY, arrays)


SETTLE_BATCH = f"""
    UPDATE campaigns_message m SET status = %(target)s, reason = %(reason)s,
           sent_at = CASE WHEN %(target)s = 30 THEN coalesce(m.sent_at, clock_timestamp()) ELSE m.sent_at END
      FROM campaigns_chunk c
     WHERE c.id = ANY(%(chunks)s) AND m.chunk_id = c.id AND m.status = %(source)s AND m.position >= %(lo)s AND m.position < %(hi)s
 RETURNING {ROW}"""  # noqa: S608 (our own names)


def settle_open(chunk_ids: Sequence[int], target: MessageStatus, *, reason: str, lo: int = 0, hi: int = 2**31 - 1) -> list[int]:
    """Move the open messages of chunks at positions lo … hi−1 to `target` (unknown or cancelled); their ids."""
    source = MessageStatus.OPEN
    assert source in sources(target)
    facts: dict[str, Any] = {"source": int(source), "target": int(target), "reason": reason, "chunks": list(chunk_ids), "lo": lo, "hi": hi}
    with connection.cursor() as cursor:
        cursor.execute(_whole(SETTLE_BATCH, source, target, give="SELECT id FROM moved"), facts)
        return [row[0] for row in cursor.fetchall()]


# --- chunks of a mailing follow its moves ---


# Each chunk of a mailing has the next number, from where the provider's other mailings are at this moment: so they take turns from here on,
# and neither an early large one nor a late small one keeps the others waiting. What waits for its hours has its turn too.
RELEASE = """
    WITH own AS (SELECT DISTINCT provider_id FROM campaigns_chunk WHERE mailing_id = %(mailing)s AND state = 0),
         reached AS (
        SELECT own.provider_id,
               coalesce((SELECT max(turn) FROM campaigns_chunk c WHERE c.provider_id = own.provider_id AND priority = 1 AND state = 2),
                        (SELECT min(turn) FROM campaigns_chunk c WHERE c.provider_id = own.provider_id AND priority = 1 AND state = 1
                                                                   AND (due_at <= now() OR hours_id IS NOT NULL)),
                        0) AS turn
          FROM own),
         numbered AS (SELECT id, provider_id, row_number() OVER (PARTITION BY provider_id ORDER BY turn, id) AS n
                        FROM campaigns_chunk WHERE mailing_id = %(mailing)s AND state = 0)
    UPDATE campaigns_chunk c SET state = 1, turn = reached.turn + numbered.n,
           due_at = greatest(c.due_at, now(), (SELECT h.opens_at FROM campaigns_openhours h WHERE h.id = c.hours_id))
      FROM numbered JOIN reached USING (provider_id) WHERE c.id = numbered.id
 RETURNING c.provider_id"""


def release_chunks(mailing: Mailing) -> list[int]:
    """Held chunks may be claimed from now on; the providers that have some."""
    with connection.cursor() as cursor:
        cursor.execute(RELEASE, {"mailing": mailing.pk})
        return sorted({row[0] for row in cursor.fetchall()})


def hold_chunks(mailing: Mailing) -> None:
    """Nothing more is claimed; what is claimed stops at its next stride."""
    mailing.chunks.filter(state=ChunkState.READY).update(state=ChunkState.HELD)


def cancel_chunks(mailing: Mailing) -> None:
    """Nothing more is claimed, for good."""
    mailing.chunks.filter(state__in=[ChunkState.HELD, ChunkState.READY]).update(state=ChunkState.CANCELLED)
