"""Signs of life of workers, beat and the tick: kept in Redis, aged by its clock, so that it does not matter which machine asks."""

import json
from dataclasses import dataclass
from typing import Any

from redis.exceptions import RedisError

from smsapp.common import meter

KEY = "watch:signs"
EVERY = 10.0  # seconds between two signs
GONE = 35.0  # seconds without a sign after which nobody is there
KEPT = 86_400.0  # so long it is remembered that somebody was there
WORKER, BEAT, TICK = "worker", "beat", "tick"


@dataclass(frozen=True, slots=True)
class Sign:
    """The last that was heard of somebody; `age` in seconds."""

    kind: str
    name: str
    age: float
    queues: tuple[str, ...] = ()
    processes: int = 0
    skew: float = 0.0  # seconds that its clock is ahead of Redis

    @property
    def is_alive(self) -> bool:
        """Heard of a short while ago."""
        return self.age < GONE


def give(kind: str, name: str, now: float, **facts: Any) -> None:
    """Leave a sign; `now` is the time on this machine. Without Redis nobody hears it."""
    try:
        with meter.connect() as client:
            at = _time(client)
            client.hset(meter.key(KEY), f"{kind} {name}", json.dumps({"at": at, "skew": now - at, **facts}))
    except (RedisError, OSError):
        return


def take_back(kind: str, name: str) -> None:
    """Somebody stops in good order."""
    try:
        with meter.connect() as client:
            client.hdel(meter.key(KEY), f"{kind} {name}")
    except (RedisError, OSError):
        return


def read(client: Any) -> list[Sign]:
    """Whoever gave a sign within a day; older ones are forgotten."""
    now, found = _time(client), list[Sign]()
    for field, value in client.hgetall(meter.key(KEY)).items():
        kind, _space, name = field.partition(" ")
        facts = json.loads(value)
        age = max(0.0, now - facts["at"])
        if age > KEPT:
            client.hdel(meter.key(KEY), field)
            continue
        found.append(Sign(kind, name, age, tuple(facts.get("queues", ())), facts.get("processes", 0), facts.get("skew", 0.0)))
    return sorted(found, key=lambda sign: (sign.kind, sign.name))


def _time(client: Any) -> float:
    seconds, micro = client.time()
    return float(seconds + micro / 1e6)
