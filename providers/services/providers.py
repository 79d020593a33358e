"""A provider as the workers see it, and the state of its lane."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from providers import registry
from providers.models import Provider
from providers.signals import lane_changed
from providers.types import ProviderSnapshot
from smsapp.common import audit
from smsapp.common.sentences import for_every_reader
from smsapp.common.sentences import say as _

Lane = Provider.Lane
RUNS = {"lane": Lane.RUNNING, **for_every_reader("lane_reason", ""), "lane_cause": "", "slowed_until": None}
DAY_IS_FULL = "daily_limit"  # why a lane rests: a cause of our own, beside the gateway's


def snapshot(provider_id: int) -> ProviderSnapshot:
    """The provider as it is now, with what its backend builds once for all calls. Raises Provider.DoesNotExist, UnknownKind."""
    return snapshot_of(Provider.objects.get(pk=provider_id))


def snapshot_of(provider: Provider) -> ProviderSnapshot:
    """The same of a row at hand, saved or not."""
    plain = ProviderSnapshot(
        id=provider.pk or 0,
        kind=provider.kind,
        options=dict(provider.options),
        secrets=dict(cast(dict[str, str], provider.secrets) or {}),
        rate=provider.rate,
        sender_rate=provider.sender_rate,
        daily_limit=provider.daily_limit,
        senders=tuple(provider.senders),
        webhook_token=provider.webhook_token,
        callback_prefix=_callback_prefix(provider),
        active=provider.active,
        lane=provider.lane,
        max_segments=provider.max_segments,
        allowed_countries=tuple(provider.allowed_countries),
    )
    return replace(plain, wire=registry.get(provider.kind).wire(plain))


def webhook_url(provider: Provider, event: str) -> str:
    """The public address of a webhook; empty without PUBLIC_BASE_URL."""
    if not settings.PUBLIC_BASE_URL:
        return ""
    return settings.PUBLIC_BASE_URL + reverse(f"hooks:{event}", kwargs={"kind": provider.kind, "token": provider.webhook_token})


def _callback_prefix(provider: Provider) -> str:
    url = webhook_url(provider, "status") if registry.get(provider.kind).reports_delivery else ""
    return f"{url}?ref=" if url else ""


def callback_url(provider: ProviderSnapshot, reference: str) -> str:
    """Where the gateway reports on the text with this signed reference; empty without PUBLIC_BASE_URL."""
    return provider.callback_prefix + reference if provider.callback_prefix else ""


def pause_lane(provider_id: int, reason: str, by: Any = None, *, cause: str = "") -> bool:
    """Stop sending through the provider until a person resumes it. `reason` in words. False when it was paused already.

    `by` is the user who decided it; without one the gateway's trouble did (`cause` is its neutral category), and the reason is kept as the last error.
    """
    facts = {"lane": Lane.PAUSED, **for_every_reader("lane_reason", reason), "lane_cause": cause, "slowed_until": None}
    if by is None:
        facts |= _trouble(reason)
    return _move(Q(pk=provider_id) & ~Q(lane=Lane.PAUSED), facts, "sending paused" if by else "", by)


def slow_lane(provider_id: int, seconds: float, reason: str = "") -> bool:
    """Show that the gateway asked for a slower pace; over by itself. A paused lane stays paused."""
    until = timezone.now() + timedelta(seconds=max(seconds, 1.0))
    words = reason or _("The gateway asked for a slower pace.")
    facts = {"lane": Lane.SLOWED, **for_every_reader("lane_reason", words), "slowed_until": until, **_trouble(words)}
    return _move(Q(pk=provider_id) & ~Q(lane=Lane.PAUSED), facts)


def rest_lane(provider_id: int, until: datetime) -> bool:
    """The provider has taken what it may take in a day: nothing goes until then, and it is no trouble. A paused lane stays paused."""
    words = _("As many texts as it may take in a day have left. It goes on at %(when)s.") % {"when": until}
    facts = {"lane": Lane.SLOWED, **for_every_reader("lane_reason", words), "lane_cause": DAY_IS_FULL, "slowed_until": until}
    return _move(Q(pk=provider_id) & ~Q(lane=Lane.PAUSED), facts)


def resume_lane(provider_id: int, by: Any = None) -> bool:
    """Let texts flow again. `by` is the user who decided it, None when nobody did."""
    return _move(Q(pk=provider_id) & ~Q(lane=Lane.RUNNING), RUNS, "sending resumed" if by else "", by)


def end_slow_lanes(now: datetime) -> int:
    """Put lanes whose slow time is over back to running; how many."""
    due = list(Provider.objects.filter(lane=Lane.SLOWED, slowed_until__lte=now).values_list("pk", flat=True))
    still_due = Q(lane=Lane.SLOWED, slowed_until__lte=now)
    return sum(_move(Q(pk=pk) & still_due, RUNS) for pk in due)


def note_error(provider_id: int, words: str) -> None:
    """Remember the last trouble for the health page."""
    Provider.objects.filter(pk=provider_id).update(**_trouble(words))


def _trouble(words: str) -> dict[str, Any]:
    return {**for_every_reader("last_error", words), "last_error_at": timezone.now()}


def save(provider: Provider) -> None:
    """Save a provider as an administrator wants it. Exactly one is the default: the first active one becomes it by itself."""
    with transaction.atomic():
        others = Provider.objects.select_for_update().filter(is_default=True).exclude(pk=provider.pk)
        has_other = bool(others)
        if provider.active and not has_other:
            provider.is_default = True
        if provider.is_default and has_other:
            _give_up_default(others)
        before = Provider.objects.filter(pk=provider.pk).first()
        if before and before.secrets != provider.secrets:
            audit.note(provider, "secrets replaced")
        if before and before.daily_limit != provider.daily_limit and before.lane_cause == DAY_IS_FULL:
            vars(provider).update(RUNS)  # whoever starts the next text counts anew
        provider.save()


def _give_up_default(others: Any) -> None:
    for other in others:
        audit.note(other, "no longer the default")
    others.update(is_default=False, updated_at=timezone.now())


def is_used(provider: Provider) -> bool:
    """Whether anything points at the provider, whichever app it belongs to: such a row is deactivated, never deleted."""
    relations = [field for field in Provider._meta.get_fields(include_hidden=True) if field.auto_created and not field.concrete]
    return any(_points_at(relation, provider) for relation in relations)


def _points_at(relation: Any, provider: Provider) -> bool:
    return relation.related_model._base_manager.filter(**{relation.field.name: provider.pk}).exists()


def _move(where: Q, facts: dict[str, Any], decided: str = "", by: Any = None) -> bool:
    """Write a lane's new state; `decided` is what a person did, for the audit log."""
    with transaction.atomic():
        moved = Provider.objects.select_for_update().filter(where).first()
        if moved is None:
            return False
        Provider.objects.filter(pk=moved.pk).update(**facts, updated_at=timezone.now())
        for name, value in facts.items():
            setattr(moved, name, value)
        if decided:
            audit.note(moved, decided, by, reason=moved.lane_reason)
        transaction.on_commit(lambda: lane_changed.send_robust(Provider, provider=moved), robust=True)
        return True
