"""All sessions of one provider that this process holds: hands a text to the one with most room, and brings what they hear to the database.

What came in is acknowledged once it is stored. When it cannot be stored, the gateway is told that the trouble is temporary and repeats it.
"""

import asyncio
import itertools
import logging
import secrets
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import NamedTuple

from providers.errors import Misconfigured, NotSent, ProviderError
from providers.smpp import answers
from providers.smpp.access import Access
from providers.smpp.connection import Connection
from providers.smpp.session import Session

log = logging.getLogger(__name__)

AT_ONCE = 500  # PDUs stored together
MOST_WAITING = 5_000  # PDUs that are not stored yet; the gateway keeps those beyond

Store = Callable[[Sequence["Heard"]], Awaitable[Sequence[bool]]]


class Heard(NamedTuple):
    """A deliver_sm as it came; `token` is another one for each time it came, but the same for a repeat in the same session."""

    token: str
    whole: bytes


class _Waiting(NamedTuple):
    connection: Connection
    sequence: int
    heard: Heard


class Line:
    """Sessions by the number of their bind."""

    def __init__(self, access: Access, store: Store, deadline: float) -> None:
        self._access, self._store, self.deadline = access, store, deadline
        self._sessions: dict[int, list[Session]] = {}
        self._heard: asyncio.Queue[_Waiting] = asyncio.Queue(MOST_WAITING)
        self._tokens: dict[int, str] = {}  # of connections, by identity
        self._ending = set[asyncio.Task[None]]()
        self._references = itertools.count(secrets.randbelow(256))
        self._keeper = asyncio.get_running_loop().create_task(self._keep_heard())

    # --- which sessions ---

    def keep(self, numbers: Collection[int]) -> None:
        """Hold exactly these binds: others begin or end."""
        for number in set(numbers) - self._sessions.keys():
            self._sessions[number] = [Session(self._access, role, self._told, self.deadline) for role in self._access.roles]
            for session in self._sessions[number]:
                session.start()
        for number in self._sessions.keys() - set(numbers):
            for session in self._sessions.pop(number):
                task = asyncio.get_running_loop().create_task(session.close())
                self._ending.add(task)
                task.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """End all sessions in good order: answers that are due are waited for."""
        self.keep(())
        await asyncio.gather(*self._ending, return_exceptions=True)
        self._keeper.cancel()
        await asyncio.gather(self._keeper, return_exceptions=True)

    @property
    def is_open(self) -> bool:
        """Whether a text can leave at this moment."""
        return any(session.can_submit for session in self._all())

    @property
    def width(self) -> int:
        """Texts that can be under way at once."""
        return max(1, self._access.window * len(self._sessions))

    @property
    def fault(self) -> Misconfigured | None:
        """Why no session will come about before somebody changes the settings."""
        return None if self.is_open else next((session.fault for session in self._all() if session.fault), None)

    def standing(self) -> dict[int, tuple[float, str]]:
        """Of each bind: since when it stands (0.0 when it does not), and its trouble in words."""
        return {number: _standing(sessions) for number, sessions in self._sessions.items()}

    def _all(self) -> list[Session]:
        return [session for sessions in self._sessions.values() for session in sessions]

    # --- texts out ---

    def new_reference(self) -> int:
        """What the parts of one text have in common."""
        return next(self._references) & 0xFF

    def choose(self) -> Connection:
        """The session with most room. Raises NotSent when none is bound."""
        usable = [session.connection for session in self._all() if session.can_submit and session.connection]
        if not usable:
            raise NotSent("No session with the gateway stands.", reason="not_reached", detail="not bound")
        return max(usable, key=lambda connection: connection.room) if len(usable) > 1 else usable[0]

    # --- what comes in ---

    def _told(self, connection: Connection, sequence: int, whole: bytes) -> None:
        heard = Heard(f"{self._token(connection)}-{sequence:x}", whole)
        try:
            self._heard.put_nowait(_Waiting(connection, sequence, heard))
        except asyncio.QueueFull:
            connection.acknowledge(sequence, answers.TEMPORARY)

    def _token(self, connection: Connection) -> str:
        key = id(connection)
        if key not in self._tokens:
            self._tokens[key] = secrets.token_hex(6)
            connection.closed.add_done_callback(lambda _closed: self._tokens.pop(key, None))
        return self._tokens[key]

    async def _keep_heard(self) -> None:
        while True:
            waiting = [await self._heard.get()]
            while not self._heard.empty() and len(waiting) < AT_ONCE:
                waiting.append(self._heard.get_nowait())
            stored = await self._stored([one.heard for one in waiting])
            for one, is_stored in zip(waiting, stored, strict=True):
                one.connection.acknowledge(one.sequence, answers.OK if is_stored else answers.TEMPORARY)

    async def _stored(self, heard: Sequence[Heard]) -> Sequence[bool]:
        try:
            return await self._store(heard)
        except Exception:  # the gateway repeats them
            log.exception("what a session heard is not stored", extra={"pdus": len(heard)})
            return [False] * len(heard)


def _standing(sessions: Sequence[Session]) -> tuple[float, str]:
    if all(session.is_bound for session in sessions):
        return max(session.bound_at for session in sessions), ""
    return 0.0, next((words(session.problem) for session in sessions if session.problem), "")


def words(problem: ProviderError) -> str:
    """What went wrong, with the gateway's own code."""
    return f"{problem} {problem.detail}".strip()
