"""Gateways: what each backend takes of a text, beside its bare client: texts per second and processor time, against the simulated gateway.

Another backend is a row of `ROWS`: how to make its provider, and its bare client.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import smpp34
import uvloop
from django.test import override_settings

from benchmarks import dispatch, stage
from benchmarks.result import Result
from providers import registry
from providers.backends.http import open_session
from providers.backends.sessions import SessionBackend
from providers.backends.simulator import SimulatorBackend
from providers.backends.smpp import SmppBackend
from providers.models import Provider
from providers.types import OutboundSms, ProviderSnapshot
from smsapp.testing import processes

NAME = "gateways"
SIZE = 20_000
WARM = 500
AT_ONCE = 100  # the window of SMPP, the connections of HTTP
TEXT = "Dear Anna12345, the meeting in Paris is on Tuesday at 18:00 in the town hall. Reply STOP to end."
SENDER = "36111"

Call = Callable[[int], Awaitable[Any]]
Opened = AbstractAsyncContextManager[Call]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the simulated gateway listens."""

    url: str
    smpp_port: int


@dataclass(frozen=True, slots=True)
class Row:
    """A backend by its kind: options and secrets of a provider there, and the bare client with the same payload."""

    name: str
    kind: str
    settings: Callable[[Place], tuple[dict[str, str], dict[str, str]]]
    bare: Callable[[Place], Opened]


def run(size: int = SIZE) -> Result:
    """Each backend and its bare client, the better of two tries of each, alternating."""
    result = Result(NAME, notes=[f"{size:,} texts of one part, {AT_ONCE} at once; the simulated gateway in a process of its own on this machine"])
    smpp_port = processes.free_port()
    with stage.simulator("--smpp-port", str(smpp_port)) as url, override_settings(SIMULATOR_URL=url):
        place = Place(url, smpp_port)
        for row in ROWS:
            tries = [(uvloop.run(_measured(_ours(row, place), size)), uvloop.run(_measured(row.bare(place), size))) for _try in range(2)]
            (rate, cost), (bare_rate, bare_cost) = (max(found, key=lambda one: one[0]) for found in zip(*tries, strict=True))
            result.figures |= {
                f"{row.name}_texts_per_s": rate, f"{row.name}_us_of_cpu_per_text": cost,
                f"{row.name}_bare_texts_per_s": bare_rate, f"{row.name}_bare_us_of_cpu_per_text": bare_cost,
            }  # fmt: skip
            result.ratios |= {f"{row.name}_vs_bare": rate / bare_rate, f"{row.name}_cpu_vs_bare": cost / bare_cost}
        result.figures["smpp_whole_pipeline_texts_per_s"] = whole = _whole_pipeline(place, size)
    result.ratios["smpp_whole_pipeline_vs_bare"] = whole / result.figures["smpp_window_100_bare_texts_per_s"]
    return result


def _whole_pipeline(place: Place, size: int) -> float:
    """A mailing from its confirmation to the last outcome, by the sender process: texts per second."""
    options, secrets = _smpp_settings(place)
    with stage.scratch_database():
        provider = Provider.objects.create(name="SMPP", kind=SmppBackend.kind, senders=[SENDER], rate=100_000, options=options, secrets=secrets)  # type: ignore[misc]
        warm, mailing = (dispatch.mailing_to(dispatch.people(n, first), f"From {first}", provider=provider) for n, first in ((WARM, 0), (size, WARM)))
        stage.quiet_start()
        with stage.sender(PUBLIC_BASE_URL="http://127.0.0.1:9"):
            dispatch.launch(warm, 0)
            texts, seconds = dispatch.launch(mailing, 0)
    return texts / seconds


async def _measured(opened: Opened, size: int) -> tuple[float, float]:
    """(texts per second, microseconds of this process's processor time for each)."""
    async with opened as call:
        await _send(call, 0, WARM)
        began, worked = time.perf_counter(), time.process_time()
        await _send(call, WARM, size)
        return size / (time.perf_counter() - began), 1e6 * (time.process_time() - worked) / size


async def _send(call: Call, first: int, amount: int) -> None:
    numbers = iter(range(first, first + amount))

    async def lane() -> None:
        for number in numbers:
            await call(number)

    await asyncio.gather(*[lane() for _lane in range(AT_ONCE)])


@asynccontextmanager
async def _ours(row: Row, place: Place) -> AsyncIterator[Call]:
    """The backend's own `send`, as the pipeline calls it."""
    backend = registry.get(row.kind)
    options, secrets = row.settings(place)
    plain = ProviderSnapshot(id=1, kind=row.kind, options=options, secrets=secrets, webhook_token="benchmark")
    provider = replace(plain, wire=backend.wire(plain))

    def call_over(session: Any) -> Call:
        return lambda number: backend.send(session, provider, OutboundSms(f"+336{70000000 + number}", TEXT, SENDER, f"{number:x}-0123456789ab"))

    if isinstance(backend, SessionBackend):
        line = backend.open_line(provider, _nobody, 10.0)
        line.keep(range(1, backend.sessions_wanted(provider) + 1))
        while not line.is_open:
            await asyncio.sleep(0.01)
        yield call_over(line)
        await line.close()
        return
    async with open_session(connections=AT_ONCE, deadline=10) as session:
        yield call_over(session)


async def _nobody(heard: Any) -> list[bool]:
    return [True] * len(heard)


@asynccontextmanager
async def _bare_http(place: Place) -> AsyncIterator[Call]:
    address = f"{place.url}/2010-04-01/Accounts/AC{1:032d}/Messages.json"
    headers = {"authorization": "Basic QUMwOnNlY3JldA=="}
    async with open_session(connections=AT_ONCE, deadline=10) as session:
        yield lambda number: session.post_form(address, headers, [("To", f"+336{70000000 + number}"), ("From", SENDER), ("Body", TEXT)])


@asynccontextmanager
async def _bare_smpp(place: Place) -> AsyncIterator[Call]:
    """The library's own client, whose sessions run in threads of its own."""
    client = smpp34.Client("127.0.0.1", place.smpp_port, "benchmark", "pw", bind_type="TRX", window_size=AT_ONCE)
    smsc = await client.connect()
    words = TEXT.encode()

    async def call(number: int) -> Any:
        return await smsc.submit_sm(f"336{70000000 + number}", words, source_addr=SENDER, source_addr_ton=3, dest_addr_ton=1, dest_addr_npi=1,
                                    registered_delivery=1)  # fmt: skip

    yield call
    await smsc.unbind()


def _smpp_settings(place: Place) -> tuple[dict[str, str], dict[str, str]]:
    return {"host": "127.0.0.1", "port": str(place.smpp_port), "system_id": "benchmark", "window": str(AT_ONCE)}, {"password": "pw"}


ROWS = (
    Row("smpp_window_100", SmppBackend.kind, _smpp_settings, _bare_smpp),
    Row("simulator", SimulatorBackend.kind, lambda place: ({}, {}), _bare_http),
)
