"""How fast a mailing goes: as was measured, as its provider allows, or slower because the gateway asked for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache

from campaigns.models import Mailing
from campaigns.services.figures import Figures
from campaigns.statuses import MailingStatus
from providers.models import Provider
from providers.services import slowness
from providers.services.providers import DAY_IS_FULL

WINDOW, APART = timedelta(seconds=60), timedelta(seconds=5)  # of looks from which the pace is measured


@dataclass(frozen=True, slots=True)
class Slowed:
    """The gateway asked for a slower pace, or has had its texts of the day: segments a second that hold of those that it usually takes."""

    segments: float
    usual: int
    again_at: datetime | None  # when it gets texts again; None: it does
    full_at: datetime
    day_is_full: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """Texts a second; None where nothing goes, or nobody can know."""

    rate: float | None = None
    slowed: Slowed | None = None


def of(mailing: Mailing, found: Figures, now: datetime) -> Pace:
    """Of a mailing that is being sent."""
    provider = mailing.provider
    if mailing.status != MailingStatus.SENDING or provider is None or not found.total:
        return Pace()
    if not provider.active or provider.lane == Provider.Lane.PAUSED:
        return Pace()
    texts = found.total / max(found.segments, 1)  # of a segment
    usual = _usual(mailing, found, provider.pace * texts, now)
    slowed = _slowed(provider, now)
    if slowed is None:
        return Pace(usual)
    return Pace(None if slowed.again_at else min(usual, slowed.segments * texts), slowed)


def _usual(mailing: Mailing, found: Figures, allowed: float, now: datetime) -> float:
    """Measured within the last minute while somebody looks, else since it began if it was never paused, else what the provider allows."""
    if lately := _lately(mailing, found, now):
        return lately
    if mailing.started_at is None or mailing.events.filter(status=MailingStatus.PAUSED).exists():
        return allowed
    elapsed = (now - mailing.started_at).total_seconds()
    return found.dealt_with / elapsed if elapsed > 3 and found.dealt_with > 20 else allowed


def _lately(mailing: Mailing, found: Figures, now: datetime) -> float | None:
    """Between the oldest look of the last minute and this one: a mailing that stood still for an hour is as quick as before. None at a first look."""
    key = f"pace-{mailing.pk}-{mailing.started_at:%Y%m%d%H%M%S%f}" if mailing.started_at else f"pace-{mailing.pk}"
    looks: list[tuple[datetime, int]] = [look for look in cache.get(key, []) if now - WINDOW <= look[0] <= now]
    if not looks or now - looks[-1][0] >= APART:
        cache.set(key, [*looks, (now, found.dealt_with)], WINDOW.total_seconds())
    if not looks or now - looks[0][0] < APART:
        return None
    before, dealt_with = looks[0]
    return max(found.dealt_with - dealt_with, 0) / (now - before).total_seconds() or None


def _slowed(provider: Provider, now: datetime) -> Slowed | None:
    if provider.lane_cause == DAY_IS_FULL and provider.slowed_until and provider.slowed_until > now:
        return Slowed(0, provider.rate, provider.slowed_until, provider.slowed_until, day_is_full=True)
    found = slowness.of(provider, now)
    if found is None:
        return None
    again_at = now + timedelta(seconds=found.pause) if found.pause else None
    return Slowed(provider.rate * found.share, provider.rate, again_at, now + timedelta(seconds=found.full_in))
