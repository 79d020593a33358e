"""Real processes for tests and benchmarks: workers and the simulated gateway, each in a group of its own."""

import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from django.db import connections

ROOT = Path(__file__).resolve().parent.parent.parent


class Process:
    """A running command with everything that it starts."""

    def __init__(self, command: list[str], env: Mapping[str, str]) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the process)
        # real settings, told everything by the environment: those of the tests have an address of their own
        full = {**os.environ, "PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": "smsapp.settings", **env}
        self._popen = subprocess.Popen(  # noqa: S603 (our own commands)
            [sys.executable, *command], cwd=ROOT, env=full, start_new_session=True, stdout=self._log, stderr=subprocess.STDOUT
        )

    @property
    def group(self) -> int:
        """The number of its process group."""
        return self._popen.pid

    def printed(self) -> str:
        """What it has said so far."""
        return os.pread(self._log.fileno(), 1 << 20, 0).decode(errors="replace")

    @property
    def pid(self) -> int:
        """Of its first process, which leads the group."""
        return self._popen.pid

    def ask_to_end(self) -> None:
        """SIGTERM to its first process alone, as a supervisor does."""
        with suppress(ProcessLookupError):
            os.kill(self._popen.pid, signal.SIGTERM)

    def lives(self) -> bool:
        """Whether its first process runs."""
        return self._popen.poll() is None

    def signal_all(self, number: int) -> None:
        """Send a signal to the whole group."""
        with suppress(ProcessLookupError):
            os.killpg(self._popen.pid, number)

    def stop(self, number: int = signal.SIGTERM, seconds: float = 20.0) -> None:
        """End it, by force after some seconds."""
        self.signal_all(number)
        try:
            self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.signal_all(signal.SIGKILL)
            self._popen.wait()
        self.signal_all(signal.SIGKILL)  # children that outlived it


@contextmanager
def running(*command: str, **env: str) -> Iterator[Process]:
    """A process for the length of a block."""
    process = Process(list(command), env)
    try:
        yield process
    finally:
        process.stop()


@contextmanager
def simulator(*options: str, **env: str) -> Iterator[str]:
    """The simulated gateway on a free port; its address."""
    port = free_port()
    with running("manage.py", "simulator", "--port", str(port), *options, **env) as process:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(f"{url}/_stats"), "the simulator", process=process)
        yield url


@contextmanager
def celery_worker(queues: str, *options: str, **env: str) -> Iterator[Process]:
    """A Celery worker that is ready for tasks."""
    name = f"{queues.replace(',', '-')}-{free_port()}@test"
    command = ["-m", "celery", "-A", "smsapp", "worker", "-Q", queues, "-l", "INFO", "-n", name, *options]
    with running(*command, **env) as process:
        wait_until(lambda: " ready." in process.printed(), "the worker", process=process)
        yield process


def database_url(name: str = "") -> str:
    """A URL of the database in use, or of another one on the same server, that libpq and Django read alike."""
    facts = connections["default"].settings_dict
    host, port, password = str(facts["HOST"] or facts["OPTIONS"].get("host", "")), facts["PORT"], str(facts["PASSWORD"] or "")
    credentials = quote(str(facts["USER"] or ""), safe="") + (f":{quote(password, safe='')}" if password else "")
    at = "@" if credentials else ""
    path = quote(name or str(facts["NAME"]), safe="")
    if host.startswith("/"):  # a Unix socket: as the host's name Django would not find it
        return f"postgresql://{credentials}{at}/{path}?host={quote(host)}{f'&port={port}' if port else ''}"
    return f"postgresql://{credentials}{at}{host}{f':{port}' if port else ''}/{path}"


def free_port() -> int:
    """A port of the loopback address that nobody listens on, of those that no outgoing connection is given: it stays free until it is used."""
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def wait_until(true: Callable[[], bool], what: str, seconds: float = 60.0, process: Process | None = None) -> None:
    """Look until it is so. Raises TimeoutError that names what did not come, with the last words of `process`."""
    ends = time.monotonic() + seconds
    while not true():
        if time.monotonic() > ends:
            words = f": {process.printed()[-2000:]}" if process else ""
            raise TimeoutError(f"{what} did not come within {seconds:.0f} s{words}")
        time.sleep(0.05)


def answers(url: str) -> bool:
    """Whether somebody serves this address of ours."""
    with suppress(OSError):
        return bool(urllib.request.urlopen(url, timeout=1).status == 200)  # noqa: S310 (loopback only)
    return False
