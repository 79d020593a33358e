"""Send claimed chunks: many calls at once, each only under a live lease; outcomes written in bulk while the next calls run.

Three coroutines share a slice of a few seconds: `_feed` claims chunks and starts strides, `_lane` (one per connection)
makes the calls, `_write` stores the outcomes of finished strides. Strides in flight are bounded: together they are the
window, the most that a crash can leave unknown.
"""

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import uvloop
from django.conf import settings
from django.db import connections

from campaigns.pipeline import dispatch
from campaigns.pipeline.dispatch import Claim, Text
from campaigns.pipeline.outcomes import Result, Verdict, write_results
from providers.errors import Misconfigured, NotSent, ProviderError, Refused
from providers.services import providers, sending
from providers.throttle import Throttle
from providers.types import OutboundSms
from smsapp.common.secrets import sign_reference

log = logging.getLogger(__name__)

STRIDES_IN_FLIGHT = 3
LEASE_MARGIN = 5.0  # seconds kept between the deadline of a call and the end of the lease


def stride_size(rate: int) -> int:
    """Texts per stride: a quarter of a second of work, at most 100."""
    return max(1, min(100, rate // 4))


def window(rate: int) -> int:
    """The most texts that one crashed worker can leave unknown."""
    return STRIDES_IN_FLIGHT * stride_size(rate)


@dataclass(slots=True)
class Stride:
    """Some texts of a claim that were marked as started together."""

    claim: Claim
    texts: list[Text]
    results: list[Result] = field(default_factory=list)


def run_slice(provider_id: int, *, urgent_only: bool) -> bool:
    """Send for a few seconds; True when there may be more to do."""
    return uvloop.run(_Slice(provider_id, urgent_only=urgent_only).run())


@asynccontextmanager
async def _database() -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """A connection of our own with Django's parameters, committing each statement by itself."""
    parameters = connections["default"].get_connection_params()
    wanted = {key: value for key, value in parameters.items() if key not in ("cursor_factory", "context", "server_side_binding", "pool")}
    connection = await psycopg.AsyncConnection.connect(**wanted, autocommit=True)
    try:
        yield connection
    finally:
        await connection.close()


async def _in_django(function: Callable[..., Any], *arguments: Any) -> None:
    """Run a small service in a thread that gives its database connection back."""

    def call() -> None:
        try:
            function(*arguments)
        finally:
            connections.close_all()

    await asyncio.to_thread(call)


class _Slice:
    """A few seconds of sending for one provider in one process."""

    def __init__(self, provider_id: int, *, urgent_only: bool) -> None:
        self.urgent_only = urgent_only
        self.provider = providers.snapshot(provider_id)
        self.throttle = Throttle(settings.REDIS_URL)
        self.ends = time.monotonic() + settings.SEND_SLICE_SECONDS
        self.todo: deque[tuple[Stride, Text]] = deque()
        self.wake = asyncio.Event()
        self.slots = asyncio.Semaphore(STRIDES_IN_FLIGHT)
        self.finished: asyncio.Queue[Stride | None] = asyncio.Queue()
        self.fed = False
        self.stop = False  # the lane was paused by one of our own calls
        self.more = False
        self.slowed_until = 0.0  # monotonic

    async def run(self) -> bool:
        connections_count = settings.SEND_CONNECTIONS
        async with _database() as claims, _database() as outcomes, sending.open_session(connections_count) as self.session:
            writer = asyncio.create_task(self._write(outcomes))
            lanes = [asyncio.create_task(self._lane()) for _lane in range(connections_count)]
            try:
                await self._feed(claims)
            finally:
                self.fed = True
                self.wake.set()
                await asyncio.gather(*lanes)
                await self.finished.put(None)
                await writer
                await self.throttle.close()
        return self.more

    # --- feed: claim, judge, mark, hand out ---

    async def _feed(self, connection: Any) -> None:
        while not self._over():
            claim = await dispatch.claim(connection, self.provider.id, urgent_only=self.urgent_only)
            if claim is None:
                return
            if not await self._start(connection, claim):
                self.more = True
                return
        self.more = True

    def _over(self) -> bool:
        return self.stop or time.monotonic() >= self.ends

    async def _start(self, connection: Any, claim: Claim) -> bool:
        """Start a chunk's texts stride by stride; False when the rest had to be given back."""
        texts = await dispatch.texts_of(connection, claim)
        size = stride_size(self.provider.rate)
        claim.open_strides = 1  # our own hold, so that the chunk is not done while it is being started
        for start in range(0, len(texts), size):
            part = texts[start : start + size]
            await self.slots.acquire()
            if not (await self._may_go(claim, part) and await dispatch.move_mark(connection, claim, part[-1].position + 1)):
                self.slots.release()
                await connection.execute(dispatch.RELEASE, claim.keys)
                return False
            self._hand_out(claim, part)
        claim.complete = True
        await self.slots.acquire()
        self._finish_text(Stride(claim, []))
        return True

    async def _may_go(self, claim: Claim, part: list[Text]) -> bool:
        """Wait for the provider's rate; False when the slice ends first."""
        wanted = sum(text.segments for text in part if not text.why_not)
        while not self.stop:
            wait = await self.throttle.take(self.provider.id, self.provider.rate, wanted, urgent=claim.urgent)
            if not wait:
                return True
            if time.monotonic() + wait > self.ends + 1:
                return False
            await asyncio.sleep(wait)
        return False

    def _hand_out(self, claim: Claim, part: list[Text]) -> None:
        stride = Stride(claim, part)
        claim.open_strides += 1
        for text in part:
            if text.why_not:
                stride.results.append(Result(text, Verdict.SKIPPED, reason=text.why_not))
            else:
                self.todo.append((stride, text))
        self.wake.set()
        self._finish_text(stride)

    # --- lanes: one call at a time each ---

    async def _lane(self) -> None:
        todo = self.todo
        while True:
            while todo:
                stride, text = todo.popleft()
                stride.results.append(await self._send(stride.claim, text))
                self._finish_text(stride)
            if self.fed:
                return
            self.wake.clear()
            await self.wake.wait()

    def _finish_text(self, stride: Stride) -> None:
        if len(stride.results) == len(stride.texts):
            self.finished.put_nowait(stride)

    async def _send(self, claim: Claim, text: Text) -> Result:
        if self.stop or time.monotonic() + settings.CALL_DEADLINE_SECONDS + LEASE_MARGIN > claim.lease_end:
            return Result(text, Verdict.NOT_STARTED)
        reference = sign_reference(text.id)
        sms = OutboundSms(text.number, text.text, text.sender, reference, providers.callback_url(self.provider, reference))
        try:
            accepted = await sending.send(self.session, self.provider, sms)
        except ProviderError as error:
            return await self._refused(text, error)
        except Exception as error:
            log.exception("call broke", extra={"message": text.id})
            return Result(text, Verdict.UNKNOWN, reason="internal_error", detail=type(error).__name__)
        return Result(text, Verdict.SENT, gateway_id=accepted.gateway_id)

    async def _refused(self, text: Text, error: ProviderError) -> Result:
        if isinstance(error, Misconfigured):
            await self._pause(str(error))
            return Result(text, Verdict.NOT_STARTED)
        if isinstance(error, NotSent):
            if error.throttled:
                await self._slow_down(error.retry_after or 1.0)
            return Result(text, Verdict.RETRY, after=_backoff(text.attempts, error), free=error.throttled, reason=error.reason, detail=error.detail)
        return Result(text, Verdict.REFUSED if isinstance(error, Refused) else Verdict.UNKNOWN, reason=error.reason, detail=error.detail)

    async def _pause(self, why: str) -> None:
        if not self.stop:
            self.stop = True
            await _in_django(providers.pause_lane, self.provider.id, why)

    async def _slow_down(self, seconds: float) -> None:
        """Slow the whole lane for all workers; said once per spell."""
        await self.throttle.slow_down(self.provider.id, seconds)
        if time.monotonic() >= self.slowed_until:
            self.slowed_until = time.monotonic() + seconds
            await _in_django(providers.slow_lane, self.provider.id, seconds)

    # --- write: outcomes of finished strides, in bulk ---

    async def _write(self, connection: Any) -> None:
        while (stride := await self.finished.get()) is not None:
            strides = [stride]
            last = False
            while not self.finished.empty():
                following = self.finished.get_nowait()
                if following is None:
                    last = True
                else:
                    strides.append(following)
            await self._store(connection, strides)
            if last:
                return

    async def _store(self, connection: Any, strides: list[Stride]) -> None:
        results = [result for stride in strides for result in stride.results]
        if results:
            await write_results(connection, self.provider, [(s.claim, s.results) for s in strides if s.results])
        for stride in strides:
            self.slots.release()
            stride.claim.open_strides -= 1
            if stride.claim.complete and not stride.claim.open_strides:
                await connection.execute(dispatch.DONE, stride.claim.keys)


def _backoff(attempts: int, error: NotSent) -> float:
    """Seconds until the next try: what the gateway asked for, else exponential with jitter, at most ten minutes."""
    if error.retry_after:
        return float(min(error.retry_after, 3600.0)) + random.uniform(0, 1)
    return float(min(600.0, 2.0**attempts * 2)) * random.uniform(0.7, 1.3)
