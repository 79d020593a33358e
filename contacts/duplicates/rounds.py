"""The look over all contacts: asked for by a person, or by the tick once a night and after imports; one worker at a time, its steps in the row."""

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import OperationalError
from django.utils import timezone

from contacts.duplicates import everywhere
from contacts.models import Duplicate, ImportJob
from contacts.models.duplicate import DuplicateLook
from smsapp.common.locks import alone
from smsapp.common.models import Organisation

log = logging.getLogger(__name__)
State = DuplicateLook.State
KINDS = tuple(Duplicate.Kind.values)  # one step each
LOCK = 7_212  # advisory lock: somebody looks
NIGHT = range(1, 5)  # hours at the organisation's place
RESTED = timedelta(hours=20)  # between two nightly looks
RESTS = 4  # after imports: so many times as long as the last look took, for imports may come one after the other
TOO_OLD = timedelta(hours=36)  # the console slept at night: do not wait for the next one


def tick() -> None:
    """Take up a look whose bell or worker was lost; begin the nightly one, or one after imports, when it is time."""
    look = DuplicateLook.current()
    if not look.at_work and _is_time(look, timezone.now()):
        DuplicateLook.objects.filter(id=1, state=look.state, started_at=look.started_at).update(state=State.WAITING, step=0)
    work()


def _is_time(look: DuplicateLook, now: datetime) -> bool:
    if look.started_at is None:
        return True
    rested, hour = now - look.started_at, now.astimezone(ZoneInfo(Organisation.current().time_zone)).hour
    return rested > TOO_OLD or (rested > RESTED and hour in NIGHT) or _imports_wait(look, look.started_at, now)


def _imports_wait(look: DuplicateLook, began: datetime, now: datetime) -> bool:
    """An import ended since the last look began, and that one has rested."""
    ended = look.finished_at or began
    return now - ended >= RESTS * (ended - began) and ImportJob.objects.filter(finished_at__gt=began).exists()


def work() -> None:
    """Do the look that waits, or go on with one whose worker died; nothing when another worker does it."""
    with alone(LOCK) as held:
        if held and DuplicateLook.current().at_work:
            _look()


def _look() -> None:
    row = DuplicateLook.objects.filter(id=1)
    row.filter(state=State.WAITING).update(state=State.RUNNING, step=0, started_at=timezone.now())
    try:
        for step, kind in enumerate(KINDS):
            if row.get().step <= step:
                found = everywhere.look(kind)
                row.update(step=step + 1)
                log.info("looked for duplicates", extra={"kind": kind, "found": found})
    except OperationalError:
        raise  # the database went away: the tick goes on
    except Exception:
        log.exception("look for duplicates broke")
        row.update(state=State.FAILED, finished_at=timezone.now())
        return
    row.update(state=State.FINISHED, finished_at=timezone.now())
