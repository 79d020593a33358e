"""The one wrapper around the HTTP client: a call ends by its deadline, in an answer or in an error that says what we know.

No error text holds an address, a header or a body: they may carry secrets.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import NamedTuple

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import BuilderError, PoolTimeoutError, RequestError, RequestTimeoutError
from pyreqwest.request import RequestBuilder

from providers.backends import guard
from providers.errors import Misconfigured, NotSent, ProviderError, Unknown

MOST_BYTES = 64 * 1024  # of an answer; a gateway's is about 1 KB
_NO_CONNECTION = "client error (Connect)"
_THIS_MACHINE = ("http://127.", "http://localhost:", "http://[::1]", "https://127.")
_IDLE = timedelta(seconds=10)  # dropped before gateways and balancers drop theirs (15 s and more)


class Reply(NamedTuple):
    """A whole answer. `retry_after` in seconds when the gateway asked for it."""

    status: int
    body: bytes
    retry_after: float | None = None


class Session:
    """Pools of connections, used by one event loop: straight to this machine, by the environment's proxy into the world. Each is made for its
    first call: reading the certificates of the world takes longer than many a slice."""

    def __init__(self, *, connections: int, deadline: float) -> None:
        self._connections, self._deadline = connections, deadline
        self._pinned: dict[tuple[str, int], asyncio.Task[Client]] = {}

    async def post_form(self, url: str, headers: Mapping[str, str], fields: Sequence[tuple[str, str]]) -> Reply:
        """POST form fields. Raises NotSent, Unknown or Misconfigured."""
        client = self._client_of(url)
        return await _answer(client.post(url).headers(headers).form(fields))

    async def get(self, url: str, headers: Mapping[str, str]) -> Reply:
        """GET. Raises NotSent, Unknown or Misconfigured."""
        client = self._client_of(url)
        return await _answer(client.get(url).headers(headers))

    async def call_guarded(self, method: str, url: str, headers: Mapping[str, str], body: bytes, named: Collection[str] = ()) -> Reply:
        """Call an address that an administrator typed: never a machine inside nor without TLS, unless its host is `named`; never by a proxy,
        which would look the name up for itself. Raises NotSent, Unknown or Misconfigured."""
        place = guard.place_of(url)
        if place is None:
            raise Misconfigured("The gateway's address cannot be understood.", reason="address")
        if not place.secure and not guard.is_named(place, named):
            raise Misconfigured("The gateway's address is not encrypted.", reason="address")
        client = await self._client_for(place, named)
        request = client.request(method, url).headers(headers)
        return await _answer(request.body_bytes(body) if body else request)

    def _client_of(self, url: str) -> Client:
        return self._near if url.startswith(_THIS_MACHINE) else self._far

    @cached_property
    def _near(self) -> Client:
        return _builder(self._connections, self._deadline).no_proxy().build()

    @cached_property
    def _far(self) -> Client:
        return _builder(self._connections, self._deadline).build()

    async def _client_for(self, place: guard.Place, named: Collection[str]) -> Client:
        """A client that reaches this host at the address that was checked; a look-up that failed is not remembered."""
        key = (place.host, place.port)
        if key not in self._pinned:
            self._pinned[key] = asyncio.create_task(self._pin(place, named))
        try:
            return await asyncio.shield(self._pinned[key])
        except ProviderError:
            self._pinned.pop(key, None)
            raise

    async def _pin(self, place: guard.Place, named: Collection[str]) -> Client:
        address = await guard.checked(place, named, self._deadline / 2)
        return _builder(self._connections, self._deadline).no_proxy().resolve(place.host, address, place.port).build()

    async def close(self) -> None:
        """Let go of all connections."""
        for name in ("_near", "_far"):
            if client := vars(self).get(name):
                await client.close()
        for task in self._pinned.values():
            if task.done() and not task.cancelled() and task.exception() is None:
                await task.result().close()
            task.cancel()


@asynccontextmanager
async def open_session(*, connections: int, deadline: float) -> AsyncIterator[Session]:
    """A session of at most `connections` calls at once, each over after `deadline` seconds in all."""
    session = Session(connections=connections, deadline=deadline)
    try:
        yield session
    finally:
        await session.close()


def _builder(connections: int, deadline: float) -> ClientBuilder:
    total = timedelta(seconds=deadline)
    return (
        ClientBuilder().timeout(total).connect_timeout(total / 2).pool_timeout(total / 2).max_connections(connections)
        .pool_idle_timeout(_IDLE).pool_max_idle_per_host(connections)
        .follow_redirects(False).gzip(False).brotli(False).zstd(False).deflate(False).user_agent("sms-console")
    )  # fmt: skip


async def _answer(request: RequestBuilder) -> Reply:
    try:
        async with request.build_streamed() as response:
            body = await response.body_reader.read(MOST_BYTES + 1)
            status = response.status
            wait = response.get_header("retry-after") if status >= 400 else None
    except BuilderError:
        raise Misconfigured("The gateway's address or credentials cannot be written into a request.", reason="credentials") from None
    except RequestError as error:
        raise _no_answer(error) from None
    if body is not None and len(body) > MOST_BYTES:
        raise Unknown("The answer is longer than any gateway's.", reason="odd_answer", detail=f"HTTP {status}, over {MOST_BYTES} bytes")
    return Reply(status, bytes(body) if body is not None else b"", _seconds(wait))


def _no_answer(error: RequestError) -> ProviderError:
    """What a call without an answer tells us.

    The library also says "connect" of requests that were on their way (seen: a reset after the request, the total
    deadline), so only its inner cause proves that no connection came about; whatever else happened, the text may be out.
    """
    causes = error.details.get("causes") or []
    if isinstance(error, PoolTimeoutError) or any(cause["message"] == _NO_CONNECTION for cause in causes):
        return NotSent("No connection to the gateway.", reason="not_reached", detail=str(causes[-1]["message"])[:100] if causes else "")
    if isinstance(error, RequestTimeoutError):
        return Unknown("No answer in time.", reason="no_answer", detail="no whole answer in time")
    return Unknown("The connection broke before the answer was whole.", reason="no_answer", detail="connection lost after the request")


def _seconds(value: str | None) -> float | None:
    """Retry-After as seconds from now, at most an hour: it is a number or a date."""
    if not value or not value.isascii() or len(value) > 40:
        return None
    if value.isdigit():
        return float(min(int(value), 3600)) if len(value) < 10 else None
    try:
        until = parsedate_to_datetime(value).timestamp()
    except ValueError:
        return None
    return min(until - time.time(), 3600.0) if until > time.time() else None
