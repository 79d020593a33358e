"""Texts that one gateway certainly did not send and another can: passed on along the rules, as new chunks of the other provider.

Only what `routing.CURABLE` names is passed on, and never what may have left. The message keeps through whom it was tried before, and why not.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction

from campaigns import routing
from campaigns.models import Route
from campaigns.pipeline.dispatch import Claim, state_in
from campaigns.routing import Gateway, Rule, Table, Way
from campaigns.services import merged
from campaigns.services.routes import INTERN, interning, table
from providers.failures import CLOSE_A_LANE
from providers.models import Provider
from smsapp.common import arrays, phone

RULES = "SELECT provider_id, sender, countries, kinds, keep_sender FROM campaigns_route WHERE active ORDER BY position, id"
GATEWAYS = "SELECT id, name, senders, allowed_countries, max_segments, lane = 'paused' FROM providers_provider WHERE active"
NAME = "SELECT name FROM providers_provider WHERE id = %s"
TEXTS = """
    SELECT m.id, m.number, m.kind, m.segments, r.facts FROM campaigns_message m LEFT JOIN campaigns_routing r ON r.id = m.routing_id
     WHERE m.id = ANY(%s) AND m.status = 0 AND m.chunk_id = %s ORDER BY m.position"""

# In turn with what the other provider is sending.
CHUNK = f"""
    INSERT INTO campaigns_chunk (mailing_id, provider_id, priority, turn, state, due_at, size, started_up_to, claims, sender, hours_id)
    SELECT %(mailing)s::bigint, %(provider)s, %(priority)s,
           coalesce((SELECT min(turn) FROM campaigns_chunk WHERE provider_id = %(provider)s AND priority = 1 AND state = 1 AND due_at <= now()), 0),
           {state_in("%(mailing)s::bigint")}, greatest(now(), h.opens_at), %(size)s, 0, 0, %(sender)s, c.hours_id
      FROM campaigns_chunk c LEFT JOIN campaigns_openhours h ON h.id = c.hours_id WHERE c.id = %(from)s
 RETURNING id"""  # noqa: S608 (the expression of dispatch)
MOVE_ON = """
    UPDATE campaigns_message m
       SET chunk_id = %(chunk)s, position = v.position, provider_id = %(provider)s, sender = %(sender)s, routing_id = %(routing)s,
           attempts = 0, reason = '', detail = ''
      FROM unnest(%(ids)s::bigint[], %(positions)s::int[]) AS v(id, position)
     WHERE m.id = v.id AND m.status = 0 AND m.chunk_id = %(from)s"""


@dataclass(frozen=True, slots=True)
class Failed:
    """A text, and the neutral category of what happened to it."""

    id: int
    reason: str


async def pass_on(cursor: Any, provider_id: int, claim: Claim, failed: Sequence[Failed]) -> set[int]:
    """Those of a claimed chunk for which another gateway is there; in a worker's own transaction. Without rules it costs one query, and this is rare."""
    await cursor.execute(RULES)
    rules = await cursor.fetchall()
    if not rules:
        return set()
    await cursor.execute(GATEWAYS)
    known = _table(rules, await cursor.fetchall())
    await cursor.execute(NAME, [provider_id])
    (name,) = await cursor.fetchone()
    await cursor.execute(TEXTS, [[each.id for each in failed], claim.chunk])
    passed: set[int] = set()
    for (way, facts), ids in _ways(known, provider_id, name, {each.id: each.reason for each in failed}, await cursor.fetchall()).items():
        await cursor.execute(INTERN, [*facts])
        (note,) = await cursor.fetchone()
        keys = {"provider": way.provider, "sender": way.sender}
        await cursor.execute(CHUNK, {**keys, "mailing": claim.mailing, "priority": 0 if claim.urgent else 1, "size": len(ids), "from": claim.chunk})
        (chunk,) = await cursor.fetchone()
        columns = {"ids": arrays.integers(ids), "positions": arrays.integers(range(len(ids)))}
        await cursor.execute(MOVE_ON, {**keys, **columns, "routing": note, "chunk": chunk, "from": claim.chunk})
        await merged.keep_one_text_async(cursor, ids)
        passed.update(ids)
    return passed


# --- what waits for a gateway that does not know us ---

CHUNKS = """
    SELECT c.id, c.mailing_id, c.priority FROM campaigns_chunk c
     WHERE c.provider_id = %s AND c.state = 1 AND c.id > %s ORDER BY c.id LIMIT %s"""
HOLD = "SELECT id FROM campaigns_chunk WHERE id = %s AND state = 1 FOR UPDATE SKIP LOCKED"
CLOSE = """
    UPDATE campaigns_chunk c SET state = 3 WHERE c.id = %s AND c.state = 1
       AND NOT EXISTS (SELECT 1 FROM campaigns_message m WHERE m.chunk_id = c.id AND m.status = 0)"""
OPEN = "SELECT id FROM campaigns_message WHERE chunk_id = %s AND status = 0"
AT_ONCE = 20  # chunks of a provider in one round


def drain() -> int:
    """Texts that wait in lanes which the gateway itself has closed (our credentials, our account) go on through others; how many did."""
    closed = Provider.objects.filter(active=True, lane=Provider.Lane.PAUSED, lane_cause__in=CLOSE_A_LANE)
    return sum(map(_drain, closed)) if closed and Route.objects.in_use().exists() else 0


def _drain(provider: Provider) -> int:
    """The next chunks, beginning anew behind the last; those for which nobody else is there stay."""
    key = f"drained-{provider.pk}"
    with connection.cursor() as cursor:
        cursor.execute(CHUNKS, [provider.pk, cache.get(key, 0), AT_ONCE])
        chunks = cursor.fetchall()
    cache.set(key, chunks[-1][0] if len(chunks) == AT_ONCE else 0, 600)
    found = table()
    return sum(_pass_chunk_on(found, provider, *chunk) for chunk in chunks)


@transaction.atomic
def _pass_chunk_on(found: Table, provider: Provider, chunk: int, mailing: int | None, priority: int) -> int:
    passed = 0
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [chunk])
        if cursor.fetchone() is None:
            return 0
        cursor.execute(OPEN, [chunk])
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute(TEXTS, [ids, chunk])
        texts = [(*row[:4], json.loads(row[4]) if row[4] else None) for row in cursor.fetchall()]
        for (way, facts), going in _ways(found, provider.pk, provider.name, dict.fromkeys(ids, provider.lane_cause), texts).items():
            cursor.execute(INTERN, [*facts])
            note = cursor.fetchone()[0]
            keys: dict[str, Any] = {"provider": way.provider, "sender": way.sender}
            cursor.execute(CHUNK, {**keys, "mailing": mailing, "priority": priority, "size": len(going), "from": chunk})
            home = cursor.fetchone()[0]
            columns = {"ids": arrays.integers(going), "positions": arrays.integers(range(len(going)))}
            cursor.execute(MOVE_ON, {**keys, **columns, "routing": note, "chunk": home, "from": chunk})
            passed += len(going)
        cursor.execute(CLOSE, [chunk])
    return passed


def _table(rules: Iterable[Any], gateways: Iterable[Any]) -> Table:
    followed = [
        Rule(number, provider, sender, frozenset(countries), frozenset(kinds), keep)
        for number, (provider, sender, countries, kinds, keep) in enumerate(rules, 1)
    ]
    active = {pk: Gateway(pk, name, tuple(senders), frozenset(countries), most, paused) for pk, name, senders, countries, most, paused in gateways}
    return Table(followed, active)


Why = tuple[str, str]  # parameters of INTERN


def _ways(known: Table, provider_id: int, name: str, reasons: dict[int, str], texts: Iterable[Any]) -> dict[tuple[Way, Why], list[int]]:
    """Where the texts go on, each group with why; those for which nobody else is there are absent."""
    found: dict[tuple[Way, Why], list[int]] = {}
    for pk, number, kind, segments, facts in texts:
        if facts == routing.ONLY_HERE:
            continue
        earlier = [*(facts or {}).get("earlier", []), {"id": provider_id, "provider": name, "reason": reasons[pk]}]
        tried = {each["id"] for each in earlier}
        way = known.next_way(routing.KINDS[kind], phone.country_of(number), tried=tried, segments=segments)
        if way is not None:
            digest, words = interning(routing.facts_of(way, earlier))
            found.setdefault((way, (digest, words)), []).append(pk)
    return found
