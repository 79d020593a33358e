"""Stored webhooks that could not be applied, applied once more because a person wants it: after a mapping was mended, or a message came late."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, transaction

from providers import tasks as doorbells
from providers.models import WebhookEvent
from providers.services import inbox
from smsapp.common import audit
from smsapp.common.ring import ring

log = logging.getLogger(__name__)

MOST = 1_000  # at once
State = WebhookEvent.State


@dataclass(slots=True)
class Replayed:
    """Reports that wait to be applied again; replies that were applied, or still cannot be."""

    queued: int = 0
    applied: int = 0
    failed: int = 0


def replay(ids: Sequence[int], by: Any) -> Replayed:
    """Reports go back to the queue, where matching them begins anew; replies are applied at once. Those applied meanwhile stay as they are."""
    found = Replayed()
    for event_id in _requeue(sorted(set(ids))[:MOST], by, found):
        _apply(event_id, found)
    if found.queued:
        ring(doorbells.process_webhooks, expires=10)
    return found


@transaction.atomic
def _requeue(ids: Sequence[int], by: Any, found: Replayed) -> list[int]:
    rows = list(WebhookEvent.objects.select_for_update().filter(pk__in=ids, state__in=[State.UNMATCHED, State.BROKEN]).order_by("id"))
    reports = [row.pk for row in rows if row.event != "inbound"]
    found.queued = WebhookEvent.objects.filter(pk__in=reports).update(state=State.NEW, problem="", due_at=None, tries=0)
    audit.note_many([(row, {}) for row in rows], "replayed", by)
    return [row.pk for row in rows if row.event == "inbound"]


def _apply(event_id: int, found: Replayed) -> None:
    try:
        done = inbox.apply_inbound_again(event_id)
    except OperationalError:
        raise
    except Exception:
        log.exception("event could not be applied again", extra={"event": event_id})
        done = False
    found.applied += done
    found.failed += not done
