"""The local stack: starts processes, prints their lines under their names, brings back whoever dies, stops all."""

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

COLOURS = (36, 32, 33, 35, 34, 31)
KEPT_LINES = 8  # said again when a process dies
LONGEST_PAUSE = 30.0  # seconds before a process that keeps dying is tried again
WARM_SECONDS = 20.0  # a dispatch task runs about 5 s, a call 10 s
SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Spec:
    """What to run. `stage` orders the stop: 0 first (takes work in), later ones when the earlier are gone."""

    name: str
    command: Sequence[str]
    stage: int = 0


@dataclass
class Child:
    """One process of the stack as it is now."""

    spec: Spec
    colour: int
    process: subprocess.Popen[bytes] | None = None
    rest: bytes = b""
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    started: float = 0.0
    pause: float = 0.5
    due: float = 0.0


def _die_with_parent() -> None:
    """Belt: should the supervisor be killed, Linux ends its children."""
    if _libc is not None:
        _libc.prctl(SET_PDEATHSIG, signal.SIGTERM)


class Stack:
    """A supervisor in one thread: reads output, notices deaths, heeds signals."""

    def __init__(self, specs: Sequence[Spec], *, env: Mapping[str, str], cwd: Path, out: TextIO = sys.stdout) -> None:
        self.children = [Child(spec, COLOURS[number % len(COLOURS)]) for number, spec in enumerate(specs)]
        self.env = {**os.environ, **env, "PYTHONUNBUFFERED": "1"}
        self.cwd = cwd
        self.out = out
        self.width = max(len(spec.name) for spec in specs)
        self.selector = selectors.DefaultSelector()
        self.stopping = False
        self.hurry = False

    def run(self, ready: Callable[[], bool], when_ready: Callable[[], None], each_round: Callable[[], None] = lambda: None) -> None:
        """Until Ctrl-C or SIGTERM; `when_ready` is called once, as soon as `ready()`, `each_round` several times a second."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)
        try:
            for child in self.children:
                self._start(child)
            told = False
            while not self.stopping:
                self._read(0.2)
                each_round()
                self._look_after()
                if not told and ready():
                    told = True
                    when_ready()
        finally:
            self._stop()

    def say(self, text: str, child: Child | None = None) -> None:
        """One line under a name."""
        name = (child.spec.name if child else "run").ljust(self.width)
        if self.out.isatty():
            name = f"\033[{child.colour if child else 1}m{name}\033[0m"
        with suppress(OSError, ValueError):  # nobody reads any more
            self.out.write(f"{name} | {text}\n")
            self.out.flush()

    def _asked_to_stop(self, number: int, frame: Any) -> None:
        self.hurry = self.stopping
        self.stopping = True

    def _start(self, child: Child) -> None:
        # Its own session: Ctrl-C in the terminal reaches the supervisor only, and the whole group can be ended.
        child.process = subprocess.Popen(  # noqa: S603  (our own commands)
            child.spec.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=self.env, cwd=self.cwd, start_new_session=True, preexec_fn=_die_with_parent,
        )
        child.started = time.monotonic()
        if child.process.stdout is not None:
            os.set_blocking(child.process.stdout.fileno(), False)
            self.selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def _read(self, patience: float) -> None:
        for key, _events in self.selector.select(patience):
            self._read_child(key.data)
        if not self.selector.get_map():
            time.sleep(patience)

    def _read_child(self, child: Child) -> None:
        stream = child.process.stdout if child.process else None
        if stream is None or stream.closed:
            return
        chunk = stream.read(65536)
        if chunk is None:
            return
        if not chunk:
            self._close(child)
            return
        *lines, child.rest = (child.rest + chunk).split(b"\n")
        for line in lines:
            self._told(child, line)

    def _told(self, child: Child, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        if text:
            child.lines.append(text)
            self.say(text, child)

    def _close(self, child: Child) -> None:
        stream = child.process.stdout if child.process else None
        if stream is not None and not stream.closed:
            self.selector.unregister(stream)
            stream.close()
        if child.rest:
            self._told(child, child.rest)
            child.rest = b""

    def _look_after(self) -> None:
        for child in self.children:
            if child.process is None:
                if time.monotonic() >= child.due:
                    self._start(child)
            elif child.process.poll() is not None:
                self._bury(child)

    def _bury(self, child: Child) -> None:
        """Say how it ended, end what it left behind, plan its return."""
        assert child.process is not None
        code = child.process.returncode
        self._read_child(child)
        _end_group(child.process.pid, signal.SIGKILL)
        self._close(child)
        child.process = None
        lived = time.monotonic() - child.started
        child.pause = 0.5 if lived > 30 else min(child.pause * 2, LONGEST_PAUSE)
        child.due = time.monotonic() + child.pause
        self.say(f"{child.spec.name} {_ending(code)} after {lived:.0f} s; it starts again in {child.pause:.0f} s. Its last lines:")
        for line in child.lines:
            self.say(f"    {line}")

    def _stop(self) -> None:
        self.stopping = True
        self.say("stopping: what is under way is finished first (Ctrl-C again stops at once)")
        until = time.monotonic() + WARM_SECONDS
        for stage in sorted({child.spec.stage for child in self.children}):
            self._stop_stage([child for child in self.children if child.spec.stage == stage], until)
        self.selector.close()
        self.say("stopped")

    def _stop_stage(self, children: list[Child], until: float) -> None:
        for child in children:
            if child.process and child.process.poll() is None:
                child.process.terminate()
        while any(child.process and child.process.poll() is None for child in children):
            if self.hurry or time.monotonic() > until:
                break
            self._read(0.1)
        for child in children:
            if child.process:
                _end_group(child.process.pid, signal.SIGKILL)
                child.process.wait()
                self._read_child(child)
                self._close(child)


def _end_group(leader: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def _ending(code: int) -> str:
    return f"was ended by signal {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
