"""Whether a mailing that should move stands still, and since when: its page says so in place of a pace that nobody keeps."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from campaigns.models import Mailing
from campaigns.pipeline.prepare import LOCK_CLASS
from campaigns.statuses import MailingStatus

QUIET = timedelta(seconds=60)  # so long what is due may wait while nobody works for it
LEASE_OVER = timedelta(seconds=30)  # so long after its end a lease may stand before the sweep is missed

# A chunk that could go, or that its worker left, while nobody sends through its provider, nor anything of the mailing. What holds texts back for a
# good reason is told elsewhere: a paused provider, a gateway that asked for a pause.
# Between two slices nobody holds anything for a moment, so nothing must have left for a while either, nor come back to be tried again: that is read
# off the chunks whose turn it was last and those that became due last, and only where the rest looks odd.
SENDING = """
    WITH odd AS MATERIALIZED (
        SELECT c.mailing_id AS id, p.updated_at
          FROM campaigns_chunk c JOIN providers_provider p ON p.id = c.provider_id
         WHERE c.mailing_id = %(mailing)s
           AND (c.state = 1 AND c.due_at <= now() - make_interval(secs => %(quiet)s)
                OR c.state = 2 AND c.lease_until <= now() - make_interval(secs => %(lease_over)s))
           AND p.active AND p.lane <> 'paused' AND (p.slowed_until IS NULL OR p.slowed_until <= now())
           AND NOT EXISTS (SELECT 1 FROM campaigns_chunk o WHERE o.state = 2 AND o.lease_until > now() AND o.provider_id = p.id)
           AND NOT EXISTS (SELECT 1 FROM campaigns_chunk o WHERE o.state = 2 AND o.lease_until > now() AND o.mailing_id = c.mailing_id)
         LIMIT 1)
    SELECT greatest(g.started_at, let_go.at, gone.at),
           greatest(g.started_at, let_go.at, gone.at, due.at, odd.updated_at) <= now() - make_interval(secs => %(quiet)s)
      FROM odd JOIN campaigns_mailing g USING (id)
     CROSS JOIN LATERAL (SELECT max(e.at) AS at FROM campaigns_mailingevent e WHERE e.mailing_id = odd.id AND e.status = 'sending') AS let_go
     CROSS JOIN LATERAL (SELECT max(m.sent_at) AS at
                           FROM (SELECT c.id FROM campaigns_chunk c WHERE c.mailing_id = odd.id AND (c.state = 3 OR c.started_up_to > 0)
                                  ORDER BY c.turn DESC, c.id DESC LIMIT 5) AS begun
                           JOIN campaigns_message m ON m.chunk_id = begun.id) AS gone
     CROSS JOIN LATERAL (SELECT max(c.due_at) AS at FROM campaigns_chunk c WHERE c.mailing_id = odd.id AND c.state = 1 AND c.due_at <= now()) AS due"""


def since(mailing: Mailing, now: datetime) -> datetime | None:
    """The last time that something of it moved; None while it moves, or waits for a good reason. One query at most."""
    if mailing.status == MailingStatus.SENDING:
        return _sending(mailing)
    if mailing.status == MailingStatus.SCHEDULED:
        return _if_old(mailing.scheduled_at, now)
    if mailing.status == MailingStatus.PREPARING and _if_old(mailing.updated_at, now) and mailing.pk not in being_prepared():
        return mailing.updated_at
    return None


def _if_old(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is not None and moment < now - QUIET else None


def _sending(mailing: Mailing) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(SENDING, {"mailing": mailing.pk, "quiet": QUIET.total_seconds(), "lease_over": LEASE_OVER.total_seconds()})
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row[0] if row and row[1] else None


def being_prepared() -> set[int]:
    """Mailings that some worker prepares at this moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objsubid = 2 AND granted", [LOCK_CLASS])
        return {row[0] for row in cursor.fetchall()}
