"""What gateways tell us: accepted quickly and stored once, applied afterwards."""

import hashlib
import logging
import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import OperationalError, transaction
from django.http import HttpRequest
from django.utils import timezone

from providers import registry, signals
from providers import tasks as doorbells
from providers.backends.base import Webhook
from providers.models import Provider, WebhookEvent
from providers.services.providers import end_slow_lanes, snapshot_of
from providers.types import DeliveryReport, ProviderSnapshot
from smsapp.common.ring import ring

log = logging.getLogger(__name__)

BATCH = 500
KEEP_UNMATCHED = timedelta(hours=72)
_SPACING = (2, 5, 15, 60, 300, 1800, 7200)  # seconds until an unmatched event is tried again, by number of tries

State = WebhookEvent.State


def accept(provider: Provider, event: str, request: HttpRequest) -> WebhookEvent | None:
    """Store a verified webhook; None when it was here before. Raises WebhookRejected.

    A text that somebody sent is told to the apps above before this returns, in the same transaction: a STOP holds
    from the moment it is answered. If they fail, nothing is stored and the gateway posts again.
    """
    webhook = _read(event, request)
    plain = snapshot_of(provider)
    backend = registry.get(provider.kind)
    backend.verify(plain, webhook)
    with transaction.atomic():
        stored = _store(provider, webhook)
        if stored is None:
            return None
        if event == "inbound":
            _apply_inbound(stored, plain, webhook)
    if event == "status":
        ring(doorbells.process_webhooks, expires=10)
    return stored


def _read(event: str, request: HttpRequest) -> Webhook:
    query = request.META.get("QUERY_STRING", "")
    url = _public_root(request) + request.path + (f"?{query}" if query else "")
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Webhook(event, url, query, request.body, request.META.get("CONTENT_TYPE", ""), headers)


def _public_root(request: HttpRequest) -> str:
    """The address that the gateway called: the configured one, since a proxy may have changed what arrived here."""
    return settings.PUBLIC_BASE_URL or f"{request.scheme}://{request.get_host()}"


def _store(provider: Provider, webhook: Webhook) -> WebhookEvent | None:
    digest = hashlib.sha256(b"\0".join((webhook.event.encode(), webhook.query.encode("utf-8", "replace"), webhook.body))).digest()[:16]
    facts = {"event": webhook.event, "query": _storable(webhook.query, 500), "body": webhook.body, "content_type": _storable(webhook.content_type, 120)}
    stored, new = WebhookEvent.objects.get_or_create(provider=provider, digest=digest, defaults=facts)
    return stored if new else None


def _storable(text: str, length: int) -> str:
    return text.replace("\0", "")[:length].encode("utf-8", "replace").decode()


def _apply_inbound(stored: WebhookEvent, plain: ProviderSnapshot, webhook: Webhook) -> None:
    try:
        texts = registry.get(plain.kind).parse_inbound(plain, webhook)
    except ValueError as problem:
        _close(stored, State.BROKEN, str(problem))
        return
    for text in texts:
        signals.inbound_received.send(Provider, inbound=replace(text, event_id=stored.pk))
    _close(stored, State.APPLIED)


def _close(event: WebhookEvent, state: str, problem: str = "") -> None:
    event.state, event.problem, event.applied_at = state, problem[:300], timezone.now()
    event.save(update_fields=["state", "problem", "applied_at"])


def process(*, seconds: float = 5.0) -> int:
    """Apply stored reports in batches for at most about `seconds`, then ring again if more is due; how many were looked at."""
    end_slow_lanes(timezone.now())
    end, total = time.monotonic() + seconds, 0
    while done := _process_batch(timezone.now()):
        total += done
        if time.monotonic() > end:
            ring(doorbells.process_webhooks, expires=10)
            break
    return total


def _process_batch(now: datetime) -> int:
    with transaction.atomic():
        events = list(WebhookEvent.objects.due(now).select_for_update(skip_locked=True, of=("self",)).select_related("provider").order_by("id")[:BATCH])
        reports = [report for event in events for report in _parse(event)]
        unmatched = _tell(reports)
        _settle(events, unmatched, now)
    return len(events)


def _parse(event: WebhookEvent) -> list[DeliveryReport]:
    """The reports in a stored event; one that makes no sense is closed."""
    try:
        plain = ProviderSnapshot(id=event.provider_id, kind=event.provider.kind)
        webhook = Webhook(event.event, "", event.query, bytes(event.body), event.content_type)
        return [replace(report, event_id=event.pk) for report in registry.get(plain.kind).parse_status(plain, webhook)]
    except (ValueError, registry.UnknownKind) as problem:
        _close(event, State.BROKEN, str(problem))
        return []


def _tell(reports: list[DeliveryReport]) -> set[int]:
    """Tell the apps above; ids of the events that they could not match. One bad report does not hold up its neighbours."""
    if not reports:
        return set()
    try:
        return _send(reports)
    except OperationalError:
        raise
    except Exception:
        log.exception("reports could not be applied together")
        alone: list[set[int]] = [_send_alone(report) for report in reports]
        return {event_id for ids in alone for event_id in ids}


def _send(reports: list[DeliveryReport]) -> set[int]:
    with transaction.atomic():
        answers: list[Any] = list(signals.reports_received.send(Provider, reports=reports))
    unmatched: set[int] = set()
    for _receiver, answer in answers:
        unmatched.update(answer or ())
    return unmatched


def _send_alone(report: DeliveryReport) -> set[int]:
    try:
        return _send([report])
    except OperationalError:
        raise
    except Exception:
        log.exception("report could not be applied", extra={"event": report.event_id})
        return {report.event_id}


def _settle(events: list[WebhookEvent], unmatched: set[int], now: datetime) -> None:
    """Close what was applied; what has no message yet waits longer each time, up to three days."""
    open_events = [event for event in events if event.state != State.BROKEN]
    for event in open_events:
        waiting = event.pk in unmatched
        event.state, event.applied_at = (State.UNMATCHED, None) if waiting else (State.APPLIED, now)
        event.due_at = _next_try(event, now) if waiting else None
        event.tries = min(event.tries + 1, 30_000)
    WebhookEvent.objects.bulk_update(open_events, ["state", "applied_at", "due_at", "tries"], batch_size=BATCH)


def _next_try(event: WebhookEvent, now: datetime) -> datetime | None:
    if now - event.received_at > KEEP_UNMATCHED:
        return None
    return now + timedelta(seconds=_SPACING[min(event.tries, len(_SPACING) - 1)])
