"""Holds the sessions of providers that travel over such, and sends over them: what a sender process does from its start to its end.

Each session is leased in the database (providers/services/binds.py) by one sender at a time. Whoever holds one of a provider claims its chunks
like any worker, in slices of the same pipeline: urgent texts in slices of their own beside those of mailings, so that they wait for nothing
but a place in the window. A lease that could not be renewed ends our sessions before anybody else may take them.
"""

import asyncio
import os
import socket
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connections
from django.db.models import Q
from django.db.models.functions import Now

from campaigns.models import Chunk
from campaigns.pipeline import finish
from campaigns.pipeline.deliver import Slice
from campaigns.services.outage import AWAY, Outage
from campaigns.statuses import ChunkState, MailingStatus
from providers import registry
from providers.backends.base import Webhook
from providers.backends.sessions import Line
from providers.models import Provider
from providers.services import binds, heard, providers, sending
from providers.services.binds import Tenant
from providers.types import ProviderSnapshot
from smsapp.common.meter import meter

LOOK = 1.0  # seconds between two looks at providers and leases
IDLE = 0.25  # seconds between two looks for texts
LATE_PARTS = 60.0  # seconds between two looks for parts whose others never came
SHARE_OF_LEASE = 0.25  # of a lease, before its end, in which nothing is started any more


class Desk:
    """Django's ORM for coroutines: one thread with a connection of its own, which it keeps."""

    def __init__(self, outage: Outage) -> None:
        self._outage = outage
        self._thread = ThreadPoolExecutor(1, "database")

    async def ask(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What a service answers."""
        answer = await asyncio.get_running_loop().run_in_executor(self._thread, self._call, function, arguments)
        self._outage.over()
        return answer

    def _call(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        close_old_connections()
        try:
            return function(*arguments)
        except Exception:
            connections.close_all()  # if it was the connection, the next one gets another
            raise

    def close(self) -> None:
        """Give the connection back."""
        self._thread.submit(connections.close_all).result(5)
        self._thread.shutdown()


class Sender:
    """All providers whose kind is bound to sessions, until somebody asks it to stop."""

    def __init__(self) -> None:
        self.tenant = Tenant(uuid.uuid4(), f"{socket.gethostname()} {os.getpid()}")
        self.stopping = asyncio.Event()
        self.outage = Outage()
        self._desk = Desk(self.outage)
        self._keepers: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until `stopping` is set; then calls in flight end, sessions are closed and leases given back."""
        while not self.stopping.is_set():
            try:
                wanted = set(await self._desk.ask(_wanted))
            except Exception as problem:
                self.outage.tell("providers not read", problem)
            else:
                for provider_id in wanted - {key for key, task in self._keepers.items() if not task.done()}:
                    self._keepers[provider_id] = asyncio.create_task(Keeper(provider_id, self.tenant, self.stopping, self.outage).run())
            await _pause(self.stopping, LOOK)
        await asyncio.gather(*self._keepers.values(), return_exceptions=True)
        self._desk.close()


def _wanted() -> list[int]:
    return list(Provider.objects.filter(active=True, kind__in=registry.session_bound()).values_list("id", flat=True))


class Keeper:
    """One provider's sessions as far as this process holds them."""

    def __init__(self, provider_id: int, tenant: Tenant, stopping: asyncio.Event, outage: Outage) -> None:
        self.provider_id, self.tenant, self.stopping, self.outage = provider_id, tenant, stopping, outage
        self.provider: ProviderSnapshot | None = None
        self.line: Line | None = None
        self.ended = False
        self._desk, self._ears = Desk(outage), Desk(outage)  # reports must not wait for leases, nor leases for reports
        self._lease_end = 0.0  # monotonic
        self._told: Any = None
        self._late_parts_at = 0.0

    async def run(self) -> None:
        """Until the provider is switched off, or the sender is asked to stop."""
        slices = [asyncio.create_task(self._send(urgent_only=urgent)) for urgent in (True, False)]
        try:
            while not self.stopping.is_set() and await self._look():
                await _pause(self.stopping, LOOK)
        except Exception as problem:
            self._tell("sender broke", problem)
        finally:
            self.ended = True
            await asyncio.gather(*slices, return_exceptions=True)
            await self._leave()
            self._desk.close()
            self._ears.close()

    # --- leases and sessions ---

    async def _look(self) -> bool:
        """Renew leases and follow the settings; False when the provider is no longer ours to send for."""
        try:
            provider = await self._desk.ask(providers.snapshot, self.provider_id)
        except Provider.DoesNotExist:
            return False
        except Exception as problem:
            self._tell("settings not read", problem)
            await self._heed_the_lease()
            return True
        if not provider.active or not sending.is_session_bound(provider):
            return False
        if self.provider is None or _login(provider) != _login(self.provider):
            await self._close_line()
        self.provider = provider
        await self._hold(provider)
        return True

    async def _hold(self, provider: ProviderSnapshot) -> None:
        asked = time.monotonic()
        wanted = sending.sessions_wanted(provider)
        try:
            numbers = await self._desk.ask(binds.take, self.provider_id, wanted, self.tenant, settings.LEASE_SECONDS)
        except Exception as problem:
            self._tell("leases not renewed", problem)
            await self._heed_the_lease()
            return
        self._lease_end = asked + settings.LEASE_SECONDS
        if numbers and self.line is None:
            self.line = sending.open_line(provider, self._store)
        if self.line is not None:
            try:
                await self._follow(self.line, numbers, provider)
            except AWAY as problem:  # the sessions stand, and the next look tells of them
                self._tell("sessions not told", problem)

    async def _follow(self, line: Line, numbers: set[int], provider: ProviderSnapshot) -> None:
        """Hold what we lease; a login that is refused pauses the lane, and is tried again once a person resumes it."""
        if line.fault and self._told is not line.fault:
            self._told = line.fault
            await self._desk.ask(partial(providers.pause_lane, cause=line.fault.reason), self.provider_id, sending.in_words(line.fault))
        elif line.fault and provider.lane != Provider.Lane.PAUSED:
            await self._close_line()
            return
        line.keep(numbers)
        await self._desk.ask(binds.tell, self.provider_id, self.tenant, line.standing())
        if time.monotonic() - self._late_parts_at > LATE_PARTS:
            self._late_parts_at = time.monotonic()
            await self._ears.ask(heard.join_late_parts, self.provider_id)

    async def _heed_the_lease(self) -> None:
        """Nobody renewed it: end the sessions before somebody else begins theirs."""
        if time.monotonic() > self._lease_end - settings.LEASE_SECONDS * SHARE_OF_LEASE:
            await self._close_line()

    async def _close_line(self) -> None:
        line, self.line = self.line, None
        if line is not None:
            await line.close()

    async def _leave(self) -> None:
        await self._close_line()
        with suppress(Exception):  # the lease ends by itself
            await self._desk.ask(binds.give_back, self.provider_id, self.tenant)

    # --- texts out ---

    async def _send(self, *, urgent_only: bool) -> None:
        while not self.ended and not self.stopping.is_set():
            more = False
            try:
                if self._may_send() and await self._desk.ask(_is_due, self.provider_id, urgent_only):
                    more = await self._slice(urgent_only=urgent_only)
            except Exception as problem:
                self._tell("slice broke", problem)
            if not more:
                await _pause(self.stopping, IDLE)

    def _may_send(self) -> bool:
        in_lease = time.monotonic() < self._lease_end - settings.LEASE_SECONDS * SHARE_OF_LEASE
        return self.line is not None and self.line.is_open and in_lease and not self.ended and not self.stopping.is_set()

    async def _slice(self, *, urgent_only: bool) -> bool:
        assert self.provider is not None
        line = self.line
        if line is None:
            return False
        more = await Slice(self.provider, urgent_only=urgent_only, line=line, may_go_on=lambda: self.line is line and self._may_send()).run()
        await self._desk.ask(_after_a_slice)
        return more

    # --- what comes in ---

    async def _store(self, told: Sequence[Webhook]) -> Sequence[bool]:
        try:
            stored: Sequence[bool] = await self._ears.ask(heard.store, self.provider_id, told)
        except AWAY as problem:
            self._tell("what a session heard is not stored", problem)
            return [False] * len(told)  # the gateway repeats them
        return stored

    def _tell(self, what: str, problem: Exception) -> None:
        self.outage.tell(what, problem, provider=self.provider_id)


def _login(provider: ProviderSnapshot) -> tuple[Any, ...]:
    return provider.options, provider.secrets


def _is_due(provider_id: int, urgent_only: bool) -> bool:
    """Whether a slice would find anything; the claim decides."""
    going = Q(mailing__isnull=True) | Q(mailing__status__in=(MailingStatus.SENDING, MailingStatus.FINISHED))
    priorities = [Chunk.Priority.URGENT] if urgent_only else [Chunk.Priority.URGENT, Chunk.Priority.BULK]
    running = Provider.objects.filter(pk=provider_id, active=True).exclude(lane=Provider.Lane.PAUSED).exclude(slowed_until__gt=Now())
    due = Chunk.objects.filter(going, provider__in=running, state=ChunkState.READY, due_at__lte=Now(), priority__in=priorities)
    return due.exists()


def _after_a_slice() -> None:
    finish.close_mailings()
    meter.flush()


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
