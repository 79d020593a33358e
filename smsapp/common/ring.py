"""The only place that enqueues a task: a hint that work is there, never the work itself."""

import logging
import time
from typing import Any

from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

QUIET = 5.0  # seconds without a bell after one that reached nobody: whoever presses Send waits for the broker once, not once for each bell
_quiet_until = 0.0  # monotonic


def ring(task: Task, *args: Any, **options: Any) -> None:
    """Tell a worker to look, once the transaction is committed; a broker that is down costs a delay, never an error.

    `options` go to `apply_async` (`expires` in seconds, `queue`).
    """
    transaction.on_commit(lambda: _publish(task, args, options), robust=True)


def _publish(task: Task, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return
    try:
        task.apply_async(args=args, retry=False, **options)
    except (OperationalError, RedisError, OSError):
        _quiet_until = time.monotonic() + QUIET
        log.warning("broker unreachable, the next tick finds the work", extra={"task": task.name})
