"""Beat's rhythm, which heeds how much time has passed and not what the clock on the wall says."""

import time
from datetime import UTC, datetime, timedelta

from celery.schedules import schedstate, schedule

_BEGAN, _FROM = datetime.now(UTC), time.monotonic()


def steady_now() -> datetime:
    """The time of day as it was when this process began, and went on evenly since."""
    return _BEGAN + timedelta(seconds=time.monotonic() - _FROM)


class Every(schedule):
    """Every so many seconds. With Celery's own schedule a clock that is put back five minutes stops all ticks for five minutes."""

    def __init__(self, run_every: float | timedelta, relative: bool = False, nowfun: object = None, app: object = None) -> None:
        super().__init__(run_every, relative, steady_now, app)

    def is_due(self, last_run_at: datetime) -> schedstate:
        """As Celery's; a last run that lies in the future was written down when the clock was wrong."""
        found = super().is_due(last_run_at)
        return schedstate(is_due=True, next=self.seconds) if found.next > self.seconds else found
