"""The GSM 7-bit alphabet (3GPP TS 23.038): what costs one septet, what costs two, what makes a whole text UCS-2."""

import re
import unicodedata

from anyascii import anyascii

BASIC = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
EXTENSION = "\f^{}\\[~]|€"  # each is sent as an escape and a second septet

_OUTSIDE = re.compile(f"[^{re.escape(BASIC + EXTENSION)}]")

# What people type without knowing its price. Only a character outside the alphabet is ever replaced.
_LOOKALIKES = {
    "’": "'", "‘": "'", "‚": "'", "‛": "'", "′": "'", "`": "'", "´": "'", "ʼ": "'",
    "“": '"', "”": '"', "„": '"', "‟": '"', "″": '"', "«": '"', "»": '"', "‹": "'", "›": "'",
    "–": "-", "—": "-", "‐": "-", "‑": "-", "‒": "-", "―": "-", "−": "-", "•": "-", "·": ".",
    "…": "...", "œ": "oe", "Œ": "OE", "ç": "c", "\t": " ",
    "\u00a0": " ", "\u202f": " ", "\u2007": " ", "\u2009": " ", "\u200a": " ", "\u2002": " ", "\u2003": " ", "\u3000": " ",
    "\u00ad": "", "\u200b": "", "\u200c": "", "\u200e": "", "\u200f": "", "\u2060": "", "\ufeff": "",
    "\u2028": "\n", "\u2029": "\n", "×": "x", "°": "o", "ª": "a", "º": "o", "™": "TM", "®": "(R)", "©": "(C)", "½": "1/2", "¼": "1/4", "¾": "3/4",
}  # fmt: skip


def normalise(text: str) -> str:
    """The text as it is counted and sent: composed (NFC), a CRLF is one line feed."""
    if "\r\n" in text:
        text = text.replace("\r\n", "\n")
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return text
    return unicodedata.normalize("NFC", text)


def is_gsm(text: str) -> bool:
    """Whether every character is in the alphabet or its extension."""
    return _OUTSIDE.search(text) is None


def outside(text: str) -> list[tuple[int, str]]:
    """(index in code points, character) of each one that forces UCS-2, of a normalised text."""
    return [(match.start(), match.group()) for match in _OUTSIDE.finditer(text)]


def lookalike(char: str) -> str | None:
    """What may stand for a character outside the alphabet; None when nothing looks like it (other scripts, emoji)."""
    if char in _LOOKALIKES:
        return _LOOKALIKES[char]
    if not (unicodedata.name(char, "").startswith("LATIN ") or unicodedata.category(char)[0] in "PZ"):
        return None
    plain = anyascii(char)
    return plain if plain and is_gsm(plain) else None


def replace_lookalikes(text: str) -> str:
    """The text with every dear character that has a look-alike replaced; the others stay."""
    return _OUTSIDE.sub(_cheaper, normalise(text))


def _cheaper(match: re.Match[str]) -> str:
    found = lookalike(match.group())
    return match.group() if found is None else found
