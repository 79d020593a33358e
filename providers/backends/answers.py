"""What gateways say, read without trust: JSON that may be none, forms with too many fields, words that repeat our secrets."""

import json
from collections.abc import Collection, Iterable
from typing import Any
from urllib.parse import unquote_plus

import orjson
from django.utils.translation import gettext_lazy as _

from providers.backends.http import Reply
from providers.errors import Misconfigured, NotSent, ProviderError, Refused, Unknown

MOST_FIELDS = 200
LONGEST_ID = 80


def json_object(body: bytes) -> dict[str, Any]:
    """The object in an answer; an empty one when there is none."""
    try:
        found = orjson.loads(body)
    except ValueError:
        found = _leniently(body)
    return found if isinstance(found, dict) else {}


def _leniently(body: bytes) -> Any:
    """What the quick reader refuses and some gateways write all the same: half an emoji, for one."""
    try:
        return json.loads(body.decode())
    except (ValueError, RecursionError):
        return None


def form_fields(body: bytes, wanted: Collection[str] | None = None) -> dict[str, str]:
    """The last value of each field (of those `wanted`), without what the database cannot hold; others are not decoded: reports come in crowds.

    Raises ValueError for more fields than any gateway sends.
    """
    pairs = body.decode("utf-8", "replace").split("&", MOST_FIELDS)
    if len(pairs) > MOST_FIELDS:
        raise ValueError(_("there are too many fields"))
    split = [pair.partition("=") for pair in pairs]
    if wanted is None:
        return {plain(unquote_plus(name)): plain(unquote_plus(value)) for name, _equals, value in split if name}
    return {name: plain(unquote_plus(value)) for name, _equals, value in split if name in wanted}


def plain(text: str) -> str:
    """Text that the database can hold."""
    return text.replace("\0", "")


def gateway_id(value: Any) -> str:
    """An id as a gateway gives it; empty when it is none."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if 0 < len(text) <= LONGEST_ID and "\0" not in text else ""


def number(value: Any) -> int:
    """A code as a number; 0 when it is none."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def scrubbed(text: str, hidden: Iterable[str]) -> str:
    """A gateway's words without our secrets, should it repeat them, and without what the database cannot hold."""
    for secret in hidden:
        text = text.replace(secret, "•••")
    return plain(text)


def odd(detail: str) -> Unknown:
    """The error for an answer that makes no sense: the text may be out."""
    return Unknown("The gateway's answer made no sense.", reason="odd_answer", detail=detail)


def throttled(reply: Reply, detail: str = "") -> NotSent:
    """The error for a gateway that asks for a slower pace."""
    return NotSent("The gateway asks for a slower pace.", retry_after=reply.retry_after, throttled=True, reason="throttled", detail=detail)


def refuses_us(reason: str, detail: str = "") -> Misconfigured:
    """The error for credentials or an account that are not in order."""
    return Misconfigured("The gateway refuses our account.", reason=reason, detail=detail)


def by_status(reply: Reply, detail: str, *, reason: str = "") -> ProviderError:
    """The error that an answer means by its HTTP status alone; `reason` is what its code said of the text, if anything."""
    status = reply.status
    if status == 429:
        return throttled(reply, detail)
    if status in (302, 303):  # many servers take a post before they lead to a page about it
        return Unknown("The gateway leads elsewhere, which was not followed.", reason="redirected", detail=detail)
    if status >= 500 or status == 408 or 200 <= status < 300:
        return Unknown("The gateway had a fault.", reason="gateway_trouble" if status >= 500 else "odd_answer", detail=detail)
    if not reason and status in (401, 402, 403, 404, 405):
        return refuses_us("account" if status == 402 else "credentials", detail)
    if status < 400:
        return Misconfigured("The gateway's address leads elsewhere.", reason="address", detail=detail)
    return Refused("The gateway refused the text.", reason=reason or "refused", detail=detail)
