"""Looks after the embedded servers while `manage.py run` is up: one that died is started again, and that is said."""

import time
from collections.abc import Callable

import psycopg

from smsapp.services.embedded import EmbeddedError, Servers
from smsapp.services.procs import LONGEST_PAUSE

EVERY = 2.0  # seconds between looks


class Nurse:
    """Called in each round of the supervisor; looks now and then."""

    def __init__(self, servers: Servers, say: Callable[[str], None]) -> None:
        self.servers = servers
        self.say = say
        self.pause = EVERY
        self.due = 0.0

    def __call__(self) -> None:
        """Look, when it is time; a server that does not come back is tried ever less often."""
        if time.monotonic() < self.due:
            return
        try:
            for name in self.servers.bring_back():
                self.say(f"The embedded {name} had died; it was started again.")
            self.pause = EVERY
        except (EmbeddedError, OSError, psycopg.Error) as error:
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
            self.say(f"An embedded server has died and does not come back; it is tried again in {self.pause:.0f} s. {error}")
        self.due = time.monotonic() + self.pause
