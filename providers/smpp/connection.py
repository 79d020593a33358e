"""One TCP connection to an SMSC: frames, answers found by their sequence number, a window, and how long an answer is waited for.

What was written and not answered may have been taken: Unknown. What waited for a place in the window and got none was not: NotSent.
"""

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from typing import Any

from providers.errors import NotSent, ProviderError, Unknown
from providers.smpp import answers
from providers.smpp.pdus import ALERT, ANSWER, DELIVER, ENQUIRE, LAST_SEQUENCE, NACK, OUTBIND, SUBMIT, UNBIND, frames, numbered, pdu

LOOK = 0.2  # seconds between two looks at what is waited for
Answer = tuple[int, bytes]  # status, body
Told = Callable[["Connection", int, bytes], None]  # (connection, sequence number, whole PDU)


class Connection(asyncio.Protocol):
    """Frames and answers. `told` hears each deliver_sm and answers it with `acknowledge`, when it likes."""

    def __init__(self, told: Told, window: int) -> None:
        self._told, self._loop = told, asyncio.get_running_loop()
        self._transport: Any = None
        self._rest = b""
        self._sequence = 0
        self._awaited: dict[int, tuple[asyncio.Future[Answer], float]] = {}  # sequence number → whom to tell, until when
        self._free, self._queue = window, deque[tuple[asyncio.Future[None], float]]()
        self._timer: asyncio.TimerHandle | None = None
        self.heard_at = self._loop.time()
        self.closed: asyncio.Future[str] = self._loop.create_future()  # why, in words
        self.doubtful = False  # an answer is overdue
        self._why = ""

    # --- asyncio's side ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._timer = self._loop.call_later(LOOK, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        why = self._why or (f"the connection broke ({type(exc).__name__})" if exc else "the gateway closed the connection")
        if self._timer:
            self._timer.cancel()
        for future, _ends in self._awaited.values():
            _fail(future, Unknown("The connection broke before the answer.", reason="no_answer", detail=why))
        self._awaited.clear()
        while self._queue:
            _fail(self._queue.popleft()[0], _no_place("the connection broke"))
        if not self.closed.done():
            self.closed.set_result(why)

    def data_received(self, data: bytes) -> None:
        self.heard_at = self._loop.time()
        try:
            found, self._rest = frames(self._rest + data if self._rest else data)
        except ValueError as problem:
            self.abort(f"what came was no SMPP: {problem}")
            return
        for command, status, sequence, whole in found:
            if command >= ANSWER:
                self._answered(status, sequence, whole, is_nack=command == NACK)
            else:
                self._asked(command, sequence, whole)

    # --- what we ask ---

    def request(self, command: int, body: bytes = b"", *, seconds: float) -> asyncio.Future[Answer]:
        """Ask at once, beside the window; the answer's status and body. It fails with Unknown."""
        return self._write(pdu(command, 0, 0, body), self._loop.time() + seconds)

    async def submit(self, whole: bytes, ends: float) -> Answer:
        """Hand over a text as soon as the window has a place; `ends` is on the loop's clock. Raises NotSent or Unknown."""
        if self._free > 0:
            self._free -= 1
        else:
            await self._wait_for_place(ends)
        try:
            return await self._write(whole, ends)
        finally:
            self._leave_place()

    @property
    def is_closed(self) -> bool:
        """Nothing can be asked any more."""
        return self.closed.done() or self._transport is None or self._transport.is_closing()

    @property
    def room(self) -> int:
        """Places left in the window."""
        return self._free - len(self._queue)

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._awaited)

    def acknowledge(self, sequence: int, status: int) -> None:
        """Answer a deliver_sm."""
        if not self.is_closed:
            self._transport.write(pdu(DELIVER | ANSWER, status, sequence, b"\0"))

    def abort(self, why: str) -> None:
        """End the connection at once; what was not answered is unknown."""
        self._why = self._why or why
        if self._transport is not None:
            self._transport.abort()

    def _write(self, whole: bytes, ends: float) -> asyncio.Future[Answer]:
        future: asyncio.Future[Answer] = self._loop.create_future()
        if self.is_closed:
            future.set_exception(_no_place("the connection broke"))
            return future
        self._sequence = self._sequence % LAST_SEQUENCE + 1
        self._awaited[self._sequence] = future, ends
        self._transport.write(numbered(whole, self._sequence))
        return future

    # --- the window ---

    async def _wait_for_place(self, ends: float) -> None:
        turn: asyncio.Future[None] = self._loop.create_future()
        self._queue.append((turn, ends))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave_place()
            raise

    def _leave_place(self) -> None:
        """To whoever has waited longest."""
        while self._queue:
            turn, _ends = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _look(self) -> None:
        """Whoever has waited for too long is told."""
        self._timer = self._loop.call_later(LOOK, self._look)
        now = self._loop.time()
        for sequence in [sequence for sequence, (_future, ends) in self._awaited.items() if ends <= now]:
            future, _ends = self._awaited.pop(sequence)
            self.doubtful = True
            _fail(future, Unknown("No answer in time.", reason="no_answer", detail="no answer to the text in time"))
        while self._queue and self._queue[0][1] <= now:
            _fail(self._queue.popleft()[0], _no_place("the window stayed full"))

    # --- what comes ---

    def _answered(self, status: int, sequence: int, whole: bytes, *, is_nack: bool) -> None:
        future, _ends = self._awaited.pop(sequence, (None, 0.0))
        if future is not None and not future.done():
            future.set_result((status or (answers.BAD_COMMAND if is_nack else 0), whole[16:]))

    def _asked(self, command: int, sequence: int, whole: bytes) -> None:
        if command == DELIVER:
            self._told(self, sequence, whole)
        elif command == ENQUIRE:
            self._transport.write(pdu(ENQUIRE | ANSWER, 0, sequence))
        elif command == UNBIND:
            self._transport.write(pdu(UNBIND | ANSWER, 0, sequence))
            self._why = "the gateway ended the session"
            self._transport.close()
        elif command == SUBMIT:
            self._transport.write(pdu(SUBMIT | ANSWER, answers.BAD_STATE, sequence))
        elif command not in (ALERT, OUTBIND):
            self._transport.write(pdu(NACK, answers.BAD_COMMAND, sequence))


def _fail(future: "asyncio.Future[Any]", error: ProviderError) -> None:
    if not future.done():
        future.set_exception(error)


def _no_place(why: str) -> NotSent:
    return NotSent("The text did not reach the session.", reason="not_reached", detail=why)
