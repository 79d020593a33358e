"""Counts of what is done, summed over all processes and machines: a dictionary in the process, added to a hash in Redis now and then.

Counting locks nothing that another process wants. A count that Redis could not take is brought with the next one; after a flush of Redis the
sums begin again at 0, which whoever reads counters by their growth is used to.
"""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Timer
from typing import Any

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

KEY = "watch:counts"
EVERY = 5.0  # seconds between two sums of a process that answers requests; a worker sums at the end of each task
TIMEOUT = 1.0


def series(name: str, /, **labels: Any) -> str:
    """A name with its labels as Prometheus writes them: `name{key="value"}`."""
    inside = ",".join(f'{key}="{_escaped(str(value))}"' for key, value in labels.items())
    return f"{name}{{{inside}}}" if inside else name


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def key(name: str) -> str:
    """A key of this installation in Redis."""
    return f"{settings.CELERY_BROKER_TRANSPORT_OPTIONS['global_keyprefix']}{name}"


def connect() -> Any:
    """A connection that gives up soon: figures hold nobody up."""
    return Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, decode_responses=True)


class Meter:
    """The counts of this process that no sum has yet."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = Lock()
        self._timer: Timer | None = None

    def add(self, name: str, amount: float = 1, /, **labels: Any) -> None:
        """Count `amount` more."""
        with self._lock:
            self._counts[series(name, **labels)] += amount  # type: ignore[assignment] # seconds are no whole numbers

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Seconds of a stage, by the clock on the wall."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.add("sms_stage_seconds_total", time.perf_counter() - begun, stage=stage)
            self.add("sms_stage_runs_total", stage=stage)

    def flush(self) -> None:
        """Add everything to the sums in Redis; without Redis it is kept for the next time."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            with connect() as client, client.pipeline(transaction=False) as pipe:
                for field, amount in counts.items():
                    pipe.hincrbyfloat(key(KEY), field, amount)
                pipe.execute()
        except (RedisError, OSError):
            with self._lock:
                self._counts.update(counts)

    def flush_soon(self) -> None:
        """The same within a few seconds, by a thread of its own: for processes that answer requests."""
        with self._lock:
            if self._timer is not None:
                return
            self._timer = Timer(EVERY, self._timer_rang)
            self._timer.daemon = True
            self._timer.start()

    def _timer_rang(self) -> None:
        with self._lock:
            self._timer = None
        self.flush()


meter = Meter()
