"""Bytes to letters: which encoding they have, and what is no text at all. Pure; nothing is guessed that is not certain."""

import codecs
import re
import unicodedata

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TEXT_CONTROLS = frozenset(b"\t\n\r\x0b\x0c\x1a")
CONTROLS = bytes(code for code in range(32) if code not in TEXT_CONTROLS)
WINDOWS_BYTES = bytes(code for code in range(256) if code not in {0x81, 0x8D, 0x8F, 0x90, 0x9D})
BOMS_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
HIGH_BYTES = bytes([*range(0x21), *range(0xD8, 0xE0), 0xFE])  # of UTF-16 letters of Europe and the Near East, of signs and emoji; ASCII has hardly any
MAGIC: dict[bytes, str | Promise] = {
    b"PK\x03\x04": _("a workbook or an archive"), b"\xd0\xcf\x11\xe0": _("an old Excel workbook"),
    b"%PDF": _("a PDF document"), b"\x89PNG": _("a picture"), b"\xff\xd8\xff": _("a picture"),
    b"GIF8": _("a picture"), b"\x1f\x8b": _("a packed file"), b"Rar!": _("a packed file"),
    b"7z\xbc\xaf": _("a packed file"),
}  # fmt: skip
_WORDLESS = re.compile(r"[^\W\d_][‚ƒ„†‡ˆ‰‹•˜›¤][^\W\d_]")  # signs that stand inside words only when other letters are meant


def magic_of(start: bytes) -> bytes | None:
    """How a file of another kind begins; None for what may be text."""
    return next((magic for magic in MAGIC if start.startswith(magic)), None)


def mostly_controls(data: bytes) -> bool:
    """Whether more than one byte in a hundred is a control character that no text needs."""
    return len(data) - len(data.translate(None, CONTROLS)) > len(data) // 100


class Recogniser:
    """UTF-8 or Windows-1252, fed block by block."""

    def __init__(self) -> None:
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._is_utf8 = self._is_windows = True

    def feed(self, block: bytes, *, final: bool = False) -> None:
        """The next bytes."""
        self._is_windows = self._is_windows and not block.translate(None, WINDOWS_BYTES)
        try:
            if self._is_utf8:
                self._utf8.decode(block, final)
        except UnicodeDecodeError:
            self._is_utf8 = False

    def encoding(self) -> str | None:
        """"utf-8", "cp1252", or None when it is neither."""
        self.feed(b"", final=True)
        return "utf-8" if self._is_utf8 else "cp1252" if self._is_windows else None


def utf16_without_mark(data: bytes) -> str | None:
    """"utf-16-le" or "utf-16-be" of bytes with zeros where only that explains them; else None (Chinese without a mark, too)."""
    fitting = [name for name, high in (("utf-16-be", data[0::2]), ("utf-16-le", data[1::2])) if 0 in high and not high.translate(None, HIGH_BYTES)]
    fitting = [name for name in fitting if len(data) % 2 == 0 and _all_known(data, name)]
    return fitting[0] if len(fitting) == 1 else None


def _all_known(data: bytes, name: str) -> bool:
    try:
        text = data.decode(name)
    except UnicodeDecodeError:
        return False
    return all(char in "\t\n\r\f\v" or unicodedata.category(char) not in {"Cc", "Cn", "Co"} for char in text)


def doubtful_windows(text: str) -> bool:
    """Whether a text read as Windows-1252 was probably written in something else: signs inside words, or hardly a letter without an accent."""
    letters = [char for char in text if char.isalpha()]
    return bool(_WORDLESS.search(text)) or sum(not char.isascii() for char in letters) * 2 > len(letters)
