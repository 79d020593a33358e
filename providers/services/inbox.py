"""What gateways tell us: accepted quickly and stored once, applied afterwards."""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Least
from django.http import HttpRequest
from django.utils import timezone, translation

from providers import registry, signals
from providers import tasks as doorbells
from providers.backends.base import Webhook
from providers.models import Provider, WebhookEvent
from providers.services import sent_parts, storing
from providers.services.callers import Caller
from providers.services.providers import end_slow_lanes, snapshot_of
from providers.types import DeliveryReport, ProviderSnapshot
from smsapp.common import arrays
from smsapp.common.meter import meter
from smsapp.common.ring import ring

log = logging.getLogger(__name__)

BATCH = 2_000  # reports per transaction
RING_SECONDS = 0.5
KEEP_UNMATCHED = timedelta(hours=72)
_SPACING = (2, 5, 15, 60, 300, 1800, 7200)  # seconds until an unmatched event is tried again, by number of tries

State = WebhookEvent.State


def accept(caller: Caller, event: str, request: HttpRequest) -> int | None:
    """Store a verified webhook; its id, or None when it was here before. Raises WebhookRejected.

    A text that somebody sent is told to the apps above before this returns, in the same transaction: a STOP holds
    from the moment it is answered. If they fail, nothing is stored and the gateway posts again.
    """
    provider, plain = caller
    webhook = _read(event, request)
    registry.get(provider.kind).verify(plain, webhook)
    if event == "inbound":
        return accept_text(provider, plain, webhook)
    stored = storing.store_in_a_crowd(storing.row_of(provider.pk, webhook))
    if stored is not None:
        meter.add("sms_reports_stored_total", provider=provider.pk)
        meter.flush_soon()
        ring_now_and_then()
    return stored


@transaction.atomic
def accept_text(provider: Provider, plain: ProviderSnapshot, webhook: Webhook) -> int | None:
    """Store a text that somebody sent, and tell it to the apps above; its id, or None when it was here before."""
    stored = storing.store([storing.row_of(provider.pk, webhook)])[0]
    if stored is not None:
        _apply_inbound(stored, plain, webhook)
    return stored


_last_ring = 0.0


def ring_now_and_then() -> None:
    """Reports come in crowds, and one ring is for all of them; the tick finds those of the last half second."""
    global _last_ring
    now = time.monotonic()
    if now - _last_ring > RING_SECONDS:
        _last_ring = now
        ring(doorbells.process_webhooks, expires=10)


def _read(event: str, request: HttpRequest) -> Webhook:
    query = request.META.get("QUERY_STRING", "")
    url = _public_root(request) + request.path + (f"?{query}" if query else "")
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = query.encode("latin-1", "replace") if request.method == "GET" else request.body  # kept whole, as a form
    return Webhook(event, url, query, body, request.META.get("CONTENT_TYPE", ""), headers)


def _public_root(request: HttpRequest) -> str:
    """The address that the gateway called: the configured one, since a proxy may have changed what arrived here."""
    return settings.PUBLIC_BASE_URL or f"{request.scheme}://{request.get_host()}"


def _apply_inbound(stored: int, plain: ProviderSnapshot, webhook: Webhook) -> None:
    try:
        texts = registry.get(plain.kind).parse_inbound(plain, webhook)
    except ValueError as problem:
        _close([stored], State.BROKEN, _in_english(problem))
        return
    for text in texts:
        signals.inbound_received.send(Provider, inbound=replace(text, event_id=stored))
    _close([stored], State.APPLIED)


@transaction.atomic
def apply_inbound_again(event_id: int) -> bool:
    """A text that made no sense when it came; whether it does now. False too when somebody was faster."""
    event = WebhookEvent.objects.select_for_update(of=("self",)).select_related("provider").filter(pk=event_id, state=State.BROKEN).first()
    if event is None:
        return False
    webhook = Webhook(event.event, "", event.query, bytes(event.body), event.content_type)
    _apply_inbound(event.pk, snapshot_of(event.provider), webhook)
    event.refresh_from_db(fields=["state"])
    return event.state == State.APPLIED


def _in_english(problem: Exception) -> str:
    """As it is kept; pages say it in the reader's language."""
    with translation.override(None):
        return str(problem)


_CLOSE = """
    UPDATE providers_webhookevent SET state = %s, problem = %s, applied_at = now(), due_at = NULL, tries = least(tries + 1, 30000)
     WHERE id = ANY(%s::bigint[])"""


def _close(ids: Sequence[int], state: str, problem: str = "") -> None:
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, [state, problem[:300], arrays.integers(ids)])


def process(*, seconds: float = 5.0) -> int:
    """Apply stored reports in batches for at most about `seconds`, then ring again if more is due; how many were looked at."""
    now = timezone.now()  # what becomes due meanwhile is for the next time
    end_slow_lanes(now)
    end, total = time.monotonic() + seconds, 0
    while done := _process_batch(now):
        total += done
        if time.monotonic() > end:
            ring(doorbells.process_webhooks, expires=10)
            break
    return total


class _Event(NamedTuple):
    """What of a stored event is needed to apply it: plain, for they come in crowds."""

    id: int
    kind: str
    provider_id: int
    event: str
    query: str
    body: bytes
    content_type: str
    tries: int
    received_at: datetime


_FIELDS = ("id", "provider__kind", "provider_id", "event", "query", "body", "content_type", "tries", "received_at")


def _process_batch(now: datetime) -> int:
    with transaction.atomic():
        due = WebhookEvent.objects.due(now).select_for_update(skip_locked=True, of=("self",)).order_by("id")
        events = [_Event(*row) for row in due.values_list(*_FIELDS)[:BATCH]]
        reports, broken = _parse(events)
        _settle([event for event in events if event.id not in broken], _tell(sent_parts.resolve(reports)), now)
    return len(events)


def _parse(events: Sequence[_Event]) -> tuple[list[DeliveryReport], set[int]]:
    """The reports in stored events, and the ids of those that make no sense: they are closed."""
    reports, broken = list[DeliveryReport](), set[int]()
    options = dict(Provider.objects.filter(pk__in={event.provider_id for event in events}).values_list("id", "options"))
    for event in events:
        try:
            plain = ProviderSnapshot(id=event.provider_id, kind=event.kind, options=options[event.provider_id])
            webhook = Webhook(event.event, "", event.query, bytes(event.body), event.content_type)
            reports += [replace(report, event_id=event.id) for report in registry.get(event.kind).parse_status(plain, webhook)]
        except (ValueError, registry.UnknownKind) as problem:
            broken.add(event.id)
            meter.add("sms_reports_total", outcome="broken")
            _close([event.id], State.BROKEN, _in_english(problem))
    return reports, broken


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


def _settle(events: Sequence[_Event], unmatched: set[int], now: datetime) -> None:
    """Close what was applied; what has no message yet waits longer each time, up to three days."""
    applied = [event.id for event in events if event.id not in unmatched]
    _close(applied, State.APPLIED)
    meter.add("sms_reports_total", len(applied), outcome="applied")
    meter.add("sms_reports_total", len(unmatched), outcome="unmatched")
    waiting: dict[datetime | None, list[int]] = {}
    for event in events:
        if event.id in unmatched:
            waiting.setdefault(_next_try(event, now), []).append(event.id)
    for due_at, ids in waiting.items():
        WebhookEvent.objects.filter(pk__in=ids).update(state=State.UNMATCHED, due_at=due_at, tries=Least(F("tries") + 1, 30_000))


def _next_try(event: _Event, now: datetime) -> datetime | None:
    if now - event.received_at > KEEP_UNMATCHED:
        return None
    return now + timedelta(seconds=_SPACING[min(event.tries, len(_SPACING) - 1)])
