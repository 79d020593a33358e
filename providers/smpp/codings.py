"""How characters travel: GSM 7-bit with one septet in a byte, Latin-1, UCS-2. Pure.

Source: SMPP 3.4, "data_coding"; 3GPP TS 23.038 for the alphabet and for what the values of classes and indications mean.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from providers.charset import BASIC, is_gsm

GSM, LATIN, LATIN_AS_DEFAULT = "gsm", "latin", "latin_default"  # what the gateway's default alphabet is

_ESCAPE = "\x1b"
_TABLE = BASIC[:27] + _ESCAPE + BASIC[27:]
_EXTENSION = {"\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65}
_TO_GSM = {ord(char): chr(code) for code, char in enumerate(_TABLE)} | {ord(char): _ESCAPE + chr(code) for char, code in _EXTENSION.items()}
_PLAIN = {code: char for code, char in enumerate(_TABLE) if char != _ESCAPE}
_EXTENDED = {code: char for char, code in _EXTENSION.items()}
_same_in_ascii = re.compile(r"[\n\r !\"#%&'()*+,\-./0-9:;<=>?A-Za-z]*").fullmatch


class Coding(NamedTuple):
    """A value of `data_coding` and what makes bytes of a text."""

    number: int
    encode: Callable[[str], bytes]


def to_gsm(text: str) -> bytes:
    """Septets, one in a byte, of a text in the alphabet."""
    return text.encode("ascii") if _same_in_ascii(text) else text.translate(_TO_GSM).encode("latin-1")


def from_gsm(data: bytes) -> str:
    """The text of septets. What no table has becomes a space, as phones show it; an extended code without a character is read without its escape."""
    found, table = list[str](), _PLAIN
    for byte in data:
        if byte == 0x1B:
            table = _EXTENDED
            continue
        found.append(table.get(byte) or _PLAIN.get(byte, " "))
        table = _PLAIN
    return "".join(found)


def to_latin(text: str) -> bytes:
    """Latin-1."""
    return text.encode("latin-1")


def to_ucs(text: str) -> bytes:
    """UTF-16, the first byte first; half a surrogate pair cannot be in a text that was counted."""
    return text.encode("utf-16-be", "replace")


UCS_2 = Coding(8, to_ucs)
_DEFAULT = {GSM: Coding(0, to_gsm), LATIN: Coding(3, to_latin), LATIN_AS_DEFAULT: Coding(0, to_latin)}


def coding_of(text: str, alphabet: str) -> Coding:
    """How a text travels to a gateway with that default alphabet: UCS-2 where it is outside of GSM 7-bit, or of what the gateway takes instead."""
    if not is_gsm(text):
        return UCS_2
    return UCS_2 if alphabet != GSM and not _is_latin(text) else _DEFAULT[alphabet]


def _is_latin(text: str) -> bool:
    return text.isascii() or all(ord(char) < 0x100 for char in text)


def decode(data: bytes, number: int, alphabet: str) -> str:
    """The text of what somebody sent to us, by its `data_coding`; nothing that the database cannot hold."""
    return _decode(data, number, alphabet).replace("\0", "")


def _decode(data: bytes, number: int, alphabet: str) -> str:
    if (number < 0x40 and number & 0x0C == 0x08) or number & 0xF0 == 0xE0:  # UCS-2, with or without a class
        return data.decode("utf-16-be", "replace")
    is_default = number == 0 or (number >= 0x10 and number & 0x0C == 0)
    if is_default and alphabet != LATIN_AS_DEFAULT:
        return from_gsm(data)
    return data.decode("latin-1")
