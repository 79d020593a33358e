"""A database that is away, said in one line when it goes and in one when it is back, however often somebody asks meanwhile."""

import logging
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError

from smsapp.common.absence import is_away

log = logging.getLogger(__name__)

AWAY = (OperationalError, InterfaceError, psycopg.OperationalError)


class Outage:
    """Of one process: everything in it that asks the database shares it."""

    def __init__(self) -> None:
        self.lasts = False

    def tell(self, what: str, problem: Exception, **facts: Any) -> None:
        """What broke because of this: a defect of ours with all its traces, an absent database once."""
        if not is_away(problem):
            log.error(what, exc_info=problem, extra=facts)
        elif not self.lasts:
            self.lasts = True
            log.error("database not reached, going on when it is back", extra={"problem": str(problem).partition("\n")[0][:200]})

    def over(self) -> None:
        """Somebody got an answer."""
        if self.lasts:
            self.lasts = False
            log.warning("database reached again")
