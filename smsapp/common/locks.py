"""One worker a job: advisory locks that the database drops when their holder dies; and what the database says of locks."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection

MOST = 2**31
NOT_AVAILABLE, DEADLOCK = "55P03", "40P01"  # PostgreSQL's codes


def code_of(problem: DatabaseError) -> str:
    """PostgreSQL's own code for what went wrong; empty where the server said none."""
    return getattr(problem.__cause__, "sqlstate", None) or ""


@contextmanager
def alone(space: int, key: int = 0) -> Iterator[bool]:
    """True while nobody else holds the lock (space, key); never waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [space, key % MOST])
        held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        if held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [space, key % MOST])
