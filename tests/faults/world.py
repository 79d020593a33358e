"""A world for one fault: servers of its own, the simulated gateway as judge, machines with workers, and Django looking at it."""

import json
import signal
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import OperationalError, connection

from campaigns.models import Chunk, Mailing, Message
from campaigns.statuses import ChunkState, MailingStatus, MessageStatus
from providers.simulator import server as simulated
from providers.simulator.outcomes import Script
from smsapp.common.secrets import read_reference
from smsapp.testing import any_hour, processes
from smsapp.testing.processes import Process
from tests.faults.looking import django_looks_at
from tests.faults.machines import Machine
from tests.faults.proxy import Proxy
from tests.faults.servers import Postgres, Quarters, Valkey, copy_of, mould

LEASE, DEADLINE, MARGIN = 6, 2.0, 1.0
CONNECTIONS = 16
TIMES = {  # everything ten times as fast as in a real installation
    "LEASE_SECONDS": str(LEASE),
    "CALL_DEADLINE_SECONDS": str(DEADLINE),
    "LEASE_MARGIN_SECONDS": str(MARGIN),
    "TICK_SECONDS": "0.5",
    "SWEEP_SECONDS": "1",
    "SEND_SLICE_SECONDS": "2",
    "SEND_CONNECTIONS": str(CONNECTIONS),
}
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat")  # nobody watches them, and mingling costs a second


@dataclass(frozen=True)
class Line:
    """A text that the gateway took on, as its own log says."""

    at: float  # seconds since 1970
    message: int  # by the signed reference
    number: str
    sid: str
    body: str


class World:
    """What a test acts on. `env` is what every process is told."""

    def __init__(self, home: Path, quarters: Quarters, name: str) -> None:
        self.home, self._stack = home, ExitStack()
        self.machines: list[Machine] = []
        self._quarters, self._name = quarters, name
        self.postgres: Postgres
        self.redis: Valkey
        self.gateway: simulated.Running

    # --- beginning and end ---

    def begin(self, cluster: Path | None = None, *, script: Script | None = None, **postgres: str) -> "World":
        """Start the servers and the gateway, and let Django look at them. `cluster` is another place for the data than the usual."""
        pattern = mould(self._quarters)
        folder = cluster or self._quarters.home / f"{self._name}-cluster"
        self.postgres = Postgres(self._quarters, copy_of(self._quarters, pattern, folder), **postgres)
        self.redis = Valkey(self._quarters, self._quarters.folder(f"{self._name}-valkey"))
        for server in (self.redis, self.postgres):
            self._stack.callback(server.signal_all, signal.SIGKILL)
            self._stack.callback(server.stop, server.last_signal)
            server.start()
        options = simulated.Options(port=0, log=self.home / "requests.log", script=script or Script(endings=False), hold_reports=True, smpp_port=0)
        self.gateway = self._stack.enter_context(simulated.in_thread(options))
        self._stack.enter_context(django_looks_at(self.postgres.url(), self.redis.url(), self.web_url))
        any_hour.switch_off()
        return self

    def end(self) -> None:
        """Everything is killed and forgotten."""
        for machine in self.machines:
            machine.kill()
            machine.stop(seconds=1)
        self._stack.close()
        for left in self._quarters.home.glob(f"{self._name}-*"):
            self._quarters.remove(left)

    # --- its parts ---

    @property
    def env(self) -> dict[str, str]:
        """The environment of its processes."""
        return {
            "DATABASE_URL": self.postgres.url(),
            "REDIS_URL": self.redis.url(),
            "SECRET_KEY": settings.SECRET_KEY,
            "SIMULATOR_URL": self.gateway.url,
            "PUBLIC_BASE_URL": self.web_url,
            "SECURE_COOKIES": "0",
            "SEND_WORKERS": "2",
            **TIMES,
        }

    def machine(self, *, beat: bool = True, workers: str = "urgent bulk", children: int = 1, include: str = "", wait: bool = True, **env: str) -> Machine:
        """Start workers, each with so many children; the urgent one brings its own beat, which saves a process. `include` is a module that
        breaks something in them."""
        told, parts = {**self.env, **env}, {}
        for queue in workers.split():
            options = ["-c", str(children), *QUIET, *(["-I", include] if include else [])]
            if beat and queue == "urgent":
                options += ["--beat", "--schedule", str(self._schedule())]
            name = f"{queue}-{processes.free_port()}@test"
            parts[queue] = Process(["-m", "celery", "--quiet", "-A", "smsapp", "worker", "-Q", queue, "-l", "INFO", "-n", name, *options], told)
        machine = Machine(parts)
        self.machines.append(machine)
        return machine.ready() if wait else machine

    def sender(self, **env: str) -> Machine:
        """The process that holds sessions."""
        process = Process(["manage.py", "sender", "--skip-checks"], {**self.env, **env})
        machine = Machine({"sender": process})
        self.machines.append(machine)
        processes.wait_until(lambda: "Sender is ready." in process.printed(), "the sender", process=process)
        return machine

    def _schedule(self) -> Path:
        return self.home / f"beat-{processes.free_port()}"

    def beat(self, **env: str) -> Machine:
        """A beat by itself."""
        command = ["-m", "celery", "--quiet", "-A", "smsapp", "beat", "--schedule", str(self._schedule()), "--pidfile=", "-l", "WARNING"]
        machine = Machine({"beat": Process(command, {**self.env, **env})})
        self.machines.append(machine)
        return machine

    @cached_property
    def web_url(self) -> str:
        """Where its web server listens, if it has one."""
        return f"http://127.0.0.1:{processes.free_port()}"

    def web(self, **env: str) -> Machine:
        """The console itself."""
        command = ["-m", "gunicorn", "smsapp.wsgi:application", "--bind", self.web_url.removeprefix("http://"), "--workers", "1"]
        command += ["--worker-class", "gthread", "--threads", "24", "--no-control-socket", "--log-level", "warning"]
        process = Process(command, {**self.env, **env})
        machine = Machine({"web": process})
        self.machines.append(machine)
        processes.wait_until(lambda: processes.answers(f"{self.web_url}/livez"), "the console", process=process)
        return machine

    def proxy(self, target: int | str) -> Proxy:
        """A network before a port, or before an address of this machine."""
        port = int(target.rpartition(":")[2]) if isinstance(target, str) else target
        proxy = Proxy(port)
        self._stack.callback(proxy.close)
        return proxy

    # --- what is to be seen ---

    def log(self) -> list[Line]:
        """What the gateway took on, in order."""
        self.gateway.flush()
        path = self.home / "requests.log"
        told = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        by_number = {} if all(line["reference"] for line in told) else dict(Message.objects.values_list("number", "id"))  # SMPP carries no reference
        return [Line(line["time"], _message(line, by_number), line["number"], line["sid"], line["body"]) for line in told]

    def statuses(self, mailing: Mailing | None = None) -> Counter[MessageStatus]:
        """How many rows have which status."""
        rows = Message.objects.filter(mailing=mailing) if mailing else Message.objects.all()
        return Counter(MessageStatus(status) for status in rows.values_list("status", flat=True))

    def wait(self, true, what: str, seconds: float = 40.0) -> None:
        """Look until it is so; a database that is away right now is asked again."""

        def looked() -> bool:
            try:
                return bool(true())
            except (OperationalError, psycopg.OperationalError):
                connection.close()
                return False

        try:
            processes.wait_until(looked, what, seconds)
        except TimeoutError as late:
            words = "\n".join(machine.said()[-6000:] for machine in self.machines)
            raise TimeoutError(f"{late}\n{self._standing()}\n{words}") from None

    def _standing(self) -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 'mailing', id, status, problem FROM campaigns_mailing")
            rows = cursor.fetchall()
            cursor.execute("SELECT 'chunks', state, count(*), min(due_at - now())::text, min(lease_until - now())::text FROM campaigns_chunk GROUP BY state")
            rows += cursor.fetchall()
            cursor.execute("SELECT 'messages', status, reason, count(*) FROM campaigns_message GROUP BY status, reason")
            return "\n".join(map(str, rows + cursor.fetchall()))

    def wait_for_texts(self, amount: int, seconds: float = 40.0) -> None:
        """Until the gateway has taken on so many."""
        self.wait(lambda: self.gateway.gateway.accepted >= amount, f"text {amount} at the gateway", seconds)

    def wait_for_the_end(self, *mailings: Mailing, seconds: float = 60.0) -> None:
        """Until nothing is open in these mailings."""
        ids = [mailing.pk for mailing in mailings]
        over = (MailingStatus.FINISHED, MailingStatus.CANCELLED)
        self.wait(lambda: Mailing.objects.filter(pk__in=ids, status__in=over).count() == len(ids), "the end of the mailings", seconds)

    def wait_for_no_lease(self, seconds: float = 3.0 * LEASE) -> None:
        """Until no chunk is in anybody's hands."""
        self.wait(lambda: not Chunk.objects.filter(state=ChunkState.CLAIMED).exists(), "the end of the leases", seconds)

    def when_accepted(self, number: int, act) -> None:
        """Call `act` in the gateway's own thread when it takes on its so-manieth text from now on, before it answers."""
        _Tripwire(self.gateway.gateway, number, act)


def _message(line, by_number: dict[str, int]) -> int:
    return read_reference(line["reference"]) or (0 if line["reference"] else by_number.get(line["number"], 0))


class _Tripwire:
    """Stands in the place of the gateway's log, and passes everything on."""

    def __init__(self, gateway, number: int, act) -> None:
        self.kept, self.left, self.act, self.gateway = gateway.log, number, act, gateway
        gateway.log = self

    def add(self, text) -> None:
        self.kept.add(text)
        self.left -= 1
        if not self.left:
            self.gateway.log = self.kept
            self.act()
