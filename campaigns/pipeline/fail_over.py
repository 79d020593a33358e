"""Texts that one gateway certainly did not send and another can: passed on along the rules, as new chunks of the other provider.

Only what `routing.CURABLE` names is passed on, and never what may have left. The message keeps through whom it was tried before, and why not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns import routing
from campaigns.pipeline.dispatch import Claim, state_in
from campaigns.routing import Gateway, Rule, Table, Way
from campaigns.services import merged
from campaigns.services.routes import INTERN, interning
from smsapp.common import arrays, phone

RULES = "SELECT provider_id, sender, countries, kinds, keep_sender FROM campaigns_route WHERE active ORDER BY position, id"
GATEWAYS = "SELECT id, name, senders, allowed_countries, max_segments, lane = 'paused' FROM providers_provider WHERE active"
NAME = "SELECT name FROM providers_provider WHERE id = %s"
TEXTS = """
    SELECT m.id, m.number, m.kind, m.segments, r.facts FROM campaigns_message m LEFT JOIN campaigns_routing r ON r.id = m.routing_id
     WHERE m.id = ANY(%s) AND m.status = 0 AND m.chunk_id = %s ORDER BY m.position"""

# In turn with what the other provider is sending.
CHUNK = f"""
    INSERT INTO campaigns_chunk (mailing_id, provider_id, priority, turn, state, due_at, size, started_up_to, claims, sender)
    SELECT %(mailing)s::bigint, %(provider)s, %(priority)s,
           coalesce((SELECT min(turn) FROM campaigns_chunk WHERE provider_id = %(provider)s AND priority = 1 AND state = 1 AND due_at <= now()), 0),
           {state_in("%(mailing)s::bigint")}, now(), %(size)s, 0, 0, %(sender)s
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
    table = _table(rules, await cursor.fetchall())
    await cursor.execute(NAME, [provider_id])
    (name,) = await cursor.fetchone()
    await cursor.execute(TEXTS, [[each.id for each in failed], claim.chunk])
    passed: set[int] = set()
    for (way, facts), ids in _ways(table, provider_id, name, {each.id: each.reason for each in failed}, await cursor.fetchall()).items():
        await cursor.execute(INTERN, [*facts])
        (note,) = await cursor.fetchone()
        keys = {"provider": way.provider, "sender": way.sender}
        await cursor.execute(CHUNK, {**keys, "mailing": claim.mailing, "priority": 0 if claim.urgent else 1, "size": len(ids)})
        (chunk,) = await cursor.fetchone()
        columns = {"ids": arrays.integers(ids), "positions": arrays.integers(range(len(ids)))}
        await cursor.execute(MOVE_ON, {**keys, **columns, "routing": note, "chunk": chunk, "from": claim.chunk})
        await merged.keep_one_text_async(cursor, ids)
        passed.update(ids)
    return passed


def _table(rules: Iterable[Any], gateways: Iterable[Any]) -> Table:
    followed = [
        Rule(number, provider, sender, frozenset(countries), frozenset(kinds), keep)
        for number, (provider, sender, countries, kinds, keep) in enumerate(rules, 1)
    ]
    active = {pk: Gateway(pk, name, tuple(senders), frozenset(countries), most, paused) for pk, name, senders, countries, most, paused in gateways}
    return Table(followed, active)


Why = tuple[str, str]  # parameters of INTERN


def _ways(table: Table, provider_id: int, name: str, reasons: dict[int, str], texts: Iterable[Any]) -> dict[tuple[Way, Why], list[int]]:
    """Where the texts go on, each group with why; those for which nobody else is there are absent."""
    found: dict[tuple[Way, Why], list[int]] = {}
    for pk, number, kind, segments, facts in texts:
        earlier = [*(facts or {}).get("earlier", []), {"id": provider_id, "provider": name, "reason": reasons[pk]}]
        tried = {each["id"] for each in earlier}
        way = table.next_way(routing.KINDS[kind], phone.country_of(number), tried=tried, segments=segments)
        if way is not None:
            digest, words = interning(routing.facts_of(way, earlier))
            found.setdefault((way, (digest, words)), []).append(pk)
    return found
