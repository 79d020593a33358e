"""What `manage.py run` runs: the processes of the local stack, their ports and their environment."""

import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from smsapp.services.procs import Spec

WORKERS = {"worker-urgent": "urgent", "worker-bulk": "bulk", "worker-background": "background"}  # process → the queue that it consumes
CHILDREN = {"background": 3}  # processes of a worker, else 2: an import, an export and a refresh at the same time
PORTS_TRIED = 100
LONGEST_ADDRESS = 8190  # bytes, the most that gunicorn takes: a search travels in the address
EXPECTED_WARNINGS = ("ignore:No directory at:UserWarning",)  # static files come from the packages here, not from collectstatic


class NoFreePortError(Exception):
    """Every port that was tried is taken."""


def is_free(host: str, port: int) -> bool:
    """Whether we could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:  # taken, or reserved for the superuser
            return False
    return True


def free_port(host: str, wanted: int, *, but: frozenset[int] = frozenset()) -> int:
    """The wanted port, or the next one that is free."""
    for port in range(wanted, min(wanted + PORTS_TRIED, 65536)):
        if port not in but and is_free(host, port):
            return port
    raise NoFreePortError(f"No port of {host} from {wanted} to {wanted + PORTS_TRIED - 1} can be used: choose others with --port.")


def environment(given: Mapping[str, str], *, host: str, port: int, simulator_port: int, smpp_port: int) -> dict[str, str]:
    """Variables of all processes; what the user set stays."""
    shown = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104  (comparison only)
    ours = {
        "PUBLIC_BASE_URL": f"http://{f'[{shown}]' if ':' in shown else shown}:{port}",
        "SIMULATOR_URL": f"http://127.0.0.1:{simulator_port}",
        "SIMULATOR_SMPP_PORT": str(smpp_port),
        "ALLOWED_HOSTS": ",".join(dict.fromkeys(["127.0.0.1", "localhost", "[::1]", shown, socket.gethostname()])),
        "SECURE_COOKIES": "0",  # plain HTTP on this machine
        "DEBUG": "0",
        "PYTHONWARNINGS": ",".join(EXPECTED_WARNINGS),
    }
    return {name: given.get(name) or value for name, value in ours.items()}


def specs(*, host: str, port: int, simulator_port: int, smpp_port: int, checkout: Path) -> list[Spec]:
    """The processes, in the order in which they start."""
    var = checkout / "var"
    python = sys.executable
    web = [python, *web_command(host, port)]
    manage = [python, str(checkout / "manage.py")]
    listens = ["--port", str(simulator_port), "--smpp-port", str(smpp_port)]
    found = [
        Spec("simulator", [*manage, "simulator", *listens, "--log", str(var / "simulator.log")], stage=2),
        Spec("web", web, stage=1),  # takes the simulator's reports while workers finish
    ]
    found += [Spec("sender", [*manage, "sender"])]
    found += [Spec(name, _worker(python, name, queue)) for name, queue in WORKERS.items()]
    beat = [python, "-m", "celery", "--quiet", "-A", "smsapp", "beat", "--schedule", str(var / f"beat-{port}"), "--pidfile=", "--loglevel", "WARNING"]
    return [*found, Spec("beat", beat)]


def web_command(host: str, port: int) -> list[str]:
    """What Python runs to answer requests."""
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return [
        "-m", "gunicorn", "smsapp.wsgi:application", "--bind", bind, "--workers", "2", "--worker-class", "gthread", "--threads", "8",
        "--limit-request-line", str(LONGEST_ADDRESS), "--no-control-socket", "--graceful-timeout", "10", "--log-level", "info",
        "--worker-tmp-dir", _fast_folder(),
    ]  # fmt: skip


def _worker(python: str, name: str, queue: str) -> list[str]:
    command = [python, "-m", "celery", "--quiet", "-A", "smsapp", "worker", "-Q", queue, "-n", f"{name}@%h", "--loglevel", "INFO"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]  # nobody watches them, and mingling costs a second
    return [*command, "--pool", "prefork", "--concurrency", str(CHILDREN.get(queue, 2)), *quiet]


def _fast_folder() -> str:
    """Gunicorn's heartbeat files in memory where the system has that."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else str(Path(os.environ.get("TMPDIR", "/tmp")))  # noqa: S108  (no name of ours in it)
