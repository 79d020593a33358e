"""A crowd of gateways that posts at a fixed pace, whether the earlier posts are answered or not: waiting is counted from when each post was due."""

import asyncio
from collections import Counter, deque
from typing import Any

PATIENCE = 20.0  # seconds after the last post


class Crowd:
    """Posts whole requests to this machine over connections that are kept; opens another one when all are busy."""

    def __init__(self, port: int) -> None:
        self.waits: list[float] = []
        self.answers: Counter[str] = Counter()
        self._port = port
        self._idle: deque[_Caller] = deque()
        self._answered = asyncio.Event()
        self._count = 0

    def at(self, share: float) -> float:
        """Seconds within which this share was answered."""
        ordered = sorted(self.waits)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else float("inf")

    async def post(self, requests: list[bytes], pace: float) -> None:
        """Post them all, `pace` a second; returns when all are answered or patience ends."""
        loop = asyncio.get_running_loop()
        self._count = len(requests)
        began = loop.time() + 0.05
        for place, request in enumerate(requests):
            due = began + place / pace
            if (wait := due - loop.time()) > 0:
                await asyncio.sleep(wait)
            self._send(loop, request, due)
        try:
            await asyncio.wait_for(self._answered.wait(), PATIENCE)
        except TimeoutError:
            self.answers["none"] += self._count - len(self.waits)
        for caller in self._idle:
            caller.transport.close()

    def _send(self, loop: asyncio.AbstractEventLoop, request: bytes, due: float) -> None:
        while self._idle:
            caller = self._idle.pop()
            if not caller.transport.is_closing():
                caller.call(request, due)
                return
        caller = _Caller(self, loop)
        caller.pending = (request, due)
        task = loop.create_task(loop.create_connection(lambda: caller, "127.0.0.1", self._port))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())

    def heard(self, caller: "_Caller", waited: float, status: bytes, *, keep: bool) -> None:
        """A post was answered."""
        self.waits.append(waited)
        self.answers[status.decode("ascii", "replace")] += 1
        if keep:
            self._idle.append(caller)
        if len(self.waits) == self._count:
            self._answered.set()


class _Caller(asyncio.Protocol):
    """One connection, one post at a time; one that was closed while idle calls again on another."""

    transport: Any

    def __init__(self, crowd: Crowd, loop: asyncio.AbstractEventLoop) -> None:
        self._crowd, self._loop = crowd, loop
        self.pending: tuple[bytes, float] | None = None
        self._due = 0.0
        self._request = b""
        self._heard = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        if self.pending:
            self.call(*self.pending)

    def call(self, request: bytes, due: float) -> None:
        """Post it."""
        self._request, self._due, self._heard, self.pending = request, due, b"", None
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, mark, body = self._heard.partition(b"\r\n\r\n")
        lower = head.lower()
        length = int(lower.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        if mark and len(body) >= length and self._request:
            self._request = b""
            closes = b"connection: close" in lower
            self._crowd.heard(self, self._loop.time() - self._due, head[9:12], keep=not closes)
            if closes:
                self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._request:
            self._crowd._send(self._loop, self._request, self._due)
            self._request = b""
