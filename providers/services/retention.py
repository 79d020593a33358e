"""Raw webhooks that were dealt with long ago, and ids that no report will name any more."""

from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from providers.models import WebhookEvent
from smsapp.common.retention import Kind, Round

BATCH = 5_000
# Rows come in order of time: walked by their key, without an index of dates, until a whole page is young enough.
PAGE = """
    WITH page AS (SELECT id, received_at FROM providers_webhookevent WHERE id > %(after)s ORDER BY id LIMIT %(batch)s),
         gone AS (DELETE FROM providers_webhookevent AS e USING page
                   WHERE e.id = page.id AND e.received_at < %(before)s
                     AND (e.state IN ('applied', 'broken') OR e.state = 'unmatched' AND e.due_at IS NULL) RETURNING e.id)
    SELECT (SELECT max(id) FROM page), (SELECT min(received_at) < %(before)s FROM page), (SELECT count(*) FROM gone)"""


# Ids of what was sent, and pieces of texts that came in: no report for the one and no other piece for the other will come any more.
PARTS = """
    DELETE FROM {table} WHERE id IN (
        SELECT id FROM (SELECT id, {at} AS at FROM {table} ORDER BY id LIMIT %(batch)s) AS page WHERE at < %(before)s)"""
PARTS_OF = {"providers_sentpart": "created_at", "providers_inboundpart": "received_at"}


def purge(before: datetime, this: Round) -> None:
    """Remove events older than `before`, and parts; events that still wait to be applied stay."""
    if this.dry_run:
        this.rows["events"] = _old(before).count()
        return
    for table, at in PARTS_OF.items():
        _purge_parts(PARTS.format(table=table, at=at), before, this)
    _purge_events(before, this)


def _purge_parts(statement: str, before: datetime, this: Round) -> None:
    gone = BATCH
    while gone and not this.is_over:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"before": before, "batch": BATCH})
            gone = cursor.rowcount


def _purge_events(before: datetime, this: Round) -> None:
    after, older = 0, True
    while older and not this.is_over:
        with connection.cursor() as cursor:
            cursor.execute(PAGE, {"after": after, "before": before, "batch": BATCH})
            after, older, gone = cursor.fetchone()
        this.rows["events"] += gone


def _old(before: datetime) -> QuerySet[WebhookEvent]:
    settled = Q(state__in=[WebhookEvent.State.APPLIED, WebhookEvent.State.BROKEN]) | Q(state=WebhookEvent.State.UNMATCHED, due_at=None)
    return WebhookEvent.objects.filter(settled, received_at__lt=before)


KIND = Kind(_("What gateways posted"), "event_days", purge)
