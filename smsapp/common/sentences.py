"""Sentences that remember how they were made, so that what is kept in a row is read by everybody in their own language. Pure.

`say`, `say_n` and `of` make them, `as_json` keeps one. `in_each_language` keeps what is put together of too much to be made anew. `retold`
reads both.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext

from smsapp.common import dates

Part = Sequence[Any]  # the sentence in English, its arguments, and where it has two forms the second one and the count that chooses


class Count(int):
    """A number in a sentence, grouped as the reader writes it."""


class Sentence(str):
    """A sentence in the language of now, with what is needed to say it in another one."""

    __slots__ = ("parts",)
    parts: list[Part]

    def __mod__(self, values: Any) -> "Sentence":
        """Fill in arguments by name; a moment is written in the reader's zone."""
        shown = {name: _shown(value) for name, value in values.items()}
        (english, _none, *forms), *rest = self.parts
        return _sentence(super().__mod__(shown), [(english, values, *forms), *rest])

    def __add__(self, other: str) -> "Sentence":
        """One more sentence behind it."""
        return _sentence(f"{self} {other}", [*self.parts, *of(other).parts])


def _sentence(text: str, parts: list[Part]) -> Sentence:
    made = Sentence(text)
    made.parts = parts
    return made


def say(english: str) -> Sentence:
    """As gettext; imported as _."""
    return _sentence(gettext(english), [(english, {})])


def say_n(one: str, many: str, count: int) -> Sentence:
    """As ngettext; imported under its name."""
    return _sentence(ngettext(one, many, count), [(one, {}, many, count)])


def of(words: "str | Promise") -> Sentence:
    """Whatever was said, as a sentence; a lazy one is asked for its English."""
    if isinstance(words, Sentence):
        return words
    if isinstance(words, Promise):
        with translation.override(None):
            english = str(words)
        return say(english)
    return _sentence(words, [(words.replace("%", "%%"), {"": ""})])


def as_json(sentence: Sentence) -> list[list[Any]]:
    """To be kept in a row of the database."""
    return [[part[0], {name: _kept(value) for name, value in part[1].items()}, *part[2:]] for part in sentence.parts]


def for_every_reader(field: str, words: "str | Promise", length: int = 300) -> dict[str, Any]:
    """Values of a field and of its twin `…_in`, from which everybody reads the words in their own language."""
    return {field: str(words)[:length], f"{field}_in": as_json(of(words)) if words else []}


def in_each_language(words: Callable[[], Any]) -> dict[str, str]:
    """What `words` says, by language."""
    said = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            said[language] = str(words())
    return said


def retold(kept: Sequence[Part] | Mapping[str, str]) -> Sentence:
    """What was kept, in the language of now; empty for nothing."""
    if isinstance(kept, Mapping):
        return of(kept.get((translation.get_language() or "")[:2]) or next(iter(kept.values()), ""))
    told = [_retold(*part) for part in kept]
    return _sentence(" ".join(told), [part for sentence in told for part in sentence.parts])


def _retold(english: str, values: Mapping[str, Any], *forms: Any) -> Sentence:
    sentence = say_n(english, *forms) if forms else say(english)
    return sentence % {name: _unkept(value) for name, value in values.items()} if values else sentence


def _shown(value: Any) -> Any:
    if isinstance(value, Count):
        return number_format(int(value), use_l10n=True, force_grouping=True)
    return dates.said(timezone.localtime(value), "DATETIME_FORMAT") if isinstance(value, datetime) else value


def _kept(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, Count):
        return {"count": int(value)}
    if isinstance(value, (Sentence, Promise)):
        return {"said": as_json(of(value))}
    return value if isinstance(value, int) else str(value)


def _unkept(value: Any) -> Any:
    if isinstance(value, dict):
        if "count" in value:
            return Count(value["count"])
        return datetime.fromisoformat(value["at"]) if "at" in value else retold(value["said"])
    return value
