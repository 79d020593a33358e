"""A worker's own asynchronous connection, which outlives a restart of the database."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Self

import psycopg
from django.conf import settings
from django.db import connections

log = logging.getLogger(__name__)

# Django's own parameters, without what only its wrapper understands.
_NOT_LIBPQ = ("cursor_factory", "context", "server_side_binding", "pool", "prepare_threshold", "autocommit")
LOST = (psycopg.OperationalError, psycopg.errors.IdleInTransactionSessionTimeout)
_ALIVE = {"connect_timeout": 5, "keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}


class Database:
    """A connection that commits each statement by itself; open as long as the block."""

    connection: psycopg.AsyncConnection[Any]

    async def __aenter__(self) -> Self:
        await self._connect()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.connection.close()

    async def _connect(self) -> None:
        parameters = connections["default"].get_connection_params()
        wanted = {key: value for key, value in parameters.items() if key not in _NOT_LIBPQ}
        self.connection = await psycopg.AsyncConnection.connect(**{**_ALIVE, **wanted}, autocommit=True)
        # A process that is frozen in the middle of its writing must not hold its rows longer than its lease: others wait for them.
        await self.connection.execute(f"SET idle_in_transaction_session_timeout = '{settings.LEASE_SECONDS}s'")

    async def surely(self, write: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
        """Call `write(connection, …)`, again after a lost connection or a deadlock, until a lease after the first failure is over.

        `write` must be safe to repeat: its commit may have happened although nobody heard of it.
        """
        ends, pause = 0.0, 0.1
        while True:
            try:
                if self.connection.closed:
                    await self._connect()
                return await write(self.connection, *arguments)
            except LOST:
                ends = ends or time.monotonic() + settings.LEASE_SECONDS
                if time.monotonic() + pause > ends:
                    raise
                log.warning("database not reached, trying again")
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
