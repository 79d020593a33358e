"""A session of a bind: connects, binds, asks whether the other side is there, and comes back with growing pauses until it is closed."""

import asyncio
import logging
import os
import random
import socket
import ssl
import time
from contextlib import suppress

from providers.errors import Misconfigured, NotSent, ProviderError, Unknown
from providers.smpp import answers
from providers.smpp.access import Access
from providers.smpp.connection import Connection, Told
from providers.smpp.pdus import ENQUIRE, RECEIVER, UNBIND, bind_body, first_string

log = logging.getLogger(__name__)

CONNECT_SECONDS = 10.0  # to connect and to bind, each
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
STEADY = 30.0  # seconds after which a session counts as one that works
PATIENCE = 60.0  # seconds in which a refused bind may be an old session that the gateway still believes in
UNBIND_SECONDS = 2.0


class Session:
    """One session in one role. `fault` is set when our settings are at fault: a password that is wrong is not tried again."""

    def __init__(self, access: Access, role: int, told: Told, deadline: float) -> None:
        self._access, self._role, self._told, self._deadline = access, role, told, deadline
        self._task: asyncio.Task[None] | None = None
        self._refused_since = 0.0
        self.connection: Connection | None = None  # while it is bound
        self.bound_at = 0.0  # on the clock of the wall
        self.problem: ProviderError | None = None  # why it is not bound
        self.fault: Misconfigured | None = None
        self.peer = ""  # what the gateway calls itself

    @property
    def can_submit(self) -> bool:
        """Whether texts can be handed over right now."""
        return self._role != RECEIVER and self.connection is not None and not self.connection.is_closed

    @property
    def is_bound(self) -> bool:
        """Whether the gateway has let us in."""
        return self.connection is not None and not self.connection.is_closed

    def start(self) -> None:
        """Begin to connect; goes on by itself."""
        self._task = asyncio.get_running_loop().create_task(self._live())

    async def close(self) -> None:
        """Wait for what was not answered yet, say goodbye, and stay away."""
        if self._task is None:
            return
        if self.connection is not None:
            await self._leave(self.connection)
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        self._task = None

    async def open(self) -> Connection:
        """Connect and bind once. Raises NotSent or Misconfigured."""
        connection = await self._connect()
        try:
            await self._bind(connection)
        except BaseException:  # also when nobody wants it any more
            connection.abort("it was not bound")
            raise
        return connection

    async def _live(self) -> None:
        pause = FIRST_PAUSE
        while True:
            began = time.monotonic()
            try:
                await self._stay()
            except Misconfigured as problem:
                self.problem = problem
                self.fault = problem if self._is_our_fault(problem) else None
                if self.fault and not _may_pass(problem):
                    return
            except ProviderError as problem:
                self.problem = problem
            except Exception as problem:  # a defect of ours: the session is tried again like any other
                log.exception("session broke")
                self.problem = NotSent("The session broke.", reason="not_reached", detail=type(problem).__name__)
            pause = FIRST_PAUSE if time.monotonic() - began > STEADY else min(pause * 2, LONGEST_PAUSE)
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))

    def _is_our_fault(self, problem: Misconfigured) -> bool:
        """A wrong password is at once; a bind that merely fails may be an old session that the gateway has not missed yet."""
        if not _may_pass(problem):
            return True
        self._refused_since = self._refused_since or time.monotonic()
        return time.monotonic() - self._refused_since > PATIENCE

    async def _stay(self) -> None:
        """Be bound until the connection ends. Raises ProviderError that says why it did."""
        connection = await self.open()
        self.connection, self.bound_at, self._refused_since = connection, time.time(), 0.0
        self.problem, self.fault = None, None
        try:
            await self._watch(connection)
        finally:
            self.connection, self.bound_at = None, 0.0
            connection.abort("the session ended")
        raise NotSent("The session ended.", reason="not_reached", detail=connection.closed.result() if connection.closed.done() else "")

    async def _connect(self) -> Connection:
        loop, access = asyncio.get_running_loop(), self._access
        context = ssl.create_default_context() if access.tls else None
        try:
            async with asyncio.timeout(min(CONNECT_SECONDS, self._deadline)):
                _transport, connection = await loop.create_connection(lambda: Connection(self._told, access.window), access.host, access.port, ssl=context)
        except ssl.SSLCertVerificationError as problem:
            raise NotSent("The gateway's certificate is not trusted.", reason="not_reached", detail=problem.verify_message[:100]) from None
        except TimeoutError:
            raise NotSent("No connection to the gateway.", reason="not_reached", detail="connecting took too long") from None
        except OSError as problem:
            raise NotSent("No connection to the gateway.", reason="not_reached", detail=_in_words(problem)) from None
        except UnicodeError:
            raise Misconfigured("The gateway's host cannot be looked up.", reason="address") from None
        return connection

    async def _bind(self, connection: Connection) -> None:
        access = self._access
        try:
            body = bind_body(access.system_id, access.password, access.system_type)
        except UnicodeError:
            raise Misconfigured("System id or password cannot be written into a bind.", reason="credentials") from None
        try:
            status, told = await connection.request(self._role, body, seconds=min(CONNECT_SECONDS, self._deadline))
        except Unknown as silence:
            raise NotSent("The gateway did not answer the bind.", reason="not_reached", detail=silence.detail) from None
        if status:
            raise answers.bind_refusal(status)
        self.peer = first_string(told)[:40]

    async def _watch(self, connection: Connection) -> None:
        """Until the connection ends: ask for a sign of life after silence, and at once when an answer is overdue."""
        loop, access = asyncio.get_running_loop(), self._access
        while not connection.closed.done():
            quiet = loop.time() - connection.heard_at
            if quiet >= access.enquire or connection.doubtful:
                connection.doubtful = False
                await self._enquire(connection)
                continue
            wait = min(access.enquire - quiet, 1.0)
            await asyncio.wait({connection.closed}, timeout=wait)

    async def _enquire(self, connection: Connection) -> None:
        try:
            await connection.request(ENQUIRE, seconds=min(self._deadline, self._access.enquire))
        except ProviderError:
            connection.abort("the gateway does not answer")
            await asyncio.wait({connection.closed}, timeout=1.0)

    async def _leave(self, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        ends = loop.time() + self._deadline
        while connection.is_waiting and loop.time() < ends and not connection.is_closed:
            await asyncio.sleep(0.02)
        with suppress(ProviderError):
            await connection.request(UNBIND, seconds=UNBIND_SECONDS)


def _may_pass(problem: ProviderError) -> bool:
    return problem.detail == answers.name_of(answers.BIND_FAILED)


def _in_words(problem: OSError) -> str:
    """The system's words for it: what Python adds names our own calls."""
    if isinstance(problem, socket.gaierror):
        return "its name could not be looked up"
    return os.strerror(problem.errno)[:100] if problem.errno else "no connection"
