"""How many billed segments a text makes."""

import re
from typing import NamedTuple

from providers.charset import BASIC, EXTENSION, is_gsm, normalise, outside

GSM_7 = "GSM-7"
UCS_2 = "UCS-2"
ALONE = {GSM_7: 160, UCS_2: 70}
PART = {GSM_7: 153, UCS_2: 67}  # a header takes the rest when a text has several parts


class Measure(NamedTuple):
    """What a text costs. `units` are septets (GSM-7) or UTF-16 units; `left` is the room in the last segment;
    `dear` are (index, character) of what forces UCS-2, the index counted in code points of the normalised text."""

    encoding: str
    units: int
    segments: int
    left: int
    per_segment: int
    dear: tuple[tuple[int, str], ...]


_BASIC_CLASS = f"[{re.escape(BASIC)}]"
_short = re.compile(_BASIC_CLASS.replace(re.escape("\r"), "") + "{1,160}").fullmatch
_EXTENDED = re.compile(f"[{re.escape(EXTENSION)}]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_ESCAPE = frozenset("\x1b")
_HIGH = frozenset(map(chr, range(0xD800, 0xDC00)))  # first halves of surrogate pairs
# A short plain text has one of 160 answers: made once.
_SHORT_MEASURES = [Measure(GSM_7, n, min(n, 1), 160 - n, 160, ()) for n in range(161)]


def measure(text: str) -> Measure:
    """Encoding, units and segments of a text, packed greedily: an escape pair or a surrogate pair never straddles two parts."""
    if _short(text):
        return _SHORT_MEASURES[len(text)]
    text = normalise(text)
    if is_gsm(text):
        return _gsm(text)
    return _ucs(text, tuple(outside(text)))


def price(text: str) -> tuple[str, int]:
    """Encoding and segments only, of a normalised text: quicker for those who do not ask what makes it dear."""
    if _short(text):
        return GSM_7, min(len(text), 1)
    size = _gsm(text) if is_gsm(text) else _ucs(text, ())
    return size.encoding, size.segments


def _gsm(text: str) -> Measure:
    return _measure(GSM_7, _EXTENDED.sub("\x1b\\g<0>", text), _ESCAPE, ())


def _ucs(text: str, dear: tuple[tuple[int, str], ...]) -> Measure:
    return _measure(UCS_2, _ASTRAL.sub(_split_pair, text), _HIGH, dear)


def _split_pair(match: re.Match[str]) -> str:
    value = ord(match.group()) - 0x10000
    return chr(0xD800 + (value >> 10)) + chr(0xDC00 + (value & 0x3FF))


def _measure(encoding: str, units: str, openers: frozenset[str], dear: tuple[tuple[int, str], ...]) -> Measure:
    """Pack `units` (one character each); one of `openers` must stay with the unit that follows it."""
    total, alone, part = len(units), ALONE[encoding], PART[encoding]
    if total <= alone:
        return Measure(encoding, total, min(total, 1), alone - total, alone, dear)
    segments, start = 0, 0
    while start < total:
        end = start + part
        if end < total and units[end - 1] in openers:
            end -= 1
        segments, start, used = segments + 1, end, min(end, total) - start
    return Measure(encoding, total, segments, part - used, part, dear)


def parts(text: str) -> list[str]:
    """The text as it is cut to be sent: each part fits one segment; joined they are the normalised text."""
    size, text = measure(text), normalise(text)
    if size.segments <= 1:
        return [text] if text else []
    pieces, start, room = list[str](), 0, size.per_segment
    for index, char in enumerate(text):
        units = (1 + (char in EXTENSION)) if size.encoding == GSM_7 else (1 + (ord(char) > 0xFFFF))
        if units > room:
            pieces.append(text[start:index])
            start, room = index, size.per_segment
        room -= units
    return [*pieces, text[start:]]
