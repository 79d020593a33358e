"""How much of its rate a lane has at this moment: none in the pause that its gateway asked for, and less for a minute or two after it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis.exceptions import RedisError

from providers import throttle
from providers.models import Provider
from smsapp.common import meter

RECOVERS = timedelta(seconds=(1 - throttle.LEAST_SHARE) / throttle.RECOVERY)  # at most


@dataclass(frozen=True, slots=True)
class Slowness:
    """`share` of the rate that holds, or will hold once texts go again in `pause` seconds."""

    share: float
    pause: float

    @property
    def share_now(self) -> float:
        """Nothing goes in a pause."""
        return 0.0 if self.pause else self.share

    @property
    def full_in(self) -> float:
        """Seconds until the whole rate holds."""
        return self.pause + (1 - self.share) / throttle.RECOVERY


def read(provider_ids: Sequence[int]) -> dict[int, Slowness]:
    """Of those that are slowed, from the buckets that all workers ask. Raises RedisError."""
    with meter.connect() as client, client.pipeline(transaction=False) as pipe:
        pipe.time()
        for pk in provider_ids:
            pipe.hmget(throttle.key(pk), "slow", "share", "shared_at")
        (seconds, micro), *states = pipe.execute()
    now = seconds + micro / 1e6
    found = {pk: _slowness(now, *(float(fact or 0) for fact in state)) for pk, state in zip(provider_ids, states, strict=True) if state[0]}
    return {pk: slowness for pk, slowness in found.items() if slowness.full_in}


def _slowness(now: float, slow: float, share: float, shared_at: float) -> Slowness:
    return Slowness(throttle.regained(share, now - shared_at), max(0.0, slow - now))


def of(provider: Provider, now: datetime) -> Slowness | None:
    """The same for a page. Redis is asked only where the lane's row says that there was something of late."""
    if provider.lane != Provider.Lane.SLOWED and provider.updated_at < now - RECOVERS:
        return None
    with suppress(RedisError, OSError):
        return read([provider.pk]).get(provider.pk)
    return None
