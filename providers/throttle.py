"""A token bucket per provider, shared by all workers through Redis; time is the server's."""

from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

_SCRIPT = """
local now = redis.call('TIME'); now = now[1] + now[2] / 1e6
local rate, want, keep = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local state = redis.call('HMGET', KEYS[1], 'tokens', 'at', 'slow')
local burst = math.max(rate, want + keep)
local slow = tonumber(state[3]) or 0
if slow > now then return tostring(slow - now) end
local tokens = tonumber(state[1]) or burst
local at = tonumber(state[2]) or now
tokens = math.min(burst, tokens + math.max(0, now - at) * rate)
local wait = 0
if tokens - keep >= want then tokens = tokens - want else wait = (want + keep - tokens) / rate end
redis.call('HSET', KEYS[1], 'tokens', tokens, 'at', math.max(at, now))
redis.call('EXPIRE', KEYS[1], 3600)
return tostring(wait)
"""
_SLOW = """
local now = redis.call('TIME'); now = now[1] + now[2] / 1e6
local slow = math.max(tonumber(redis.call('HGET', KEYS[1], 'slow')) or 0, now + tonumber(ARGV[1]))
redis.call('HSET', KEYS[1], 'slow', slow, 'tokens', 0, 'at', slow)
redis.call('EXPIRE', KEYS[1], 7200)
return 0
"""
RESERVE = 0.1  # share of the burst that bulk leaves to urgent texts
_WITHOUT_REDIS = 1.0  # seconds to wait when the bucket cannot be asked


class Throttle:
    """Asks the shared bucket. A burst is one second of the provider's rate. Use it in one event loop."""

    def __init__(self, redis_url: str, prefix: str = "") -> None:
        self._redis: Any = Redis.from_url(redis_url, socket_timeout=2, socket_connect_timeout=2)
        self._take = self._redis.register_script(_SCRIPT)
        self._slow = self._redis.register_script(_SLOW)
        self._prefix = prefix

    async def take(self, provider_id: int, rate: float, tokens: int, *, urgent: bool) -> float:
        """Take `tokens` segments: 0.0 when they are yours, else the seconds to wait before asking again (nothing was taken)."""
        keep = 0.0 if urgent else max(1.0, rate * RESERVE) if rate > 1 else 0.0
        try:
            return float(await self._take(keys=[self._key(provider_id)], args=[rate, tokens, keep]))
        except RedisError:
            return _WITHOUT_REDIS

    async def slow_down(self, provider_id: int, seconds: float) -> None:
        """The gateway asked for a pause: nobody gets tokens for so long, and the bucket starts empty."""
        try:
            await self._slow(keys=[self._key(provider_id)], args=[min(max(seconds, 0.0), 3600.0)])
        except RedisError:
            return  # the caller waits for itself; the lane says the rest

    async def close(self) -> None:
        """Give the connection back."""
        await self._redis.aclose()

    def _key(self, provider_id: int) -> str:
        return f"{self._prefix}lane:{provider_id}"
