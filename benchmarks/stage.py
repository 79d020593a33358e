"""A stage for benchmarks: a scratch database beside the configured one, a simulated gateway, and worker processes."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import psycopg
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DatabaseError, connection, connections
from psycopg import sql

from smsapp.testing import any_hour, processes
from smsapp.testing.processes import Process, wait_until

__all__ = ["broker", "celery_worker", "checkpoint", "quiet_start", "scratch_database", "sender", "simulator", "wait_until"]

SCRATCH = "sms_console_benchmark"
REDIS_NUMBER = 15  # the last of an ordinary server


@contextmanager
def scratch_database(name: str = SCRATCH, pattern: str = "template1") -> Iterator[None]:
    """Point Django at a new, migrated database on the same server; drop it afterwards. A `pattern` that is migrated spares that."""
    home = str(settings.DATABASES["default"]["NAME"])
    _administer(home, (name, pattern), "DROP DATABASE IF EXISTS {0} WITH (FORCE)", "CREATE DATABASE {0} TEMPLATE {1}")
    _use(name)
    try:
        call_command("migrate", verbosity=0)
        any_hour.switch_off()
        yield
    finally:
        _use(home)
        _administer(home, (name,), "DROP DATABASE IF EXISTS {0} WITH (FORCE)")


def _administer(home: str, names: tuple[str, ...], *statements: str) -> None:
    with psycopg.connect(processes.database_url(home), autocommit=True) as server:
        for statement in statements:
            server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _use(name: str) -> None:
    connections["default"].close()
    connections["default"].settings_dict["NAME"] = name
    ContentType.objects.clear_cache()  # each database numbers its own


def broker() -> str:
    """The Redis number of benchmarks, where no other worker listens."""
    return re.sub(r"/\d+$", "", settings.REDIS_URL) + f"/{REDIS_NUMBER}"


def simulator(*options: str) -> AbstractContextManager[str]:
    """The simulated gateway that accepts everything, its reports held back; its address."""
    return processes.simulator("--hold-reports", "--plain", *options)


def celery_worker(queue: str, *options: str, **env: str) -> AbstractContextManager[Process]:
    """A Celery worker on the scratch database."""
    return processes.celery_worker(queue, *options, **_servers(), **env)


def sender(**env: str) -> AbstractContextManager[Process]:
    """The process that holds sessions, on the scratch database."""
    return processes.running("manage.py", "sender", **_servers(), **env)


def _servers() -> dict[str, str]:
    return {"DATABASE_URL": processes.database_url(SCRATCH), "REDIS_URL": broker(), "SECRET_KEY": settings.SECRET_KEY}


def quiet_start() -> None:
    """Statistics and a checkpoint before the clock runs, as on a database that has been up for a while."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    checkpoint()


def processor_time() -> float:
    """Seconds that the database session has worked so far, without parallel workers; 0 where the server runs elsewhere or the system does not tell."""
    connection.ensure_connection()
    try:
        return int(Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text().split()[0]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def checkpoint() -> None:
    """What was written before does not weigh on what is measured next."""
    with connection.cursor() as cursor, suppress(DatabaseError):  # needs a right that an ordinary role may lack; costs precision only
        cursor.execute("CHECKPOINT")
