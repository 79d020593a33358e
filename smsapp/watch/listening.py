"""What workers and beat tell of themselves while they work: Celery's signals become signs of life and counts."""

import os
import socket
import time
from typing import Any

from celery import bootsteps, signals

from smsapp.common.meter import meter
from smsapp.watch import signs

TICK_TASK = "campaigns.tasks.tick"

_told: dict[str, float] = {}
_begun: dict[str, float] = {}


def _now_and_then(kind: str, name: str, **facts: Any) -> None:
    now = time.monotonic()
    if now - _told.get(kind, -signs.EVERY) >= signs.EVERY:
        _told[kind] = now
        signs.give(kind, name, time.time(), **facts)


class SignOfLife(bootsteps.StartStopStep):
    """A step of a worker's start: from then on it says every few seconds which queues it listens to; begins anew with each connection."""

    requires = {"celery.worker.consumer.tasks:Tasks"}
    timer: Any = None

    def start(self, parent: Any) -> None:
        """It hears bells now."""
        name = f"{parent.hostname} {os.getpid()}"  # several on one machine may have one node name
        facts = {"queues": sorted(queue.name for queue in parent.task_consumer.queues), "processes": parent.pool.num_processes}
        self.name = name
        self.tell(facts)
        self.timer = parent.timer.call_repeatedly(signs.EVERY, self.tell, (facts,))

    def tell(self, facts: dict[str, Any]) -> None:
        """Leave the sign."""
        signs.give(signs.WORKER, self.name, time.time(), **facts)

    def stop(self, parent: Any) -> None:
        """The connection is lost, or the worker stops in good order: nobody needs to miss it."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
            signs.take_back(signs.WORKER, self.name)


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
