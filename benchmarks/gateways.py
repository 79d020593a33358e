"""Gateways: what each backend takes of a text, beside its bare client: texts per second and processor time, against gateways on this machine.

Another backend is a row of `ROWS`: how to make its provider, and its bare client, which posts the same requests with the same library and
nothing else.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import smpp34
import uvloop
from django.test import override_settings
from pyreqwest.client import ClientBuilder

from benchmarks import dispatch, stage
from benchmarks.answering import answering
from benchmarks.result import Result
from providers import registry
from providers.backends.elks import ElksBackend
from providers.backends.generic_http import GenericHttpBackend
from providers.backends.http import open_session
from providers.backends.sessions import SessionBackend
from providers.backends.simulator import SimulatorBackend
from providers.backends.smpp import SmppBackend
from providers.backends.twilio import TwilioBackend
from providers.backends.vonage import VonageBackend
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
Settings = tuple[dict[str, str], dict[str, str]]  # options and secrets of a provider


@dataclass(frozen=True, slots=True)
class Place:
    """Where a gateway listens."""

    url: str
    smpp_port: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A backend by its kind: settings of a provider there, and the bare client with the same payload.

    With an `answer`, a gateway that says it to every request; else the simulated one.
    """

    name: str
    kind: str
    settings: Callable[[Place], Settings]
    bare: Callable[[Place], Opened]
    answer: str = ""


def run(size: int = SIZE) -> Result:
    """Each backend and its bare client, the better of two tries of each, alternating."""
    result = Result(NAME, notes=[f"{size:,} texts of one part, {AT_ONCE} at once; gateways in processes of their own on this machine"])
    smpp_port = processes.free_port()
    with stage.simulator("--smpp-port", str(smpp_port)) as url, override_settings(SIMULATOR_URL=url, PRIVATE_GATEWAY_HOSTS=["127.0.0.1"]):
        simulated = Place(url, smpp_port)
        for row in ROWS:
            with _place_of(row, simulated) as place:
                tries = [(uvloop.run(_measured(_ours(row, place), size)), uvloop.run(_measured(row.bare(place), size))) for _try in range(2)]
            (rate, cost), (bare_rate, bare_cost) = (max(found, key=lambda one: one[0]) for found in zip(*tries, strict=True))
            result.figures |= {
                f"{row.name}_texts_per_s": rate, f"{row.name}_us_of_cpu_per_text": cost,
                f"{row.name}_bare_texts_per_s": bare_rate, f"{row.name}_bare_us_of_cpu_per_text": bare_cost,
            }  # fmt: skip
            result.ratios |= {f"{row.name}_vs_bare": rate / bare_rate, f"{row.name}_cpu_vs_bare": cost / bare_cost}
        result.figures["smpp_whole_pipeline_texts_per_s"] = whole = _whole_pipeline(simulated, size)
    result.ratios["smpp_whole_pipeline_vs_bare"] = whole / result.figures["smpp_window_100_bare_texts_per_s"]
    return result


@contextmanager
def _place_of(row: Row, simulated: Place) -> Iterator[Place]:
    if not row.answer:
        yield simulated
        return
    with answering(row.answer) as url:
        yield Place(url)


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
async def _post(url: str, login: str, fields: Callable[[int], Sequence[tuple[str, str]]]) -> AsyncIterator[Call]:
    """The library that our backends use, and nothing else."""
    headers = {"authorization": login} if login else {}
    async with ClientBuilder().no_proxy().max_connections(AT_ONCE).pool_max_idle_per_host(AT_ONCE).build() as client:

        async def call(number: int) -> bytes:
            response = await client.post(url).headers(headers).form(fields(number)).build().send()
            return bytes(await response.bytes())

        yield call


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


# --- each backend ---

BASIC = "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDpzZWNyZXQtc2VjcmV0"


def _number(number: int) -> str:
    return f"336{70000000 + number}"


def _smpp_settings(place: Place) -> Settings:
    return {"host": "127.0.0.1", "port": str(place.smpp_port), "system_id": "benchmark", "window": str(AT_ONCE)}, {"password": "pw"}


def _twilio_settings(place: Place) -> Settings:
    return {"account_sid": f"AC{1:032d}", "base_url": place.url}, {"auth_token": "secret-secret"}


def _bare_twilio(place: Place) -> Opened:
    """Of the simulated gateway too, which speaks like it."""
    url = f"{place.url}/2010-04-01/Accounts/AC{1:032d}/Messages.json"
    return _post(url, BASIC, lambda number: [("To", f"+{_number(number)}"), ("From", SENDER), ("Body", TEXT)])


def _vonage_settings(place: Place) -> Settings:
    return {"api_key": "abcd1234", "base_url": place.url}, {"api_secret": "secret-secret", "signature_secret": "hush"}


def _bare_vonage(place: Place) -> Opened:
    login = [("api_key", "abcd1234"), ("api_secret", "secret-secret")]
    return _post(f"{place.url}/sms/json", "", lambda number: [
        *login, ("from", SENDER), ("to", _number(number)), ("text", TEXT), ("type", "text"), ("client-ref", f"{number:x}-0123456789ab"),
    ])  # fmt: skip


def _elks_settings(place: Place) -> Settings:
    return {"username": "u2c11ef65b429a8e1", "base_url": place.url}, {"password": "secret-secret", "hook_password": "hush-hush-hush"}


def _bare_elks(place: Place) -> Opened:
    return _post(f"{place.url}/a1/sms", BASIC, lambda number: [("from", SENDER), ("to", f"+{_number(number)}"), ("message", TEXT)])


def _described_settings(place: Place) -> Settings:
    body = "to={to}\nfrom={from}\ntext={text}\nref={reference}"
    return {
        "url": f"{place.url}/send", "format": "form", "body": body, "auth": "bearer", "id_at": "$.id", "success_at": "$.status", "success_words": "ok",
        "proof": "address",
    }, {"api_key": "secret-secret"}  # fmt: skip


def _bare_described(place: Place) -> Opened:
    return _post(f"{place.url}/send", "Bearer secret-secret", lambda number: [
        ("to", f"+{_number(number)}"), ("from", SENDER), ("text", TEXT), ("ref", f"{number:x}-0123456789ab"),
    ])  # fmt: skip


_VONAGE_SAYS = {"message-count": "1", "messages": [{
    "to": "33670000000", "message-id": "0C000000217B7F02", "status": "0", "remaining-balance": "15.53590000", "message-price": "0.03330000",
    "network": "20801", "client-ref": "1-0123456789ab",
}]}  # fmt: skip
_ELKS_SAYS = {
    "status": "created", "direction": "outgoing", "from": SENDER, "to": "+33670000000", "created": "2026-11-30T12:00:00.000000", "parts": 1,
    "cost": 3500, "message": TEXT, "id": "s3633fa8e62f823e52fbc67ebf6925ab5",
}  # fmt: skip
ROWS = (
    Row("smpp_window_100", SmppBackend.kind, _smpp_settings, _bare_smpp),
    Row(TwilioBackend.kind, TwilioBackend.kind, _twilio_settings, _bare_twilio),
    Row(SimulatorBackend.kind, SimulatorBackend.kind, lambda place: ({}, {}), _bare_twilio),
    Row(VonageBackend.kind, VonageBackend.kind, _vonage_settings, _bare_vonage, json.dumps(_VONAGE_SAYS)),
    Row(ElksBackend.kind, ElksBackend.kind, _elks_settings, _bare_elks, json.dumps(_ELKS_SAYS)),
    Row(GenericHttpBackend.kind, GenericHttpBackend.kind, _described_settings, _bare_described, '{"status": "ok", "id": "m-17800421"}'),
)
