"""Send claimed chunks: many calls at once, each only under a live lease; outcomes are written while the next calls run.

A provider whose texts travel over sessions has slices in the process that holds these (services/sender.py), all others in any worker.

Three coroutines share a slice of a few seconds: `_feed` claims chunks and starts strides, `_lane` (one per connection)
makes the calls, the writer (storing.py) stores the outcomes of finished strides. Strides in flight are bounded: together they are the
window, the most that a crash can leave unknown. Whatever breaks, calls in flight end and their outcomes are written; a
chunk that could not be closed is left to its lease and the sweep.
"""

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from datetime import timedelta
from functools import partial
from typing import Any

import psycopg
import uvloop
from django.conf import settings
from django.db import connections

from campaigns.pipeline import day_limit, dispatch, pace
from campaigns.pipeline.database import Database
from campaigns.pipeline.dispatch import Claim, Text
from campaigns.pipeline.outcomes import OLDEST, OLDEST_OF_HOURS, Result, Verdict
from campaigns.pipeline.storing import Stride, Writer
from campaigns.services import quiet_hours
from providers.backends.sessions import Line
from providers.errors import Misconfigured, NotSent, ProviderError, Refused, Unknown
from providers.services import providers, sending
from providers.throttle import Throttle
from providers.types import OutboundSms, ProviderSnapshot
from smsapp.common import leaving
from smsapp.common.secrets import sign_reference

log = logging.getLogger(__name__)

STRIDES_IN_FLIGHT = 4
JUDGED_FOR = 4.0  # seconds for which "may be texted" holds: a STOP is obeyed within 5
LONG_WAIT = 2.0  # seconds; a slice that would have to wait longer leaves it to the tick


def window(rate: int) -> int:
    """The most texts that one crashed worker can leave unknown."""
    return STRIDES_IN_FLIGHT * pace.longest(rate)


def run_slice(provider_id: int, *, urgent_only: bool) -> bool:
    """Send for a few seconds; True when there may be more to do at once. What travels over sessions is left to their sender."""
    provider = providers.snapshot(provider_id)
    return not sending.is_session_bound(provider) and uvloop.run(Slice(provider, urgent_only=urgent_only).run())


async def _in_django(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a small service answers, in a thread that gives its database connection back; None when it failed, which ends nothing."""

    def call() -> Any:
        try:
            return function(*arguments)
        except Exception:
            log.exception("a service failed", extra={"service": getattr(function, "__name__", str(function))})
            return None
        finally:
            connections.close_all()

    return await asyncio.to_thread(call)


class Slice:
    """A few seconds of sending for one provider in one process.

    `line` are sessions that outlive it, good as long as `may_go_on`; without them connections of its own are made.
    """

    def __init__(self, provider: ProviderSnapshot, *, urgent_only: bool, line: Line | None = None, may_go_on: Callable[[], bool] = lambda: True) -> None:
        self.urgent_only = urgent_only
        self.provider, self.line, self._may_go_on = provider, line, may_go_on
        self.connections = line.width if line else settings.SEND_CONNECTIONS
        self.throttle = Throttle(settings.REDIS_URL)
        self.pace = pace.Pace(self.provider.pace, self.connections)
        self.ends = time.monotonic() + settings.SEND_SLICE_SECONDS
        self.call_takes = settings.CALL_DEADLINE_SECONDS + settings.LEASE_MARGIN_SECONDS  # at most; looked up once, for it is asked for each text
        self.todo: deque[tuple[Stride, Text]] = deque()
        self.wake = asyncio.Event()
        self.slots = asyncio.Semaphore(STRIDES_IN_FLIGHT)
        self.writer = Writer(provider, self.slots.release)
        self.fed = False
        self.stop = False  # the lane was paused or slowed by one of our own calls
        self.troubled = False  # one of our own calls met trouble that is the gateway's
        self.full = False  # the provider takes no more today; what was started ends
        self.more = False
        self.resting: dict[int, float] = {}  # mailing → when its sender may go on; monotonic

    async def run(self) -> bool:
        """Feed, send and write until the slice is over and everything in flight has ended."""
        session = nullcontext(self.line) if self.line else sending.open_session(self.connections)
        async with Database() as claims, Database() as outcomes, session as self.session:
            writing = asyncio.create_task(self.writer.run(outcomes))
            lanes = [asyncio.create_task(self._lane()) for _lane in range(self.connections)]
            try:
                await self._feed(claims.connection)
            except Exception:  # the chunk is left to its lease; what is in flight still ends and is written
                log.exception("feed broke", extra={"provider": self.provider.id})
                self.more = False
            finally:
                self.fed = True
                self.wake.set()
                await asyncio.gather(*lanes, return_exceptions=True)
                self.writer.end()
                await writing
                await self.throttle.close()
        return self.more

    # --- feed: claim, mark, judge, hand out ---

    async def _feed(self, connection: Any) -> None:
        while not self._over():
            self.resting = {mailing: until for mailing, until in self.resting.items() if until > time.monotonic()}
            claim = await dispatch.claim(connection, self.provider.id, urgent_only=self.urgent_only, resting=self.resting)
            if claim is None:
                if not self.resting:
                    return
                await self._end_a_rest()
                continue
            try:
                self.more = await self._start(connection, claim)
            except psycopg.OperationalError:  # the database was lost, perhaps for a moment: the writer, who finds it again, gives the rest back
                claim.give_back = True
                self.writer.put(Stride(claim, [], has_slot=False))
                raise
            self.writer.put(Stride(claim, [], has_slot=False))
            if claim.give_back and claim.mailing not in self.resting:
                return

    async def _end_a_rest(self) -> None:
        """All that is left waits for a sender: wait for the first one, or for the end of the slice."""
        await asyncio.sleep(max(0.0, min(*self.resting.values(), self.ends) - time.monotonic()))

    def _over(self) -> bool:
        return self.stop or self.full or time.monotonic() >= self.ends or leaving.asked() or not self._may_go_on()

    async def _start(self, connection: Any, claim: Claim) -> bool:
        """Start a chunk's texts stride by stride; False when it is better to wait for the tick than to look again at once."""
        while claim.mark < claim.size:
            await self.slots.acquire()
            upto = min(claim.mark + self.pace.size, claim.size)
            wait = await self._wait_for_turn(claim, upto - claim.mark)
            texts = None if wait else await self._begin(connection, claim, upto)
            if texts is None:
                self.slots.release()
                claim.give_back = True
                return not (self.stop or self.full) and wait < LONG_WAIT
            judged_at = time.monotonic()
            if more_segments := sum(text.segments - 1 for text in texts if not text.why_not):
                await self._owe(claim, more_segments)
            self._hand_out(Stride(claim, texts, judged_at), await self._kept_hours(texts) if claim.unsorted else {})
        return True

    async def _begin(self, connection: Any, claim: Claim, upto: int) -> list[Text] | None:
        """Start them durably; None when nothing more may be. Where the day's limit is reached the slice starts no more, and the lane rests."""
        try:
            return await dispatch.start(connection, claim, upto, self.provider)
        except day_limit.Reached as reached:
            self.full = True
            if reached.until:
                await _in_django(providers.rest_lane, self.provider.id, reached.until)
            return None

    def _limits(self, claim: Claim) -> list[tuple[int, str]]:
        """(segments per second, whose) of a chunk: its sender's where senders have a limit, and the provider's."""
        of_sender = [(self.provider.sender_rate, claim.sender)] if self.provider.sender_rate and claim.sender else []
        return [*of_sender, (self.provider.rate, "")]

    async def _wait_for_turn(self, claim: Claim, segments: int) -> float:
        """Wait for the rates; 0 when the segments are ours, else the seconds that the slice cannot wait for.

        A mailing whose sender must wait rests meanwhile, and others go on.
        """
        for rate, sender in self._limits(claim):
            wait = await self._wait_for_rate(claim, segments, rate, sender, patient=not sender or claim.mailing is None)
            if wait and sender and claim.mailing is not None:
                self.resting[claim.mailing] = time.monotonic() + wait
            if wait:
                return wait
        return 0.0

    async def _wait_for_rate(self, claim: Claim, segments: int, rate: int, sender: str, *, patient: bool) -> float:
        while not self._over():
            wait = await self.throttle.take(self.provider.id, rate, segments, urgent=claim.urgent, sender=sender)
            if not wait or not patient or time.monotonic() + wait > self.ends:
                return wait
            await asyncio.sleep(wait)
        return 0.1

    async def _owe(self, claim: Claim, segments: int) -> None:
        """What texts turn out to need besides their first segments is paid by those that come after them."""
        for rate, sender in self._limits(claim):
            await self.throttle.owe(self.provider.id, rate, segments, sender=sender)

    @staticmethod
    async def _kept_hours(texts: Sequence[Text]) -> Mapping[int, int | None]:
        """The hours that texts keep whose chunk was made before there were rules about them, by their ids; None: to be looked at once more."""
        asked = [(text.id, text.number) for text in texts if text.why_not == dispatch.UNSORTED]
        found: Mapping[int, int] | None = await _in_django(quiet_hours.sort, asked) if asked else {}
        return dict.fromkeys([pk for pk, _number in asked]) if found is None else found

    def _hand_out(self, stride: Stride, hours: Mapping[int, int | None]) -> None:
        stride.claim.open_strides += 1
        for text in stride.texts:
            if text.id in hours:
                stride.results.append(Result(text, Verdict.NOT_STARTED, hours=hours[text.id]))
            elif text.why_not and text.why_not != dispatch.UNSORTED:
                stride.results.append(Result(text, Verdict.SKIPPED, reason=text.why_not))
            else:
                self.todo.append((stride, text))
        self.wake.set()
        self._look_whether_finished(stride)

    # --- lanes: one call at a time each ---

    async def _lane(self) -> None:
        todo = self.todo
        while True:
            while todo:
                stride, text = todo.popleft()
                stride.results.append(await self._send(stride, text))
                self._look_whether_finished(stride)
            if self.fed:
                return
            self.wake.clear()
            await self.wake.wait()

    def _look_whether_finished(self, stride: Stride) -> None:
        if len(stride.results) == len(stride.texts):
            self.pace.note(len(stride.texts), time.monotonic() - stride.judged_at)
            self.writer.put(stride)

    def _may_call(self, stride: Stride) -> bool:
        now = time.monotonic()
        claim = stride.claim
        in_time = now + self.call_takes <= claim.lease_end and now <= stride.judged_at + JUDGED_FOR and now < claim.closes
        return in_time and not self.stop and self._may_go_on()

    async def _send(self, stride: Stride, text: Text) -> Result:
        if not self._may_call(stride):
            return Result(text, Verdict.NOT_STARTED)
        reference = sign_reference(text.id)
        sms = OutboundSms(text.number, text.text, text.sender, reference, providers.callback_url(self.provider, reference))
        try:
            accepted = await sending.send(self.session, self.provider, sms)
        except ProviderError as error:
            return await self._not_accepted(text, error, patience=OLDEST if stride.claim.hours is None else OLDEST_OF_HOURS)
        except Exception as error:  # a defect of ours during the call: nobody knows whether it left
            log.exception("call broke", extra={"message": text.id})
            return Result(text, Verdict.UNKNOWN, reason="internal_error", detail=type(error).__name__)
        return Result(text, Verdict.SENT, gateway_id=accepted.gateway_id, known_as=accepted.known_as)

    async def _not_accepted(self, text: Text, error: ProviderError, patience: timedelta) -> Result:
        if isinstance(error, Unknown) or (isinstance(error, NotSent) and not error.throttled):
            await self._note_trouble(error)
        if isinstance(error, Misconfigured):
            await self._stop(partial(providers.pause_lane, cause=error.reason), sending.in_words(error))
            return Result(text, Verdict.NOT_STARTED, reason=error.reason)
        if isinstance(error, NotSent):
            if error.throttled:
                await self._slow_down(error.retry_after or 1.0)
            facts: dict[str, Any] = {"reason": error.reason, "detail": error.detail, "patience": patience}
            return Result(text, Verdict.RETRY, after=_backoff(text.attempts, error), free=error.throttled, **facts)
        return Result(text, Verdict.REFUSED if isinstance(error, Refused) else Verdict.UNKNOWN, reason=error.reason, detail=error.detail)

    async def _note_trouble(self, error: ProviderError) -> None:
        """For those who look after the provider; once in a slice, for where one call fails the others often do."""
        if not self.troubled:
            self.troubled = True
            await _in_django(providers.note_error, self.provider.id, sending.in_words(error))

    async def _slow_down(self, seconds: float) -> None:
        """Slow the whole lane for all workers; texts that wait in this slice go back to the queue."""
        await self.throttle.slow_down(self.provider.id, seconds)
        await self._stop(providers.slow_lane, seconds)

    async def _stop(self, tell: Callable[..., Any], fact: Any) -> None:
        if not self.stop:
            self.stop = True
            await _in_django(tell, self.provider.id, fact)


def _backoff(attempts: int, error: NotSent) -> float:
    """Seconds until the next try: what the gateway asked for, else exponential with jitter, at most ten minutes."""
    if error.retry_after:
        return float(min(error.retry_after, 3600.0)) + random.uniform(0, 1)
    return float(min(600.0, 2.0**attempts * 2)) * random.uniform(0.7, 1.3)
