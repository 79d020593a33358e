"""Tokens in texts: find, check and render {contact.first_name|friend}. One pass over a fixed list of names.

A value is never looked at again, so a token inside somebody's name stays text. Pure: no ORM, no settings, no clock.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts import custom_values


class Token(NamedTuple):
    """A fixed token: how texts name it, its label, the fields of a contact that it reads, and its value for a contact."""

    name: str
    label: Any
    fields: tuple[str, ...]
    value: Callable[[Any], str]


def _plain(field: str, label: Any) -> Token:
    return Token(f"contact.{field}", label, (field,), attrgetter(field))


def _full_name(contact: Any) -> str:
    return f"{contact.first_name} {contact.last_name}".strip() or str(contact.organisation)


def _birth_date(contact: Any) -> str:
    return contact.birth_date.strftime("%d/%m/%Y") if contact.birth_date else ""


TOKENS: tuple[Token, ...] = (
    _plain("first_name", gettext_lazy("First name")),
    _plain("last_name", gettext_lazy("Last name")),
    Token("contact.name", gettext_lazy("Full name"), ("first_name", "last_name", "organisation"), _full_name),
    _plain("organisation", gettext_lazy("Organisation")),
    _plain("email", gettext_lazy("E-mail")),
    _plain("language", gettext_lazy("Language")),
    Token("contact.birth_date", gettext_lazy("Birth date"), ("birth_date",), _birth_date),
    _plain("external_id", gettext_lazy("External id")),
)
NAMES = frozenset(token.name for token in TOKENS)
LONGEST_TEXT = 2_000  # characters of a text before its tokens are filled: ten segments
CUSTOM = "contact.custom."  # how tokens of custom fields begin

_TOKEN = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)+)(?:\|([^{}|]*))?\}")
_BRACED = re.compile(r"\{[^{}\n]{0,80}\}")
_LOOKS_LIKE_ONE = re.compile(r"\{\s*[A-Za-z]+\s*[._ ]\s*[A-Za-z_ ]+\s*(?:\|[^{}]*)?\}")


@dataclass(frozen=True, slots=True)
class Problem:
    """A token that cannot be rendered: where it stands, what it says, what was probably meant."""

    start: int
    token: str
    suggestion: str
    message: str


class CustomToken(NamedTuple):
    """A custom field as texts know it."""

    name: str  # contact.custom.member_level
    key: str
    kind: str  # as contacts.custom_values names them
    label: str


def find(text: str) -> list[str]:
    """Names of the tokens in `text`, in order, each as often as it stands there."""
    return [match[1] for match in _TOKEN.finditer(text)]


def custom_keys(text: str) -> set[str]:
    """Keys of the custom fields that `text` asks for."""
    return {name.removeprefix(CUSTOM) for name in find(text) if name.startswith(CUSTOM)}


def check(text: str, names: Iterable[str] = NAMES) -> list[Problem]:
    """Tokens that nobody knows, each with the closest known name. Ordinary braces are text."""
    known = frozenset(names)
    matches = (match for match in _BRACED.finditer(text) if _TOKEN.fullmatch(match[0]) or _LOOKS_LIKE_ONE.fullmatch(match[0]))
    return [_problem(match, known) for match in matches if _name_of(match[0]) not in known]


def _name_of(braced: str) -> str:
    match = _TOKEN.fullmatch(braced)
    return match[1] if match else ""


def _problem(match: re.Match[str], known: frozenset[str]) -> Problem:
    meant = re.sub(r"\s+", "_", match[0].strip("{}").split("|")[0].strip().lower())
    close = get_close_matches(meant, sorted(known), n=1, cutoff=0.5)
    suggestion = f"{{{close[0]}}}" if close else ""
    sentence = _("%(token)s is not a token.") % {"token": match[0]}
    hint = _("Did you mean %(suggestion)s?") % {"suggestion": suggestion} if suggestion else _("Choose one from the list.")
    return Problem(match.start(), match[0], suggestion, f"{sentence} {hint}")


def render(text: str, values: Mapping[str, str]) -> str:
    """`text` with each token replaced by its value, else by its fallback, else by nothing. Unknown tokens stay as they are."""
    return compiled(text)(values)


@lru_cache(maxsize=64)
def compiled(text: str) -> Callable[[Mapping[str, str]], str]:
    """A function values -> text for rendering one text many times."""
    parts = _TOKEN.split(text)
    if len(parts) == 1:
        return lambda values: text
    literals, names, fallbacks = parts[0::3], parts[1::3], parts[2::3]
    written = [f"{{{name}}}" if fallback is None else f"{{{name}|{fallback}}}" for name, fallback in zip(names, fallbacks, strict=True)]
    slots = [(name, fallback or "", raw, literal) for name, fallback, raw, literal in zip(names, fallbacks, written, literals[1:], strict=True)]

    def fill(values: Mapping[str, str]) -> str:
        pieces = [literals[0]]
        for name, fallback, raw, literal in slots:
            value = values.get(name)
            pieces.append(raw if value is None else value or fallback)
            pieces.append(literal)
        return "".join(pieces)

    return fill


def empty_in(text: str, values: Mapping[str, str]) -> list[str]:
    """Names of the tokens of `text` that have neither a value nor a fallback."""
    return [match[1] for match in _TOKEN.finditer(text) if not values.get(match[1]) and not match[2]]


def fields_of(fixed: Sequence[Token], custom: Sequence[CustomToken] = ()) -> tuple[str, ...]:
    """Fields of a contact that these tokens read."""
    fields = [field for token in fixed for field in token.fields]
    return tuple(dict.fromkeys([*fields, "language", "custom"] if custom else fields))


def values_of(contact: Any, custom: Sequence[CustomToken] = (), language: str = "en", *, fixed: Sequence[Token] = TOKENS) -> dict[str, str]:
    """Values of the `fixed` tokens and of `custom` for a contact (any object with the fields that they read, see `fields_of`).

    `language` is for contacts who have none.
    """
    values = {token.name: token.value(contact) for token in fixed}
    for name, key, kind, _label in custom:
        values[name] = custom_values.in_text(kind, contact.custom.get(key), contact.language or language)
    return values
