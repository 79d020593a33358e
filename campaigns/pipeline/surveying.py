"""What the plan of a large mailing counts is counted while the next batch is written, on a connection of its own: the other core has the time."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime

from django.db import connection
from django.utils import timezone

from campaigns.models import Mailing
from campaigns.pipeline import planning
from campaigns.pipeline.planning import Survey
from smsapp.common.models import Organisation

LARGE = 30_000  # people; with fewer the plan is a matter of moments


class Surveyor:
    """Counts batches that are committed, one after the other."""

    def __init__(self, mailing: Mailing, pool: ThreadPoolExecutor | None) -> None:
        self._mailing, self._pool = mailing, pool
        self._at, self._hours = timezone.now(), Organisation.current().recent_hours
        self._upto = 0
        self._found: list[Future[Survey]] = []

    def look(self, upto: int) -> None:
        """Everything up to this contact is committed."""
        if self._pool:
            self._found.append(self._pool.submit(_survey, self._mailing, self._at, self._hours, self._upto, upto))
            self._upto = upto

    def surveys(self) -> list[Survey]:
        """All that was counted; nothing where it is not worth while, then the plan counts itself."""
        return [found.result() for found in self._found]


@contextmanager
def beside(mailing: Mailing, people: int) -> Iterator[Surveyor]:
    """A surveyor of a mailing to so many people for the length of a block."""
    if people < LARGE:
        yield Surveyor(mailing, None)
        return
    with ThreadPoolExecutor(1, "survey") as pool:
        yield Surveyor(mailing, pool)


def _survey(mailing: Mailing, at: datetime, hours: int, after: int, upto: int) -> Survey:
    try:
        return planning.survey(mailing, at, hours, after=after, upto=upto)
    finally:
        connection.close()  # this thread's own
