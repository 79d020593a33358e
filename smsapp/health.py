"""Is this console ready to work: database, migrations, broker."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from redis import Redis
from redis.exceptions import RedisError

TIMEOUT = 2.0  # seconds; a load balancer asks every few


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
