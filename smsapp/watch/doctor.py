"""What is wrong with this installation and how to mend it: one look for the command, the home page and whoever else asks."""

import logging
from collections.abc import Callable
from threading import Lock
from time import monotonic

from django.db import DatabaseError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from smsapp.watch import database, machine, processes, sending
from smsapp.watch.findings import Finding, Level, wrong

log = logging.getLogger(__name__)

KEPT = 10.0  # seconds that a look is good for on pages


def look() -> list[Finding]:
    """Everything that is not as it should be, what is wrong first."""
    found, ahead = database.look()
    found += processes.look(ahead)
    if ahead is not None:
        found += _unless_broken(machine.look)
        found += _unless_broken(sending.look)
    return sorted(found, key=lambda finding: finding.level is not Level.WRONG)


def _unless_broken(part: Callable[[], list[Finding]]) -> list[Finding]:
    """A table that a migration has still to bring keeps nobody from the other findings."""
    try:
        with transaction.atomic():
            return part()
    except DatabaseError:
        log.exception("doctor could not look")
        return [wrong("cannot_look", _("The tables of the console cannot be read."), _("Run “manage.py migrate”; the log has the details."))]


class Recent:
    """The last look of this process in each language, for pages; who asks meanwhile waits for the one look."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.forget()

    def forget(self) -> None:
        """Look anew next time."""
        self.found: dict[str, tuple[float, list[Finding]]] = {}

    def get(self) -> list[Finding]:
        """What was found at most `KEPT` seconds ago."""
        with self.lock:
            language = get_language() or ""
            until, found = self.found.get(language, (0.0, []))
            if monotonic() >= until:
                found = look()
                self.found[language] = monotonic() + KEPT, found
            return found


recent = Recent()
