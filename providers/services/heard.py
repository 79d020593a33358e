"""What sessions hear: stored on the same road as what gateways post, before it is acknowledged."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from providers import registry
from providers.backends.base import Webhook
from providers.backends.sessions import SessionBackend
from providers.models import InboundPart, Provider
from providers.services import inbox, storing
from providers.services.providers import snapshot_of
from providers.types import Fragment, ProviderSnapshot
from smsapp.common.meter import meter

log = logging.getLogger(__name__)

PATIENCE = timedelta(hours=1)  # for the other parts of a text

_KEEP_PART = """
    INSERT INTO providers_inboundpart (provider_id, key, number, total, query, body, content_type, received_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, now())
    ON CONFLICT (provider_id, key, number) DO UPDATE
       SET total = excluded.total, query = excluded.query, body = excluded.body, content_type = excluded.content_type, received_at = now()"""


def store(provider_id: int, heard: Sequence[Webhook]) -> list[bool]:
    """Keep what came in; whether each may be acknowledged. One that breaks holds up no other."""
    provider = Provider.objects.get(pk=provider_id)
    reports = [webhook for webhook in heard if webhook.event == "status"]
    is_kept = {id(webhook): True for webhook in reports}
    if reports:
        _store_reports(provider, reports)
    plain = snapshot_of(provider)
    for webhook in heard:
        if webhook.event != "status":
            is_kept[id(webhook)] = _store_text(provider, plain, webhook)
    return [is_kept[id(webhook)] for webhook in heard]


def _store_reports(provider: Provider, reports: Sequence[Webhook]) -> None:
    stored = storing.store([storing.row_of(provider.pk, webhook) for webhook in reports])
    meter.add("sms_reports_stored_total", sum(one is not None for one in stored), provider=provider.pk)
    inbox.ring_now_and_then()


def _store_text(provider: Provider, plain: ProviderSnapshot, webhook: Webhook) -> bool:
    try:
        with transaction.atomic():
            whole = _whole(provider, plain, webhook)
            if whole is not None:
                inbox.accept_text(provider, plain, whole)
        return True
    except DatabaseError:
        raise
    except Exception:  # ours: the gateway sends it again
        log.exception("text not kept", extra={"provider": provider.pk})
        return False


def _whole(provider: Provider, plain: ProviderSnapshot, webhook: Webhook) -> Webhook | None:
    """The text itself, or the one that this part completes; None while others are missing."""
    backend = _backend(provider)
    fragment = backend.fragment(plain, webhook)
    if fragment is None:
        return webhook
    with connection.cursor() as cursor:
        # the parts of a text may come over two sessions at once: one after the other, so that the last one sees them all
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"{provider.pk} {fragment.key}"])
        cursor.execute(_KEEP_PART, [provider.pk, fragment.key, fragment.number, fragment.total, webhook.query, webhook.body, webhook.content_type])
    return _joined(provider, backend, fragment)


def _joined(provider: Provider, backend: SessionBackend, fragment: Fragment) -> Webhook | None:
    found = list(InboundPart.objects.filter(provider=provider, key=fragment.key, total=fragment.total).order_by("number"))
    if len(found) < fragment.total:
        return None
    return _join(backend, found)


def _join(backend: SessionBackend, found: Sequence[InboundPart]) -> Webhook:
    InboundPart.objects.filter(pk__in=[part.pk for part in found]).delete()
    body = backend.join([bytes(part.body) for part in found])
    return Webhook("inbound", "", found[0].query, body, found[0].content_type)


def join_late_parts(provider_id: int) -> int:
    """Texts whose other parts did not come in time are kept as far as they are here: it may be a STOP. How many."""
    provider = Provider.objects.get(pk=provider_id)
    late = InboundPart.objects.filter(provider=provider, received_at__lt=timezone.now() - PATIENCE)
    keys = set(late.values_list("key", flat=True)[:200])
    for key in keys:
        with transaction.atomic():
            found = list(InboundPart.objects.select_for_update().filter(provider=provider, key=key).order_by("number"))
            if found:
                inbox.accept_text(provider, snapshot_of(provider), _join(_backend(provider), found))
    return len(keys)


def _backend(provider: Provider) -> SessionBackend:
    backend = registry.get(provider.kind)
    assert isinstance(backend, SessionBackend)
    return backend
