"""What may stand for a character that makes a text dear, and what replacing saves. Nothing is replaced that has not been shown."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii

from providers.charset import is_gsm, normalise, outside
from providers.segments import Measure, measure

# What people type without knowing its price.
_LOOKALIKES = {
    "’": "'", "‘": "'", "‚": "'", "‛": "'", "′": "'", "`": "'", "´": "'", "ʼ": "'",
    "“": '"', "”": '"', "„": '"', "‟": '"', "″": '"', "«": '"', "»": '"', "‹": "'", "›": "'",
    "–": "-", "—": "-", "‐": "-", "‑": "-", "‒": "-", "―": "-", "−": "-", "•": "-", "·": ".",
    "…": "...", "œ": "oe", "Œ": "OE", "ç": "c", "\t": " ",
    "\u00a0": " ", "\u202f": " ", "\u2007": " ", "\u2009": " ", "\u200a": " ", "\u2002": " ", "\u2003": " ", "\u3000": " ",
    "\u00ad": "", "\u200b": "", "\u200c": "", "\u200e": "", "\u200f": "", "\u2060": "", "\ufeff": "",
    "\u2028": "\n", "\u2029": "\n", "×": "x", "°": "o", "ª": "a", "º": "o", "™": "TM", "®": "(R)", "©": "(C)", "½": "1/2", "¼": "1/4", "¾": "3/4",
}  # fmt: skip

Choice = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Change:
    """One character and what takes its place, everywhere in the text; `places` are code points of the normalised text."""

    char: str
    other: str
    places: tuple[int, ...]

    @property
    def times(self) -> int:
        """How often."""
        return len(self.places)


@dataclass(frozen=True, slots=True)
class Replacement:
    """What replacing would do, to be shown before it is done."""

    text: str
    changes: tuple[Change, ...]
    before: Measure
    after: Measure

    @property
    def becomes_gsm(self) -> bool:
        """Whether the whole text leaves Unicode."""
        return self.before.encoding != self.after.encoding

    @property
    def saved(self) -> int:
        """Segments; never negative."""
        return self.before.segments - self.after.segments


@lru_cache(maxsize=4_096)
def lookalike(char: str) -> str | None:
    """What may stand for a character outside the alphabet; None when nothing looks like it (other scripts, emoji)."""
    if char in _LOOKALIKES:
        return _LOOKALIKES[char]
    if not (unicodedata.name(char, "").startswith("LATIN ") or unicodedata.category(char)[0] in "PZ"):
        return None
    plain = anyascii(char)
    return plain if plain and is_gsm(plain) else None


def _no_longer(char: str) -> str | None:
    """The look-alike that takes no more room, whatever the rest of the text is written in."""
    other = lookalike(char)
    return other if other is not None and len(other) <= (2 if ord(char) > 0xFFFF else 1) else None


def replacement(text: str) -> Replacement:
    """`text` with its dear characters replaced: never a GSM-7 text, never for more segments; what has no look-alike stays."""
    text = normalise(text)
    before = measure(text)
    choice: Choice = lookalike
    better = _replaced(text, choice)
    if measure(better).segments > before.segments:  # "..." takes more room than "…"
        choice = _no_longer
        better = _replaced(text, choice)
    return Replacement(better, _changes(text, choice), before, measure(better))


def replace_lookalikes(text: str) -> str:
    """The text after `replacement`."""
    return replacement(text).text


def _replaced(text: str, choice: Choice) -> str:
    """Again until nothing changes: a plain letter may join an accent that stood behind the dear one."""
    swaps = {ord(char): other for _index, char in outside(text) if (other := choice(char)) is not None}
    return _replaced(normalise(text.translate(swaps)), choice) if swaps else text


def _changes(text: str, choice: Choice) -> tuple[Change, ...]:
    places: dict[str, list[int]] = {}
    for index, char in outside(text):
        places.setdefault(char, []).append(index)
    return tuple(Change(char, other, tuple(found)) for char, found in places.items() if (other := choice(char)) is not None)
