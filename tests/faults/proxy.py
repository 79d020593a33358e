"""A network that a test can break: a TCP proxy that lets through, holds, drags, cuts or refuses."""

import asyncio
import threading
from contextlib import suppress

from smsapp.testing.processes import free_port


class Proxy:
    """Stands before a port of the loopback address. All verbs act at once, on connections old and new."""

    def __init__(self, target: int) -> None:
        self.target, self.port = target, free_port()
        self.delay = 0.0
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task] = set()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._flows = self._do(self._event())
        self.heal()

    def freeze(self) -> None:
        """Hold everything: connections stay open, and nothing goes through (half-open, as behind a dead router)."""
        self._loop.call_soon_threadsafe(self._flows.clear)

    def drag(self, seconds: float) -> None:
        """Each piece takes so long."""
        self.delay = seconds

    def cut(self) -> None:
        """Reset what is open and refuse what is new."""
        self._do(self._close())

    def drop(self) -> None:
        """Reset what is open, take what is new."""
        self._do(self._abort())

    def heal(self) -> None:
        """Let through again."""
        self.delay = 0.0
        self._loop.call_soon_threadsafe(self._flows.set)
        self._do(self._open())

    def close(self) -> None:
        """End it."""
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _do(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _event(self) -> asyncio.Event:
        return asyncio.Event()

    async def _open(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._meet, "127.0.0.1", self.port, backlog=256)

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._abort()

    async def _abort(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        task = asyncio.current_task()
        self._tasks.add(task)
        ours = None
        try:
            await self._flows.wait()
            there, ours = await asyncio.open_connection("127.0.0.1", self.target)
            self._writers.add(ours)
            await asyncio.gather(self._carry(reader, ours), self._carry(there, writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            for end in filter(None, (writer, ours)):
                self._writers.discard(end)
                end.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if self.delay:
                await asyncio.sleep(self.delay)
            await self._flows.wait()
            writer.write(data)
            await writer.drain()
        with suppress(OSError):
            writer.write_eof()
