"""What got stuck: chunks whose lease is over. What may have been sent becomes unknown, the rest goes back to the queue."""

import logging
from typing import Any

from django.db import OperationalError, connection, transaction

from campaigns.models import Chunk
from campaigns.pipeline.dispatch import DUE, state_in
from campaigns.pipeline.record import RECORD
from campaigns.services import transitions
from campaigns.statuses import MessageStatus
from smsapp.common import locks

log = logging.getLogger(__name__)

AT_ONCE = 100  # chunks per call: a tick stays short
LOST_LEASES = 3  # in a row: then something in the chunk kills its workers

OVER = "SELECT id FROM campaigns_chunk WHERE state = 2 AND lease_until < now() ORDER BY id LIMIT %s"

# A worker that was frozen in the middle of its writing holds the rows until the database ends its session (see database.py). Meanwhile other
# chunks are freed, and the urgent work of this process goes on.
PATIENCE = "SET LOCAL lock_timeout = '1s'"

# A chunk goes back to where its mailing is now: ready, held while paused, cancelled with it.
FREE = f"""
    UPDATE campaigns_chunk c
       SET owner = NULL, lease_until = NULL,
           state = {state_in("c.mailing_id")}, due_at = {DUE}
     WHERE c.id = (SELECT id FROM campaigns_chunk WHERE id = %s AND state = 2 AND lease_until < now() FOR UPDATE SKIP LOCKED)
 RETURNING c.started_up_to, c.claims"""  # noqa: S608 (the expressions of dispatch)

# The texts of a chunk that was lost again and again are tried one by one.
ALONE = """
    WITH rest AS (SELECT id, row_number() OVER (ORDER BY position) AS n FROM campaigns_message
                   WHERE chunk_id = %(chunk)s AND status = 0),
         homes AS (INSERT INTO campaigns_chunk (mailing_id, provider_id, priority, turn, state, due_at, size, started_up_to, claims, hours_id)
                   SELECT c.mailing_id, c.provider_id, c.priority, c.turn, c.state, c.due_at, 1, 0, 0, c.hours_id
                     FROM campaigns_chunk c, rest WHERE c.id = %(chunk)s RETURNING id),
         numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM homes)
    UPDATE campaigns_message m SET chunk_id = numbered.id, position = 0
      FROM rest JOIN numbered USING (n) WHERE m.id = rest.id"""


def sweep() -> int:
    """Free the chunks whose lease is over, each in a transaction of its own; how many messages became unknown."""
    with connection.cursor() as cursor:
        cursor.execute(OVER, [AT_ONCE])
        over = [row[0] for row in cursor.fetchall()]
    return sum(map(_free, over))


def _free(chunk_id: int) -> int:
    try:
        return _free_now(chunk_id)
    except OperationalError as busy:
        if locks.code_of(busy) != locks.NOT_AVAILABLE:
            raise
        log.warning("lease over, rows still held", extra={"chunk": chunk_id})
        return 0


@transaction.atomic
def _free_now(chunk_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(PATIENCE)
        cursor.execute(FREE, [chunk_id])
        row = cursor.fetchone()
        if row is None:
            return 0
        started_up_to, claims = row
        lost = transitions.settle_open([chunk_id], MessageStatus.UNKNOWN, reason="worker_lost", hi=started_up_to)
        cursor.execute(RECORD, [lost])
        log.warning("lease over", extra={"chunk": chunk_id, "unknown": len(lost)})
        if claims >= LOST_LEASES:
            _part(cursor, chunk_id)
    return len(lost)


def _part(cursor: Any, chunk_id: int) -> None:
    """Texts one by one; a text that was alone already fails, so that the others go on."""
    if Chunk.objects.get(id=chunk_id).size == 1:
        cursor.execute(RECORD, [transitions.settle_open([chunk_id], MessageStatus.FAILED, reason="poison")])
        return
    cursor.execute(ALONE, {"chunk": chunk_id})
    Chunk.objects.filter(id=chunk_id).update(claims=0)
