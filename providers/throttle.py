"""A token bucket per provider, and per sender where senders have a limit, shared by all workers through Redis; time is the server's."""

from contextlib import suppress
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

# After a gateway asked for a pause the bucket fills at half of what it did before, and finds its way back within a minute or two.
_SCRIPT = """
local now = redis.call('TIME'); now = now[1] + now[2] / 1e6
local rate, want, keep = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local state = redis.call('HMGET', KEYS[1], 'tokens', 'at', 'slow', 'share', 'shared_at')
local slow = tonumber(state[3]) or 0
if slow > now then return tostring(slow - now) end
local share = math.min(1, (tonumber(state[4]) or 1) + math.max(0, now - (tonumber(state[5]) or now)) * RECOVERY)
rate, keep = rate * share, keep * share
local burst = math.max(rate, want + keep)
local tokens = tonumber(state[1]) or burst
local at = tonumber(state[2]) or now
tokens = math.min(burst, tokens + math.max(0, now - at) * rate)
local wait = 0
if ARGV[4] == '1' or tokens - keep >= want then tokens = tokens - want else wait = (want + keep - tokens) / rate end
redis.call('HSET', KEYS[1], 'tokens', tokens, 'at', math.max(at, now))
redis.call('EXPIRE', KEYS[1], 3600)
return tostring(wait)
"""
_SLOW = """
local now = redis.call('TIME'); now = now[1] + now[2] / 1e6
local state = redis.call('HMGET', KEYS[1], 'slow', 'share', 'shared_at')
local before = tonumber(state[1]) or 0
local slow = math.max(before, now + tonumber(ARGV[1]))
local share = math.min(1, (tonumber(state[2]) or 1) + math.max(0, now - (tonumber(state[3]) or now)) * RECOVERY)
if before <= now then share = math.max(LEAST, share / 2) end
redis.call('HSET', KEYS[1], 'slow', slow, 'tokens', 0, 'at', slow, 'share', share, 'shared_at', slow)
redis.call('EXPIRE', KEYS[1], 7200)
return 0
"""
RECOVERY = 0.01  # of the rate, regained in each second without a pause
LEAST_SHARE = 0.05  # of the rate, however often the gateway asks for a pause
RESERVE = 0.1  # share of the burst that bulk leaves to urgent texts
_WITHOUT_REDIS = 1.0  # seconds to wait when the bucket cannot be asked


def key(provider_id: int, sender: str = "", prefix: str = "") -> str:
    """Where the bucket of a provider, or of one of its senders, is kept."""
    return f"{prefix}lane:{provider_id}" + (f":{sender}" if sender else "")


def regained(share: float, seconds: float) -> float:
    """The share of the rate so many seconds after a pause that left it with `share`; as the scripts above reckon."""
    return min(1.0, share + max(0.0, seconds) * RECOVERY)


class Throttle:
    """Asks the shared bucket. A burst is one second of the provider's rate. Use it in one event loop."""

    def __init__(self, redis_url: str, prefix: str = "") -> None:
        self._redis: Any = Redis.from_url(redis_url, socket_timeout=2, socket_connect_timeout=2)
        self._take = self._redis.register_script(_SCRIPT.replace("RECOVERY", str(RECOVERY)))
        self._slow = self._redis.register_script(_SLOW.replace("RECOVERY", str(RECOVERY)).replace("LEAST", str(LEAST_SHARE)))
        self._prefix = prefix

    async def take(self, provider_id: int, rate: float, tokens: int, *, urgent: bool, sender: str = "") -> float:
        """Take `tokens` segments: 0.0 when they are yours, else the seconds to wait before asking again (nothing was taken).

        With a sender they come from the sender's own bucket of that provider.
        """
        keep = 0.0 if urgent else max(1.0, rate * RESERVE) if rate > 1 else 0.0
        try:
            return float(await self._take(keys=[self._key(provider_id, sender)], args=[rate, tokens, keep, 0]))
        except RedisError:
            return _WITHOUT_REDIS

    async def owe(self, provider_id: int, rate: float, tokens: int, *, sender: str = "") -> None:
        """Take `tokens` segments that are used in any case; who comes next waits for them."""
        with suppress(RedisError):  # whoever comes next cannot ask either, and waits
            await self._take(keys=[self._key(provider_id, sender)], args=[rate, tokens, 0, 1])

    async def slow_down(self, provider_id: int, seconds: float) -> None:
        """The gateway asked for a pause: nobody gets tokens for so long; the bucket starts empty and fills slowly at first.

        Calls that were under way together are all refused: only the first of them halves the rate.
        """
        try:
            await self._slow(keys=[self._key(provider_id)], args=[min(max(seconds, 0.0), 3600.0)])
        except RedisError:
            return  # the caller waits for itself; the lane says the rest

    async def close(self) -> None:
        """Give the connection back."""
        await self._redis.aclose()

    def _key(self, provider_id: int, sender: str = "") -> str:
        return key(provider_id, sender, self._prefix)
