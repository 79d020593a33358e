"""Tokens in texts: {contact.first_name|friend}. Which there are, finding and filling them. One pass over a fixed list of names.

A value is never looked at again, so a token inside somebody's name stays text. Pure: no ORM, no clock, and no settings but the public address in
the opt-out link.
What is wrong with a token is said in campaigns.token_problems.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from campaigns import opt_out_links
from contacts import custom_values
from smsapp.common import countries

LONGEST_TEXT = 2_000  # characters of a text before its tokens are filled: ten segments
OPT_OUT_LINK = "optout.link"
CUSTOM = "contact.custom."  # how tokens of custom fields begin
TOKEN = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)+)(?:\|([^{}|]*))?\}")


class Token(NamedTuple):
    """A token of the person: how texts name it, its label, the fields of a contact that it reads, its value for a contact and their language,
    and what a text can say instead to people who have none (nothing fits a date)."""

    name: str
    label: Any
    fields: tuple[str, ...]
    value: Callable[[Any], str]
    spoken: Callable[[Any, str], str] | None = None  # instead of `value`, where it depends on the language
    instead: Any = ""


class Shared(NamedTuple):
    """A token that says the same to everybody: its value for an occasion (campaigns.vocabulary.Occasion)."""

    name: str
    label: Any
    value: Callable[[Any], str]


class CustomToken(NamedTuple):
    """A custom field as texts know it."""

    name: str  # contact.custom.member_level
    key: str
    kind: str  # as contacts.custom_values names them
    label: str


def _plain(field: str, label: Any, instead: Any = "") -> Token:
    return Token(f"contact.{field}", label, (field,), attrgetter(field), instead=instead)


def _full_name(contact: Any) -> str:
    return f"{contact.first_name} {contact.last_name}".strip() or str(contact.organisation)


def written(day: Any) -> str:
    """A day as it stands in texts, in every language; nothing for none."""
    return day.strftime("%d/%m/%Y") if day else ""


@lru_cache(maxsize=1_000)
def _country(region: str, language: str) -> str:
    with translation.override(language):
        return countries.name_of(region) if region else ""


def _of_author(field: str) -> Callable[[Any], str]:
    return lambda occasion: getattr(occasion.author, field, "")


TOKENS: tuple[Token, ...] = (
    _plain("first_name", _("First name"), _("friend")),
    _plain("last_name", _("Last name")),
    Token("contact.name", _("Full name"), ("first_name", "last_name", "organisation"), _full_name, instead=_("friend")),
    _plain("organisation", _("Organisation"), _("your organisation")),
    _plain("email", _("E-mail"), _("your e-mail address")),
    _plain("language", _("Language")),
    Token("contact.birth_date", _("Birth date"), ("birth_date",), lambda contact: written(contact.birth_date)),
    _plain("external_id", _("External id")),
    Token("contact.number", _("Number"), ("sms_number",), lambda contact: contact.sms_number or ""),
    Token(
        "contact.country", _("Country of the number"), ("sms_country", "language"), str,
        lambda contact, language: _country(contact.sms_country, language), _("your country"),
    ),
    Token(OPT_OUT_LINK, _("Opt-out link"), ("id",), lambda contact: opt_out_links.address(contact.id) if contact.id else ""),
)
SHARED: tuple[Shared, ...] = (
    Shared("organisation.name", _("Our organisation"), attrgetter("organisation.name")),
    Shared("organisation.phone", _("Our phone"), attrgetter("organisation.phone")),
    Shared("organisation.email", _("Our e-mail"), attrgetter("organisation.email")),
    Shared("organisation.website", _("Our website"), attrgetter("organisation.website")),
    Shared("organisation.address", _("Our address"), attrgetter("organisation.address")),
    Shared("mailing.name", _("SMS name"), attrgetter("subject")),
    Shared("mailing.campaign", _("Campaign"), attrgetter("campaign")),
    Shared("mailing.date", _("Date of sending"), lambda occasion: written(occasion.day)),
    Shared("sender.number", _("Sender"), attrgetter("sender")),
    Shared("sender.name", _("Author’s full name"), lambda occasion: occasion.author.get_full_name() if occasion.author else ""),
    Shared("sender.first_name", _("Author’s first name"), _of_author("first_name")),
    Shared("sender.last_name", _("Author’s last name"), _of_author("last_name")),
    Shared("sender.email", _("Author’s e-mail"), _of_author("email")),
)
_TOWNS = frozenset({"city", "town", "ville", "commune", "localite"})  # keys of custom fields
SHARED_NAMES = frozenset(token.name for token in SHARED)
NAMES = SHARED_NAMES | {token.name for token in TOKENS}


def with_fallback(name: str) -> str:
    """The token with an example of what people read who have no value for it; "" where no word would do for all of them."""
    if name.startswith(CUSTOM):
        instead = _("your town") if name.removeprefix(CUSTOM) in _TOWNS else ""
    else:
        instead = next((token.instead for token in TOKENS if token.name == name), "")
    return f"{{{name}|{instead}}}" if instead else ""


def find(text: str) -> list[str]:
    """Names of the tokens in `text`, in order, each as often as it stands there."""
    return [match[1] for match in TOKEN.finditer(text)]


def alone(text: str) -> list[str]:
    """Names of the tokens of a text that says nothing besides them: it is empty for people without a value."""
    return [] if without(text).strip() else list(dict.fromkeys(find(text)))


def without(text: str) -> str:
    """What everybody reads of a text at least, whatever its tokens say."""
    return TOKEN.sub("", text)


def custom_keys(text: str) -> set[str]:
    """Keys of the custom fields that `text` asks for."""
    return {name.removeprefix(CUSTOM) for name in find(text) if name.startswith(CUSTOM)}


def render(text: str, values: Mapping[str, str]) -> str:
    """`text` with each token replaced by its value, else by its fallback, else by nothing. Unknown tokens stay as they are."""
    return _compiled(text, NOTHING)(values)


def compiled(text: str, same: Mapping[str, str]) -> Callable[[Mapping[str, str]], str]:
    """A function values -> text for rendering one text many times, with the values that are the `same` for all written in."""
    return _compiled(text, frozenset(same.items()))


NOTHING: frozenset[tuple[str, str]] = frozenset()


@lru_cache(maxsize=64)
def _compiled(text: str, same: frozenset[tuple[str, str]]) -> Callable[[Mapping[str, str]], str]:
    parts, known = TOKEN.split(text), dict(same)
    literals, slots = [parts[0]], list[tuple[str, str, str]]()
    for name, fallback, literal in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        if (value := known.get(name)) is None:
            slots.append((name, fallback or "", f"{{{name}}}" if fallback is None else f"{{{name}|{fallback}}}"))
            literals.append(literal)
        else:
            literals[-1] += _filled(value, fallback or "") + literal
    return _filler(literals, slots) if slots else lambda values: literals[0]


def _filler(literals: list[str], slots: list[tuple[str, str, str]]) -> Callable[[Mapping[str, str]], str]:
    first, pairs = literals[0], [(*slot, literal) for slot, literal in zip(slots, literals[1:], strict=True)]

    def fill(values: Mapping[str, str]) -> str:
        text = first
        for name, fallback, raw, literal in pairs:
            value = values.get(name)
            text += (raw if value is None else fallback if not value or value.isspace() else value) + literal
        return text

    return fill


def _filled(value: str, fallback: str) -> str:
    return fallback if not value or value.isspace() else value


def empty_in(text: str, values: Mapping[str, str]) -> list[str]:
    """Names of the tokens of `text` that have neither a value (blanks are none) nor a fallback."""
    return [match[1] for match in TOKEN.finditer(text) if not match[2] and not values.get(match[1], "").strip()]


def fields_of(fixed: Sequence[Token], custom: Sequence[CustomToken] = ()) -> tuple[str, ...]:
    """Fields of a contact that these tokens read."""
    fields = [field for token in fixed for field in token.fields]
    return tuple(dict.fromkeys([*fields, "language", "custom"] if custom else fields))


def values_of(contact: Any, custom: Sequence[CustomToken] = (), language: str = "en", *, fixed: Sequence[Token] = TOKENS) -> dict[str, str]:
    """Values of the `fixed` tokens and of `custom` for a contact (any object with the fields that they read, see `fields_of`).

    `language` is for contacts who have none.
    """
    values = {}
    for name, _label, _fields, value, spoken, _instead in fixed:
        values[name] = value(contact) if spoken is None else spoken(contact, contact.language or language)
    for name, key, kind, _label in custom:
        values[name] = custom_values.in_text(kind, contact.custom.get(key), contact.language or language)
    return values
