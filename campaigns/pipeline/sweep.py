"""What got stuck: chunks whose lease is over. What may have been sent becomes unknown, the rest goes back to the queue."""

import logging

from django.db import connection, transaction

from campaigns.pipeline.record import RECORD
from campaigns.services import transitions
from campaigns.statuses import MessageStatus

log = logging.getLogger(__name__)

# A chunk goes back to where its mailing is now: ready, held while paused, cancelled with it.
FREE = """
    UPDATE campaigns_chunk c
       SET owner = NULL, lease_until = NULL,
           state = CASE coalesce((SELECT g.status FROM campaigns_mailing g WHERE g.id = c.mailing_id), 'sending')
                   WHEN 'paused' THEN 0 WHEN 'cancelled' THEN 4 ELSE 1 END
     WHERE c.id IN (SELECT id FROM campaigns_chunk WHERE state = 2 AND lease_until < now() ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED)
 RETURNING c.id, c.started_up_to"""


def sweep() -> int:
    """Free every chunk whose lease is over; how many messages became unknown."""
    unknown = 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FREE)
        for chunk_id, started_up_to in cursor.fetchall():
            lost = transitions.settle_open([chunk_id], MessageStatus.UNKNOWN, reason="worker_lost", hi=started_up_to)
            cursor.execute(RECORD, [lost])
            unknown += len(lost)
            log.warning("lease over", extra={"chunk": chunk_id, "unknown": len(lost)})
    return unknown
