"""Starts and stops the simulated gateway: as a process of its own, or in a thread for tests."""

import asyncio
import gc
import json
import signal
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import uvloop

from providers.simulator.callbacks import Callbacks
from providers.simulator.gateway import Gateway, Settings
from providers.simulator.outcomes import Script, read_script
from providers.simulator.page import Pages
from providers.simulator.protocol import Connection
from providers.simulator.requestlog import RequestLog
from providers.simulator.smpp import Peer, Smsc, SmscSettings


@dataclass(slots=True)
class Options:
    """How to start it. Port 0 takes a free one; without an `smpp_port` it speaks HTTP only."""

    host: str = "127.0.0.1"
    port: int = 8025
    log: Path | None = None
    script: Script = field(default_factory=Script)
    hold_reports: bool = False
    settings: Settings = field(default_factory=Settings)
    smpp_port: int | None = None
    smsc: SmscSettings = field(default_factory=SmscSettings)
    tls: ssl.SSLContext | None = None  # of SMPP


@dataclass(slots=True)
class Running:
    """A started simulator."""

    url: str
    gateway: Gateway
    callbacks: Callbacks
    pages: Pages
    log: RequestLog
    loop: asyncio.AbstractEventLoop
    _stop: asyncio.Event
    smsc: Smsc
    smpp_port: int = 0

    def stop(self) -> None:
        """Ask it to end; safe from any thread."""
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self._stop.set)

    def use(self, **script: object) -> None:
        """Follow another script, given as read_script's object, from any thread."""
        chosen = read_script(json.dumps(script))

        def change() -> None:
            self.gateway.use(chosen)
            self.callbacks.replan()

        self._do(change)

    def flush(self) -> None:
        """Write the request log as far as it has come, from any thread."""
        self._do(self.log.flush)

    def hold_reports(self, hold: bool) -> None:
        """Keep reports, or let go of those that were kept, from any thread."""
        self._do(lambda: setattr(self.callbacks, "hold", hold))

    def _do(self, act: Callable[[], None]) -> None:
        done = threading.Event()

        def acted() -> None:
            act()
            done.set()

        self.loop.call_soon_threadsafe(acted)
        done.wait(2)


async def serve(options: Options, started: Callable[[Running], None]) -> None:
    """Serve until stopped; `started` hears the address."""
    loop = asyncio.get_running_loop()
    log, callbacks, stop = RequestLog(options.log, loop), Callbacks(loop, hold=options.hold_reports), asyncio.Event()
    gateway = Gateway(options.script, options.settings, log, callbacks.report)
    callbacks.gateway = gateway
    pages = Pages(gateway, callbacks)
    connections: set[Connection] = set()
    server = await loop.create_server(lambda: Connection(gateway, pages, loop, connections), options.host, options.port, backlog=1024)
    port = server.sockets[0].getsockname()[1]
    smsc = pages.smsc = Smsc(gateway, callbacks.report, loop, options.smsc)
    sessions = None
    if options.smpp_port is not None:
        sessions = await loop.create_server(lambda: Peer(smsc), options.host, options.smpp_port, ssl=options.tls)
    if threading.current_thread() is threading.main_thread():
        for wanted in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(wanted, stop.set)
    host = f"[{options.host}]" if ":" in options.host else options.host
    smpp_port = sessions.sockets[0].getsockname()[1] if sessions else 0
    started(Running(f"http://{host}:{port}", gateway, callbacks, pages, log, loop, stop, smsc, smpp_port))
    try:
        await stop.wait()
    finally:
        server.close()
        if sessions:
            sessions.close()
        smsc.close()
        for connection in list(connections):
            connection.transport.abort()
        callbacks.close()
        log.close()


def run(options: Options, started: Callable[[Running], None]) -> None:
    """Serve in this thread until SIGTERM, SIGINT or `stop`."""
    if threading.current_thread() is threading.main_thread():
        gc.freeze()
        gc.set_threshold(50_000, 50, 100)  # texts that wait for their reports are no garbage: looking at them costs more than all else
    uvloop.run(serve(options, started))


@contextmanager
def in_thread(options: Options) -> Iterator[Running]:
    """A simulator for tests: `with in_thread(Options(port=0)) as simulator`."""
    ready, found = threading.Event(), []

    def started(running: Running) -> None:
        found.append(running)
        ready.set()

    thread = threading.Thread(target=run, args=(options, started), daemon=True)
    thread.start()
    if not ready.wait(5):
        raise RuntimeError("the simulator did not start")
    try:
        yield found[0]
    finally:
        found[0].stop()
        thread.join(5)
