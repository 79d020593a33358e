"""What a gateway posted, fit to be looked at: field by field, without anything that proves who somebody is."""

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

HIDDEN = "••••"
LONGEST = 4_000  # characters of a value
_WORDS = "sig|sign|signature|token|secret|password|passwd|pass|pwd|auth|authorization|apikey|api_key|key"
_SECRET_NAME = re.compile(rf"(^|[_\-.])({_WORDS})s?($|[_\-.])", re.IGNORECASE)
_MANY = 200  # fields of one request


def fields_of(query: str, body: bytes, content_type: str, secrets: Iterable[str]) -> list[tuple[str, str]]:
    """(name, value) of everything in the address and the body, in order; what is no form and no JSON is one text without a name."""
    known = sorted({secret for secret in secrets if len(secret) >= 4}, key=len, reverse=True)
    found = [*parse_qsl(query, keep_blank_values=True), *_of_body(body, content_type)][:_MANY]
    return [(name, _masked(name, value, known)) for name, value in found]


def _of_body(body: bytes, content_type: str) -> list[tuple[str, str]]:
    text = body.decode("utf-8", "replace")
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return parse_qsl(text, keep_blank_values=True)
    if kind.endswith("json"):
        try:
            return list(_of_json("", json.loads(text)))
        except (ValueError, RecursionError):
            pass
    return [("", text)] if text else []


def _of_json(path: str, value: Any) -> Iterable[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _of_json(f"{path}.{name}" if path else str(name), inner)
    elif isinstance(value, list) and value:
        for place, inner in enumerate(value):
            yield from _of_json(f"{path}.{place}" if path else str(place), inner)
    else:
        yield path, value if isinstance(value, str) else json.dumps(value)


def _masked(name: str, value: str, secrets: list[str]) -> str:
    if _SECRET_NAME.search(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)):
        return HIDDEN
    for secret in secrets:
        value = value.replace(secret, HIDDEN)
    return value[:LONGEST] + (" …" if len(value) > LONGEST else "")
