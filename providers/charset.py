"""The GSM 7-bit alphabet (3GPP TS 23.038): what costs one septet, what costs two, what makes a whole text UCS-2."""

import re
import unicodedata

BASIC = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
EXTENSION = "\f^{}\\[~]|€"  # each is sent as an escape and a second septet

_OUTSIDE = re.compile(f"[^{re.escape(BASIC + EXTENSION)}]")

_LINE_END = re.compile("\r+\n")
_HALF = re.compile("[\ud800-\udfff]")  # of a surrogate pair: no character, and nothing that can be stored


def normalise(text: str) -> str:
    """The text as it is counted and sent: composed (NFC), a CRLF is one line feed, half a surrogate pair is U+FFFD (as browsers send it)."""
    if "\r\n" in text:
        text = _LINE_END.sub("\n", text)
    if text.isascii():
        return text
    if _HALF.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def is_gsm(text: str) -> bool:
    """Whether every character is in the alphabet or its extension."""
    return _OUTSIDE.search(text) is None


def outside(text: str) -> list[tuple[int, str]]:
    """(index in code points, character) of each one that forces UCS-2, of a normalised text."""
    return [(match.start(), match.group()) for match in _OUTSIDE.finditer(text)]
