"""What the health page says of each provider."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from providers import registry, slots
from providers.models import Provider
from providers.services import binds

Lane = Provider.Lane
_LOOKS = {
    Lane.RUNNING: (_("Running"), "green", "play-circle"),
    Lane.SLOWED: (_("Slowed"), "yellow", "exclamation-triangle"),
    Lane.PAUSED: (_("Paused"), "yellow", "pause-circle"),
}


@dataclass(frozen=True, slots=True)
class Card:
    """One provider's state."""

    provider: Provider
    kind: Any
    word: Any
    tone: str
    icon: str
    paused: bool
    reason: str
    figures: list[dict[str, Any]] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


def cards(now: datetime) -> list[Card]:
    """Every provider, active ones first, default at the top; two queries, one per filled slot and one where texts travel over sessions."""
    providers = list(Provider.objects.order_by("-active", "-is_default", "name"))
    figures = _figures([provider.pk for provider in providers], slots.health_figures)
    kinds, found = dict(registry.choices()), [tell() for tell in slots.health_troubles]
    troubles = {provider.pk: [each[provider.pk] for each in found if provider.pk in each] for provider in providers}
    shown = [_card(provider, kinds.get(provider.kind, provider.kind), figures.get(provider.pk, []), troubles[provider.pk], now) for provider in providers]
    apart = binds.missing(provider for provider in providers if provider.lane != Lane.PAUSED)
    return [_without_session(card) if card.provider.pk in apart else card for card in shown]


def _without_session(card: Card) -> Card:
    """Whatever its lane says, nothing leaves."""
    words = gettext("It has no session with its gateway: its texts wait until the sender has one.")
    return replace(card, word=_("No session"), tone="yellow", icon="exclamation-triangle", reason=card.reason or words)


def _figures(ids: list[int], sources: Iterable[Any]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for source in sources:
        for provider_id, figures in source(ids).items():
            found.setdefault(provider_id, []).extend(figures)
    return found


def _card(provider: Provider, kind: Any, figures: list[dict[str, Any]], troubles: list[str], now: datetime) -> Card:
    lane = provider.lane
    if lane == Lane.SLOWED and provider.slowed_until and provider.slowed_until <= now:
        lane = Lane.RUNNING  # over; the next tick writes it down
    word, tone, icon = _LOOKS[Lane(lane)]
    if not provider.active:
        word, tone, icon = _("Inactive"), "grey", "dash-circle"
    return Card(provider, kind, word, tone, icon, lane == Lane.PAUSED, provider.lane_words if lane != Lane.RUNNING else "", figures, troubles)
