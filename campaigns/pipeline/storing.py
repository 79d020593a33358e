"""Store what became of finished strides, in bulk while the next calls run; close their chunks, or give the rest back."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg

from campaigns.pipeline import dispatch
from campaigns.pipeline.database import Database
from campaigns.pipeline.dispatch import Claim, Text
from campaigns.pipeline.outcomes import Result, write_results
from providers.types import ProviderSnapshot

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Stride:
    """Some texts of a claim that were marked as started together; an empty one without a slot ends the feed's hold."""

    claim: Claim
    texts: list[Text]
    judged_at: float = 0.0  # monotonic
    has_slot: bool = True
    results: list[Result] = field(default_factory=list)


class Writer:
    """Writes the strides that it is given until it is told that there are no more; `free_slot` is called for each, written or not."""

    def __init__(self, provider: ProviderSnapshot, free_slot: Callable[[], None]) -> None:
        self.provider, self._free_slot = provider, free_slot
        self._finished: asyncio.Queue[Stride | None] = asyncio.Queue()

    def put(self, stride: Stride) -> None:
        """All its texts have a result."""
        self._finished.put_nowait(stride)

    def end(self) -> None:
        """There are no more."""
        self._finished.put_nowait(None)

    async def run(self, database: Database) -> None:
        """Whatever has come meanwhile goes together."""
        last = False
        while not last:
            strides = [await self._finished.get()]
            while not self._finished.empty():
                strides.append(self._finished.get_nowait())
            last = strides[-1] is None
            await self._store(database, [stride for stride in strides if stride is not None])

    async def _store(self, database: Database, strides: list[Stride]) -> None:
        try:
            await self._write_surely(database, strides)
            for stride in strides:
                stride.claim.open_strides -= 1
                if not stride.claim.open_strides:
                    await database.surely(dispatch.settle, stride.claim)
        except Exception:  # the lease of these chunks ends, and the sweep says what is unknown
            log.exception("outcomes not written", extra={"provider": self.provider.id})
        finally:
            for stride in strides:
                if stride.has_slot:
                    self._free_slot()

    async def _write_surely(self, database: Database, strides: list[Stride]) -> None:
        """All at once; where one result cannot be written, each by itself, and that one without its details."""
        groups = [(stride.claim, stride.results) for stride in strides if stride.results]
        if not groups:
            return
        try:
            await database.surely(write_results, self.provider, groups)
        except (psycopg.DataError, UnicodeError):
            log.exception("a result cannot be written", extra={"provider": self.provider.id})
            for claim, results in groups:
                for result in results:
                    await database.surely(write_results, self.provider, [(claim, [result.plain()])])
