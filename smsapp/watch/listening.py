"""What workers and beat tell of themselves while they work: Celery's signals become signs of life and counts."""

import os
import socket
import time
from typing import Any

from celery import signals

from smsapp.common.meter import meter
from smsapp.watch import signs

TICK_TASK = "campaigns.tasks.tick"

_me: dict[str, Any] = {}  # of a worker's main process: name, queues, processes
_told: dict[str, float] = {}
_begun: dict[str, float] = {}


def _now_and_then(kind: str, name: str, **facts: Any) -> None:
    now = time.monotonic()
    if now - _told.get(kind, -signs.EVERY) >= signs.EVERY:
        _told[kind] = now
        signs.give(kind, name, time.time(), **facts)


@signals.worker_ready.connect
def worker_is_ready(sender: Any, **kwargs: Any) -> None:
    """A worker hears bells of these queues from now on."""
    name = f"{sender.hostname} {os.getpid()}"  # several on one machine may have one node name
    _me.update(name=name, queues=sorted(queue.name for queue in sender.task_consumer.queues), processes=sender.pool.num_processes)
    worker_lives()


@signals.heartbeat_sent.connect
def worker_lives(**kwargs: Any) -> None:
    """Celery's own heartbeat, which also begins again after a lost connection."""
    if _me:
        _now_and_then(signs.WORKER, **_me)


@signals.worker_shutting_down.connect
def worker_stops(**kwargs: Any) -> None:
    """In good order: nobody needs to miss it, unless it is the last one."""
    if _me:
        signs.take_back(signs.WORKER, _me["name"])
        _me.clear()


@signals.beat_init.connect
def beat_begins(**kwargs: Any) -> None:
    """Only beat's own bells are signs of beat."""
    signals.after_task_publish.connect(beat_lives, weak=False)


def beat_lives(**kwargs: Any) -> None:
    """It rang, and the broker took it."""
    _now_and_then(signs.BEAT, socket.gethostname())


@signals.task_prerun.connect
def task_begins(task_id: str, **kwargs: Any) -> None:
    """Its seconds are counted."""
    _begun[task_id] = time.perf_counter()


@signals.task_postrun.connect
def task_ended(sender: Any, task_id: str, state: str | None = None, **kwargs: Any) -> None:
    """Count it, and bring what was counted meanwhile."""
    seconds = time.perf_counter() - _begun.pop(task_id, time.perf_counter())
    meter.add("sms_tasks_total", task=sender.name, outcome=(state or "unknown").lower())
    meter.add("sms_task_seconds_total", seconds, task=sender.name)
    if sender.name == TICK_TASK and state == "SUCCESS":
        _now_and_then(signs.TICK, "")
    meter.flush()
