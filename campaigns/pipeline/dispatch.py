"""Claim chunks of one provider and start them stride by stride, with eligibility judged again at this last moment."""

import math
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Case, CharField, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest, Now, NullIf
from django.db.models.lookups import IsNull

from campaigns.models import Message
from campaigns.pipeline import day_limit, heard
from campaigns.pipeline.number_rules import NumberRules
from campaigns.statuses import MessageStatus
from contacts.eligibility import reason_expression
from contacts.models import PhoneNumber
from providers.types import ProviderSnapshot
from smsapp.common.meter import meter


def state_in(mailing: str) -> str:
    """SQL of the state in which a freed chunk waits: ready, held while its mailing (an SQL expression) is paused, cancelled with it."""
    status = f"coalesce((SELECT g.status FROM campaigns_mailing g WHERE g.id = {mailing}), 'sending')"  # noqa: S608 (expressions of our own)
    return f"CASE {status} WHEN 'paused' THEN 0 WHEN 'cancelled' THEN 4 ELSE 1 END"


# Of a mailing `g` whose texts may leave: while it is being sent and they are of use. A finished one has texts that a person sends again.
GOES = "(g.status = 'sending' AND (g.expires_at IS NULL OR g.expires_at > now()) OR g.status = 'finished')"
OPEN = "h.opens_at <= now() AND (h.closes_at IS NULL OR h.closes_at > now())"
DUE = "greatest(c.due_at, (SELECT h.opens_at FROM campaigns_openhours h WHERE h.id = c.hours_id))"  # of what comes back while its hours are closed
CLOSES_IN = "(SELECT extract(epoch FROM h.closes_at - now())::float FROM campaigns_openhours h WHERE h.id = c.hours_id)"  # seconds; NULL: never

# The next due chunk: urgent before bulk, mailings in turn, only while its mailing is sending and its provider's lane runs. A finished mailing has a
# chunk when a person sends a text of it again.
# One place where rules that hold back a whole chunk join in: the hours that its texts keep, and the end of its mailing's use.
# Of a mailing's chunk that nobody has sorted by hours, it tells what numbers begin with that keep some which are closed, or will be within a lease.
CLAIM = f"""
    WITH next AS (
        SELECT c.id, coalesce(nullif(c.sender, ''), g.sender, (SELECT m.sender FROM campaigns_message m WHERE m.chunk_id = c.id LIMIT 1), '') AS sender
          FROM campaigns_chunk c
          JOIN providers_provider p ON p.id = c.provider_id
          LEFT JOIN campaigns_mailing g ON g.id = c.mailing_id
         WHERE c.provider_id = %(provider)s AND c.state = 1 AND c.priority <= %(lowest)s AND c.due_at <= now()
           AND p.active AND p.lane <> 'paused' AND (p.slowed_until IS NULL OR p.slowed_until <= now())
           AND (c.mailing_id IS NULL OR {GOES} AND c.mailing_id <> ALL(%(resting)s))
           AND (c.hours_id IS NULL OR EXISTS (SELECT 1 FROM campaigns_openhours h WHERE h.id = c.hours_id AND {OPEN}))
         ORDER BY c.priority, c.turn, c.due_at, c.id LIMIT 1 FOR UPDATE OF c SKIP LOCKED)
    UPDATE campaigns_chunk c
       SET state = 2, owner = %(owner)s, lease_until = now() + make_interval(secs => %(lease)s), claims = least(c.claims + 1, 32000)
      FROM next WHERE c.id = next.id
 RETURNING c.id, c.mailing_id, c.started_up_to, c.size, c.priority, c.turn, next.sender, c.hours_id, {CLOSES_IN},
           CASE WHEN c.hours_id IS NULL AND c.mailing_id IS NOT NULL
                THEN (SELECT array_agg(DISTINCT h.prefix) FROM campaigns_openhours h
                       WHERE h.opens_at > now() OR h.closes_at <= now() + make_interval(secs => %(lease)s)) END"""  # noqa: S608 (expressions of our own)

# Moved ahead and committed before the calls of a stride begin; fails when the lease was lost, or a person stopped it.
# Tells which countries the provider may text at this moment: administrators change that while a mailing is under way; whether it is marketing; and
# when its hours close.
MARK = f"""
    UPDATE campaigns_chunk c
       SET started_up_to = %(mark)s, lease_until = now() + make_interval(secs => %(lease)s)
     WHERE c.id = %(chunk)s AND c.owner = %(owner)s AND c.state = 2 AND c.lease_until > now() AND c.started_up_to < %(mark)s
       AND (c.mailing_id IS NULL OR EXISTS (SELECT 1 FROM campaigns_mailing g WHERE g.id = c.mailing_id AND {GOES}))
       AND (c.hours_id IS NULL OR EXISTS (SELECT 1 FROM campaigns_openhours h WHERE h.id = c.hours_id AND {OPEN}))
       AND EXISTS (SELECT 1 FROM providers_provider p WHERE p.id = c.provider_id AND p.active AND p.lane <> 'paused')
 RETURNING (SELECT p.allowed_countries FROM providers_provider p WHERE p.id = c.provider_id),
           coalesce((SELECT g.kind = 'marketing' FROM campaigns_mailing g WHERE g.id = c.mailing_id), false), {CLOSES_IN}"""  # noqa: S608

# Give the unstarted rest back, once the outcomes of what was started are written: to the queue, to its paused mailing, or
# to its cancelled one. A chunk that was given back in good order begins to count its lost leases anew.
RELEASE = f"""
    UPDATE campaigns_chunk c
       SET owner = NULL, lease_until = NULL, claims = 0, started_up_to = least(c.started_up_to, %(mark)s),
           state = {state_in("c.mailing_id")}, due_at = {DUE}
     WHERE c.id = %(chunk)s AND c.owner = %(owner)s AND c.state = 2"""  # noqa: S608 (the expressions above)

# Refused while a text of the chunk is open: then the lease ends, and the sweep says what became of it.
DONE = """
    UPDATE campaigns_chunk c SET state = 3, owner = NULL, lease_until = NULL
     WHERE c.id = %(chunk)s AND c.owner = %(owner)s AND c.state = 2
       AND NOT EXISTS (SELECT 1 FROM campaigns_message m WHERE m.chunk_id = c.id AND m.status = 0)"""

UNSORTED = "quiet_hours"  # instead of a reason: it may keep hours, and is to wait in a chunk that keeps them
ASK_THE_NUMBER = "ask_the_number"  # instead of a reason: nobody has the number, so it must tell its country itself


class Text(NamedTuple):
    """A started message. `why_not` is the reason why it must not be sent any more, or None; `age` how long it has waited."""

    id: int
    position: int
    number: str
    sender: str
    text: str
    segments: int
    attempts: int
    age: timedelta
    why_not: str | None


@dataclass(slots=True)
class Claim:
    """A chunk under our lease. `lease_end` is on this process's monotonic clock: a frozen worker notices that it is over.

    `closes` is the end of its hours on the same clock; `unsorted` says what numbers begin with that may keep some, where nobody has looked yet.
    `open_strides` counts strides without written outcomes, and one for the feed as long as it holds the chunk; at zero
    the chunk is done, or given back.
    """

    chunk: int
    mailing: int | None
    mark: int
    size: int
    urgent: bool
    turn: int
    sender: str
    owner: uuid.UUID
    lease_end: float
    hours: int | None = None
    closes: float = math.inf
    unsorted: tuple[str, ...] = ()
    open_strides: int = 1
    give_back: bool = False

    @property
    def keys(self) -> dict[str, Any]:
        """What identifies our hold on the chunk."""
        return {"chunk": self.chunk, "owner": self.owner}


async def claim(connection: Any, provider_id: int, *, urgent_only: bool, resting: Iterable[int] = ()) -> Claim | None:
    """Take the next due chunk of a provider, of no `resting` mailing; None when there is none."""
    owner, asked = uuid.uuid4(), time.monotonic()
    facts = {"provider": provider_id, "lowest": 0 if urgent_only else 1, "owner": owner, "lease": settings.LEASE_SECONDS, "resting": list(resting)}
    row = await (await connection.execute(CLAIM, facts, prepare=True)).fetchone()
    if row is None:
        return None
    chunk, mailing, mark, size, priority, turn, sender, hours, closes_in, unsorted = row
    meter.add("sms_chunks_claimed_total", provider=provider_id)
    lease_end = asked + settings.LEASE_SECONDS
    return Claim(chunk, mailing, mark, size, priority == 0, turn, sender, owner, lease_end, hours, _closing(asked, closes_in), tuple(unsorted or ()))


def _closing(asked: float, seconds: float | None) -> float:
    """On this process's own clock: rather early than late, for the database was asked a little later."""
    return math.inf if seconds is None else asked + seconds


async def start(connection: Any, claim: Claim, upto: int, provider: ProviderSnapshot) -> list[Text] | None:
    """Mark the positions below `upto` as started, durably, and read their texts, judged at this moment.

    Renews the lease. None: nothing more may be started. Fewer are where the provider's limit of a day leaves no more; raises Reached where it is reached.
    """
    with meter.timed("start"):
        texts = await (_start_within_the_day if provider.daily_limit else _start)(connection, claim, upto, provider)
    if texts is not None:
        meter.add("sms_strides_total", provider=provider.id)
        meter.add("sms_texts_started_total", len(texts), provider=provider.id)
    return texts


async def _start_within_the_day(connection: Any, claim: Claim, upto: int, provider: ProviderSnapshot) -> list[Text] | None:
    async with connection.transaction():
        room = await day_limit.room(connection, provider.id, provider.daily_limit or 0)
        return await _start(connection, claim, min(upto, claim.mark + room), provider)


async def _start(connection: Any, claim: Claim, upto: int, provider: ProviderSnapshot) -> list[Text] | None:
    asked, begin = time.monotonic(), claim.mark
    marked = await connection.execute(MARK, {**claim.keys, "mark": upto, "lease": settings.LEASE_SECONDS}, prepare=True)
    allowed = await marked.fetchone()
    if allowed is None:
        return None
    claim.lease_end, claim.closes = asked + settings.LEASE_SECONDS, _closing(asked, allowed[2])
    rules = NumberRules.at(provider, allowed[0])
    sql, parameters = reading(marketing=allowed[1], rules=rules)
    rows = await connection.execute(sql, [*parameters, claim.chunk, begin, upto], prepare=True)
    texts = [_decided(Text._make(row), rules) for row in await rows.fetchall()]
    if claim.unsorted:
        texts = [_held_back(text) if text.number.startswith(claim.unsorted) else text for text in texts]
    claim.mark = upto  # only now: texts that could not be read were not started, whatever the row says
    return texts


def _decided(text: Text, rules: NumberRules) -> Text:
    """A text to somebody who is no contact, such as a test, has its number alone to tell the country."""
    return text if text.why_not != ASK_THE_NUMBER else text._replace(why_not=rules.refusal(text.number) or None)


def _held_back(text: Text) -> Text:
    return text if text.why_not else text._replace(why_not=UNSORTED)


async def settle(connection: Any, claim: Claim) -> None:
    """Close a chunk whose outcomes are all written: done, or the rest given back."""
    await connection.execute(RELEASE if claim.give_back else DONE, {**claim.keys, "mark": claim.mark})


def why_not_now(*, marketing: bool, rules: NumberRules) -> Case:
    """Of a message: NULL, the reason why it must not be sent at this moment, or ASK_THE_NUMBER."""
    country = _country()
    unknown = [(ASK_THE_NUMBER, Q(IsNull(country, True)))] if rules.countries else []
    extra = [*unknown, *rules.reasons(number="number", country=country), ("arrived_meanwhile", _arrived_before()), heard.answered_since()]
    return reason_expression(marketing=marketing, prefix="contact__", number="number", extra=extra, lets_pass=heard.confirms_its_block())


@lru_cache(maxsize=50)  # sets of countries in use
def reading(*, marketing: bool, rules: NumberRules) -> tuple[str, tuple[Any, ...]]:
    """SQL and first parameters for the open texts of a chunk from one position up to another, with the same eligibility as every other path.

    Chunk and positions are appended by hand: the ORM would drop a condition that it holds to be always true.
    """
    age = ExpressionWrapper(Now() - Greatest("created_at", "scheduled_at", "mailing__started_at"), output_field=DurationField())
    why_not = why_not_now(marketing=marketing, rules=rules)
    fields = ("id", "position", "number", "sender", "text", "segments", "attempts", "age", "why_not")
    rows = Message.objects.filter(status=MessageStatus.OPEN).annotate(age=age, why_not=why_not).order_by().values_list(*fields)
    sql, parameters = rows.query.sql_with_params()
    message = Message._meta.db_table
    return f"{sql} AND {message}.chunk_id = %s AND {message}.position >= %s AND {message}.position < %s ORDER BY {message}.position", parameters


def _arrived_before() -> Any:
    """Of a text that somebody sent again: a late report said that the one it repeats has arrived."""
    first = Message.objects.filter(pk=OuterRef("again_of"), status=MessageStatus.DELIVERED)
    return Q(again_of__isnull=False) & Q(Exists(first))


def _country() -> Any:
    """The country of a message's number: from its contact's row, else from anybody who has the number; NULL when nobody has."""
    at_hand = Case(When(contact__sms_number=F("number"), then="contact__sms_country"), output_field=CharField())
    anybody = PhoneNumber.objects.filter(number=OuterRef("number")).values("country")[:1]
    return NullIf(Coalesce(at_hand, Subquery(anybody)), Value(""))
