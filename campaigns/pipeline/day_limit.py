"""How many texts a provider may still take today, where an administrator has set a limit for a day: midnight is the organisation's.

What counts are texts that the gateway took or may have taken, tests among them, from the tallies, and those whose outcome is not written yet. One
that turned out later to have been taken counts twice: rather too few leave than too many.
"""

from datetime import datetime
from typing import Any

from campaigns.models import LaneTally
from smsapp.common.models import Organisation

LOCK_CLASS = 20_412  # first key of the advisory locks "somebody counts what provider N may still take"
TAKEN = [LaneTally.ACCEPTED, LaneTally.UNKNOWN, LaneTally.TESTS + LaneTally.ACCEPTED, LaneTally.TESTS + LaneTally.UNKNOWN]
LOCK = "SELECT pg_advisory_xact_lock(%s, (%s %% 2147483648)::int)"
COUNT = f"""
    WITH home AS (SELECT coalesce((SELECT time_zone FROM {Organisation._meta.db_table} LIMIT 1), 'Europe/Paris') AS zone),
         today AS (SELECT date_trunc('day', now() AT TIME ZONE zone) AT TIME ZONE zone AS begins,
                          (date_trunc('day', now() AT TIME ZONE zone) + interval '1 day') AT TIME ZONE zone AS ends FROM home)
    SELECT today.ends,
           (SELECT coalesce(sum(t.texts), 0) FROM campaigns_lanetally t
             WHERE t.slot >= today.begins AND t.provider_id = %(provider)s AND t.what = ANY(%(taken)s)),
           (SELECT count(*) FROM campaigns_chunk c JOIN campaigns_message m ON m.chunk_id = c.id
             WHERE c.state = 2 AND c.provider_id = %(provider)s AND m.position < c.started_up_to AND m.status = 0)
      FROM today"""  # noqa: S608 (our own name)


class Reached(Exception):
    """Nothing more may go to the provider before `until`; None: before it is known what became of those that are under way."""

    def __init__(self, until: datetime | None) -> None:
        super().__init__("the limit of a day is reached")
        self.until = until


async def room(connection: Any, provider_id: int, limit: int) -> int:
    """Texts that may be started now, at least one. Raises Reached.

    Under a lock that the transaction keeps: what starts in it is counted before anybody else counts.
    """
    await connection.execute(LOCK, [LOCK_CLASS, provider_id])
    found = await connection.execute(COUNT, {"provider": provider_id, "taken": TAKEN}, prepare=True)
    midnight, taken, under_way = await found.fetchone()
    if taken + under_way >= limit:
        raise Reached(midnight if taken >= limit else None)
    return int(limit - taken - under_way)
