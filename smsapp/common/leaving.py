"""How a pool child leaves when it is asked to end: in good order, with its calls finished and their outcomes written.

Celery's own children end at once on SIGTERM. A supervisor that asks all processes of a group (systemd does, unless told otherwise) would leave
their calls unknown. Where the worker alone is asked, it waits for its children, which know nothing of it: a byte that they share tells them.
"""

import mmap
import os
import signal
import threading
from typing import Any

from celery.signals import task_postrun, task_prerun, worker_process_init, worker_shutting_down

_GRACE = 1.0  # seconds in which a child that has finished tells its worker so
_shared = mmap.mmap(-1, 1)  # of a worker and the children that it forks


class _Child:
    """What this process is, and what it was asked."""

    forked = False
    asked = False
    idle: Any = None  # what SIGTERM does to one that has no task


@worker_shutting_down.connect
def announce(**_facts: Any) -> None:
    """The worker waits for its children from now on."""
    _shared[0] = 1


def asked() -> bool:
    """Whether this process had better come to an end soon: what is long may stop at its next good moment."""
    return _Child.asked or bool(_shared[0])


@worker_process_init.connect
def begin_life(**_facts: Any) -> None:
    """In each new child of a pool; its pool sets its own handler of the signal after this."""
    _Child.forked = True


@task_prerun.connect
def begin_task(**_facts: Any) -> None:
    """From now on a request waits."""
    if _Child.forked:
        _Child.idle = signal.signal(signal.SIGTERM, _note)


def _note(_number: int, _frame: Any) -> None:
    _Child.asked = True


@task_postrun.connect
def end_task(**_facts: Any) -> None:
    """Leave now, if somebody asked meanwhile."""
    if not _Child.forked:
        return
    signal.signal(signal.SIGTERM, _Child.idle)
    if _Child.asked:
        leave = threading.Timer(_GRACE, os._exit, [0])
        leave.daemon = True
        leave.start()
