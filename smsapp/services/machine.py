"""What the embedded servers ask of the operating system: ports, processes, children."""

import ctypes
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

SET_CHILD_SUBREAPER = 36


def listens(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    """Whether a program listens there, even one that was stopped and answers nothing."""
    with socket.socket(family) as probe:
        probe.settimeout(1)
        try:
            probe.connect(address)
        except (TimeoutError, BlockingIOError):  # so many wait already that no more are let in
            return True
        except OSError:
            return False
    return True


def pid_in(path: Path) -> int | None:
    """The process that a server wrote into its file."""
    try:
        return int(path.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def exists(pid: int) -> bool:
    """Whether such a process is there."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except ProcessLookupError:
        return False
    return True


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def adopt_orphans() -> None:
    """Linux: become the parent of the servers that we start, since not every machine's first process takes care of the dead."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1)


def reap_if_dead(pid: int | None) -> None:
    """PostgreSQL takes a dead child that nobody reaped for a living server, and does not start."""
    if pid is not None:
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def reap(pid: int) -> None:
    """Wait for a child of ours to be gone."""
    with suppress(ChildProcessError):
        os.waitpid(pid, 0)
