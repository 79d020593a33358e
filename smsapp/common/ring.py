"""The only place that enqueues a task: a hint that work is there, never the work itself."""

import logging
from typing import Any

from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def ring(task: Task, *args: Any, **options: Any) -> None:
    """Tell a worker to look, once the transaction is committed; a broker that is down costs a delay, never an error.

    `options` go to `apply_async` (`expires` in seconds, `queue`).
    """
    transaction.on_commit(lambda: _publish(task, args, options), robust=True)


def _publish(task: Task, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    try:
        task.apply_async(args=args, retry=False, **options)
    except (OperationalError, RedisError, OSError):
        log.warning("broker unreachable, the next tick finds the work", extra={"task": task.name})
