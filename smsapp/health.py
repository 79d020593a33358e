"""Is this console ready to work: database, migrations, broker."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Lock
from time import monotonic

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from redis import Redis
from redis.exceptions import RedisError

TIMEOUT = 2.0  # seconds; a load balancer asks every few
KEPT = 5.0  # seconds that an answer is good for: anybody may ask, and each look costs all parts a question


@dataclass(frozen=True)
class Health:
    """What was found, in words; "ok" where nothing is wrong."""

    parts: dict[str, str]

    @property
    def ready(self) -> bool:
        """Everything answers."""
        return all(words == "ok" for words in self.parts.values())

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {"ready": self.ready, **self.parts}


class Recent:
    """The last answer of this process, asked anew once it is old; who asks meanwhile waits for the one look."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.forget()

    def forget(self) -> None:
        """Look anew next time."""
        self.found, self.until = Health({}), 0.0

    def get(self) -> Health:
        """What was found at most `KEPT` seconds ago."""
        with self.lock:
            if monotonic() >= self.until:
                self.found = look()
                self.until = monotonic() + KEPT
            return self.found


def look() -> Health:
    """Ask each part once. Words name the part, never an address or a secret."""
    database = _database()
    return Health(
        {
            "database": database,
            "migrations": _migrations() if database == "ok" else "not asked: the database does not answer",
            "redis": _redis(),
        }
    )


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer: check DATABASE_URL and that PostgreSQL runs"
    return "ok"


def _migrations() -> str:
    try:
        executor = MigrationExecutor(connection)
        waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        return "cannot be read: check the database user's rights"
    return "ok" if not waiting else f"{waiting} waiting: run manage.py migrate"


def _redis() -> str:
    make: Callable[[], Redis] = partial(Redis.from_url, settings.REDIS_URL, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)
    try:
        with make() as client:
            client.ping()
    except (RedisError, OSError, ValueError):
        return "does not answer: pages work, texts wait; check REDIS_URL"
    return "ok"


recent = Recent()
