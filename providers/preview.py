"""What a provider's backend would post for a text, and what it understands of a report: to look at, without a call and without a secret."""

import asyncio
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote, quote_plus, urlencode
from xml.sax.saxutils import escape

from providers import registry
from providers.backends.base import Webhook
from providers.backends.http import Session
from providers.errors import ProviderError
from providers.types import DeliveryReport, InboundSms, OutboundSms, ProviderSnapshot

MASK = "•••"
TEXT = "Bonjour “Anna” & Co <3 100 % 😀\nÀ demain"
REFERENCE = "1f-9ab3c0d2e4f5"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it would leave, secrets hidden."""

    method: str
    url: str
    headers: Sequence[tuple[str, str]]
    body: str


class _Recorded(Exception):
    """Ends a send before the wire, with what it would have posted."""

    def __init__(self, method: str, url: str, headers: Mapping[str, str], body: str) -> None:
        super().__init__("recorded")
        self.request = Request(method, url, list(headers.items()), body)


class _Recorder:
    """Stands in the place of the connections to gateways."""

    async def post_form(self, url: str, headers: Mapping[str, str], fields: Sequence[tuple[str, str]]) -> Any:
        raise _Recorded("POST", url, {**headers, "Content-Type": "application/x-www-form-urlencoded"}, urlencode(fields))

    async def get(self, url: str, headers: Mapping[str, str]) -> Any:
        raise _Recorded("GET", url, headers, "")

    async def call_guarded(self, method: str, url: str, headers: Mapping[str, str], body: bytes, named: Collection[str] = ()) -> Any:
        raise _Recorded(method, url, headers, body.decode("utf-8", "replace"))


def request_of(provider: ProviderSnapshot) -> Request | None:
    """The request for an example text; None where a kind makes none, or its settings are not whole."""
    sender = provider.senders[0] if provider.senders else "RIVERSIDE"
    callback = provider.callback_prefix + REFERENCE if provider.callback_prefix else ""
    sms = OutboundSms("+33639980101", TEXT, sender, REFERENCE, callback)
    try:
        asyncio.run(_send(provider, sms))
    except _Recorded as recorded:
        return _hidden(recorded.request, [secret for secret in provider.secrets.values() if secret])
    except (ProviderError, NotImplementedError, AttributeError):  # a kind that speaks another protocol asks for other things
        return None
    return None


async def _send(provider: ProviderSnapshot, sms: OutboundSms) -> None:
    await registry.get(provider.kind).send(cast(Session, _Recorder()), provider, sms)


def _hidden(request: Request, secrets: Collection[str]) -> Request:
    headers = [(name, _without(value, secrets)) for name, value in request.headers]
    shown = [(name, f"{value.partition(' ')[0]} {MASK}" if name.lower() == "authorization" else value) for name, value in headers]
    return Request(request.method, _without(request.url, secrets), shown, _without(request.body, secrets))


def _without(text: str, secrets: Collection[str]) -> str:
    for secret in secrets:
        for written in (secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], escape(secret, {'"': "&quot;", "'": "&#39;"})):
            text = text.replace(written, MASK)
    return text


def understood(provider: ProviderSnapshot, event: str, sample: str) -> Sequence[DeliveryReport | InboundSms]:
    """What a pasted report or text says: a body, or the address of a GET with its query. Raises ValueError in words."""
    first = sample.strip().partition("\n")[0]
    is_address = first.startswith(("http://", "https://", "/", "?")) and "?" in first
    query = first.partition("?")[2] if is_address else ""
    webhook = Webhook(event, "", query, (query if is_address else sample.strip()).encode(), "")
    backend = registry.get(provider.kind)
    return backend.parse_status(provider, webhook) if event == "status" else backend.parse_inbound(provider, webhook)
