"""A stage for benchmarks: a scratch database beside the configured one, a simulated gateway, and worker processes."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from psycopg import sql

SCRATCH = "sms_console_benchmark"
REDIS_NUMBER = 39
ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def scratch_database() -> Iterator[None]:
    """Point Django at a new, migrated database on the same server; drop it afterwards."""
    home = dict(settings.DATABASES["default"])
    _administer(home, "DROP DATABASE IF EXISTS {} WITH (FORCE)", "CREATE DATABASE {}")
    _use(SCRATCH)
    try:
        call_command("migrate", verbosity=0)
        yield
    finally:
        _use(home["NAME"])
        _administer(home, "DROP DATABASE IF EXISTS {} WITH (FORCE)")


def _administer(home: dict[str, object], *statements: str) -> None:
    with psycopg.connect(_address(str(home["NAME"])), autocommit=True) as server:
        for statement in statements:
            server.execute(sql.SQL(statement).format(sql.Identifier(SCRATCH)))


def _use(name: str) -> None:
    connections["default"].close()
    connections["default"].settings_dict["NAME"] = name


def _address(name: str) -> str:
    """A libpq URL of a database on the configured server."""
    facts = connections["default"].settings_dict
    host, port, password = str(facts["HOST"] or ""), facts["PORT"], str(facts["PASSWORD"] or "")
    credentials = quote(str(facts["USER"] or ""), safe="") + (f":{quote(password, safe='')}" if password else "")
    place = quote(host, safe="") if host.startswith("/") else host
    return f"postgresql://{credentials}{'@' if credentials else ''}{place}{f':{port}' if port else ''}/{name}"


def environment(**more: str) -> dict[str, str]:
    """What the worker processes are told."""
    redis = re.sub(r"/\d+$", "", settings.REDIS_URL) + f"/{REDIS_NUMBER}"
    return {**os.environ, "DATABASE_URL": _address(SCRATCH), "REDIS_URL": redis, "SECRET_KEY": settings.SECRET_KEY, "PYTHONUNBUFFERED": "1", **more}


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(*command: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own group, ended with everything that it started."""
    started = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env=environment(**more), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield started
    finally:
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGTERM)
        try:
            started.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()


@contextmanager
def simulator(*options: str) -> Iterator[str]:
    """The simulated gateway, its reports held back; its address."""
    port = free_port()
    with process("manage.py", "simulator", "--port", str(port), "--hold-reports", *options):
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: _answers(url), "the simulator")
        yield url


def _answers(url: str) -> bool:
    with suppress(OSError):
        return bool(urllib.request.urlopen(f"{url}/_stats", timeout=1).status == 200)  # loopback only
    return False


@contextmanager
def celery_worker(queue: str, *, processes: int = 1, include: str = "", **more: str) -> Iterator[None]:
    """A Celery worker on the scratch database, ready for tasks."""
    from smsapp.celery import app

    options = ["-m", "celery", "-A", "smsapp", "worker", "-Q", queue, "-c", str(processes), "-l", "ERROR", "-n", f"{queue}@benchmark"]
    with process(*options, *(["-I", include] if include else []), **more):
        with app.connection_for_write(environment()["REDIS_URL"]) as broker:
            control = app.control.__class__(app)
            wait_until(lambda: bool(control.inspect(connection=broker, timeout=0.5).ping()), "the worker")
        yield


def wait_until(true: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Look until it is so. Raises TimeoutError that names what did not come."""
    ends = time.monotonic() + seconds
    while not true():
        if time.monotonic() > ends:
            raise TimeoutError(f"{what} did not come within {seconds:.0f} s")
        time.sleep(0.05)


def quiet_start() -> None:
    """Statistics and a checkpoint before the clock runs, as on a database that has been up for a while."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        with suppress(Exception):  # needs a right that an ordinary role may lack; costs precision only
            cursor.execute("CHECKPOINT")
