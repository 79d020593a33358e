"""A file of text to the text of an SMS, or a sentence that says why not. Pure."""

import codecs
import re

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.tokens import LONGEST_TEXT
from smsapp.common.encodings import BOMS_16, Recogniser, doubtful_windows, magic_of, mostly_controls, utf16_without_mark

LARGEST_FILE = 1024 * 1024
_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_PACKED = {b"word/": "word", b"xl/": "excel", b"ppt/": "powerpoint", b"application/vnd.oasis.opendocument": "libreoffice"}
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF", b"II*\x00", b"MM\x00*")
_KINDS: dict[str, str | Promise] = {
    "word": gettext_lazy("This is a Word file. Save it as plain text."),
    "excel": gettext_lazy("This is a workbook. Copy the text, or save it as plain text."),
    "powerpoint": gettext_lazy("This is a presentation. Copy the text, or save it as plain text."),
    "libreoffice": gettext_lazy("This is a LibreOffice file. Save it as plain text."),
    "office": gettext_lazy("This is an old Word or Excel file. Save it as plain text."),
    "rtf": gettext_lazy("This is a file with formatting (RTF). Save it as plain text."),
    "html": gettext_lazy("This is a web page. Copy the text, or save it as plain text."),
    "pdf": gettext_lazy("This is a PDF document. Copy the text, or save it as plain text."),
    "picture": gettext_lazy("This is a picture. Upload a file of plain text."),
    "packed": gettext_lazy("This is a packed file. Unpack it and upload the file of plain text."),
}
_MARKED = {b"{\\rtf": "rtf", b"%PDF": "pdf", _OLD_OFFICE: "office"}
_WEB_PAGE = re.compile(rb"\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)


class TextFileProblem(ValueError):
    """The file cannot be used: a code and a sentence that says what to do."""

    def __init__(self, code: str, message: str | Promise) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


def read(content: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or Windows-1252, with single line feeds and nothing blank behind it. Raises TextFileProblem."""
    if len(content) > LARGEST_FILE:
        raise TextFileProblem("too_large", _("The file is larger than 1 MB. A text has at most %(most)s characters.") % {"most": _number(LONGEST_TEXT)})
    if not content:
        raise TextFileProblem("empty", _("The file is empty. Save it again and upload that."))
    _check_kind(content)
    text = _decoded(content).removeprefix("\ufeff").rstrip("\x1a")
    text = re.sub("\r+\n|\r", "\n", text).rstrip()
    if not text.strip("\u200b\ufeff \t\n"):
        raise TextFileProblem("blank", _("There is nothing but blanks in the file. Write the text, save it and upload that."))
    if len(text) > LONGEST_TEXT:
        words = _("The file holds %(length)s characters, a text has at most %(most)s. Shorten it.")
        raise TextFileProblem("too_long", words % {"length": _number(len(text)), "most": _number(LONGEST_TEXT)})
    return text


def _number(count: int) -> str:
    return number_format(count, use_l10n=True, force_grouping=True)


def _check_kind(content: bytes) -> None:
    if kind := _kind(content):
        raise TextFileProblem(kind, _KINDS[kind])


def _kind(content: bytes) -> str | None:
    """Of a file that is something else than text."""
    if content.startswith(_ZIP):
        return next((kind for inside, kind in _PACKED.items() if inside in content), "packed")
    for start, kind in _MARKED.items():
        if content.startswith(start):
            return kind
    if content.startswith(_PICTURES) and (b"\0" in content or mostly_controls(content)):  # "BM" may begin a text
        return "picture"
    if _WEB_PAGE.match(content):
        return "html"
    return None if (magic := magic_of(content)) is None else "picture" if magic in _PICTURES else "packed"


def _decoded(content: bytes) -> str:
    if content.startswith(BOMS_16):
        return _utf16(content)
    if b"\0" in content:
        if name := utf16_without_mark(content):
            return content.decode(name)
        raise _binary()
    if mostly_controls(content):
        raise _binary()
    recogniser = Recogniser()
    recogniser.feed(content)
    name = recogniser.encoding()
    text = content.decode(name) if name else ""
    if name is None or (name == "cp1252" and (content.startswith(codecs.BOM_UTF8) or doubtful_windows(text))):
        raise _unreadable()
    return text


def _utf16(content: bytes) -> str:
    try:
        text = content.decode("utf-16")
    except UnicodeDecodeError:
        raise _unreadable() from None
    if "\0" in text or mostly_controls(text.encode()):
        raise _binary()
    return text


def _binary() -> TextFileProblem:
    return TextFileProblem("binary", _("This is not a file of text. Save the text as plain text, in UTF-8, and upload that."))


def _unreadable() -> TextFileProblem:
    words = _("The letters of this file cannot be read for certain. Save it as UTF-8 (in Notepad: Save as, Encoding, UTF-8) and upload that.")
    return TextFileProblem("unknown_encoding", words)
