"""Lines for tests: sessions with a peer for the length of a block, and what they heard."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from providers import registry
from providers.errors import ProviderError
from providers.failures import FAILURES
from providers.tests.factories import make_sms
from providers.types import ProviderSnapshot

KIND = "smpp"
PASSWORD = "hush-4711"
DEADLINE = 1.0


def make_access(port, **options) -> ProviderSnapshot:
    """A provider whose SMSC is on that port of this machine."""
    values = {"host": "127.0.0.1", "port": str(port), "system_id": "demo", "window": "10"} | options
    plain = ProviderSnapshot(id=7, kind=KIND, options=values, secrets={"password": PASSWORD})
    return replace(plain, wire=registry.get(KIND).wire(plain))


class Ears:
    """Hears what comes in; `stores` says whether it is kept."""

    def __init__(self):
        self.heard, self.stores = [], True

    async def store(self, told):
        if isinstance(self.stores, Exception):
            raise self.stores
        self.heard += told
        return [self.stores] * len(told)


@asynccontextmanager
async def lined(provider, *, binds=(1,), deadline=DEADLINE, ears=None, wait=True):
    """A line that is open, unless nobody should wait for that."""
    line = registry.get(KIND).open_line(provider, (ears or Ears()).store, deadline)
    line.keep(binds)
    try:
        if wait:
            await until(lambda: line.is_open and len([1 for since, _problem in line.standing().values() if since]) == len(binds))
        yield line
    finally:
        await line.close()


def over(provider, act, **options):
    """Run `act(line)` over a line."""

    async def call():
        async with lined(provider, **options) as line:
            return await act(line)

    return asyncio.run(call())


async def until(true, seconds=5.0):
    """Look until it is so."""
    end = asyncio.get_running_loop().time() + seconds
    while not true():
        assert asyncio.get_running_loop().time() < end, "it did not happen"
        await asyncio.sleep(0.005)


def send(port, sms=None, *, deadline=DEADLINE, wait=True, **options):
    """One text over a line of its own."""
    provider = make_access(port, **options)

    async def call():
        async with lined(provider, deadline=deadline, wait=wait) as line:
            return await registry.get(KIND).send(line, provider, sms or make_sms())

    return asyncio.run(call())


def check(port, **options):
    """The connection test."""
    provider = make_access(port, **options)
    return asyncio.run(registry.get(KIND).check(None, provider))


def fails(call, expected):
    """The error of that kind in which the call ends; it holds no password."""
    with pytest.raises(ProviderError) as caught:
        call()
    assert type(caught.value) is expected, (caught.value, caught.value.detail)
    assert caught.value.reason in FAILURES
    told = repr(caught.value) + str(caught.value) + repr(vars(caught.value)) + repr(caught.value.__cause__)
    assert PASSWORD not in told
    return caught.value
