"""What may stand for a character that makes a text dear. Nothing is replaced that has not been shown."""

import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from anyascii import anyascii

from providers.charset import is_gsm, normalise, outside
from providers.segments import measure

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


class Change(NamedTuple):
    """A character that makes a text Unicode, how often it stands there, what may stand for it (None: nothing looks like it), and whether that is done."""

    char: str
    other: str | None
    times: int
    done: bool


class Replacement(NamedTuple):
    """A text with look-alikes; `changes` name each dear character of the old one, in order, to be shown before it is done."""

    text: str
    changes: tuple[Change, ...]


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
    choice: Choice = lookalike
    better = _replaced(text, choice)
    if measure(better).segments > measure(text).segments:  # "..." takes more room than "…"
        choice = _no_longer
        better = _replaced(text, choice)
    times = Counter(char for _index, char in outside(text))
    return Replacement(better, tuple(Change(char, lookalike(char), n, choice(char) is not None) for char, n in times.items()))


def _replaced(text: str, choice: Choice) -> str:
    """Again until nothing changes: a plain letter may join an accent that stood behind the dear one."""
    swaps = {ord(char): other for _index, char in outside(text) if (other := choice(char)) is not None}
    return _replaced(normalise(text.translate(swaps)), choice) if swaps else text

