"""Bytes to letters: which encoding a file of text has, and in words what is no file of text."""

import codecs
from pathlib import Path
from typing import Any

from contacts.importing import limits
from contacts.importing.problems import FileProblem
from smsapp.common.encodings import BOMS_16, MAGIC, Recogniser, magic_of, mostly_controls
from smsapp.common.sentences import say as _

BLOCK = 1024 * 1024


def check_size(path: Path) -> None:
    """There is a file, with something in it and not too much. Raises FileProblem."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise FileProblem("not_found", _("There is no such file: %(path)s") % {"path": path}) from None
    if not path.is_file():
        raise FileProblem("not_a_file", _("This is not a file: %(path)s") % {"path": path})
    if size == 0:
        raise FileProblem("empty_file", _("The file is empty. Export it again with its column names in the first row."))
    if size > limits.LARGEST_FILE:
        raise too_large()


def too_large() -> FileProblem:
    """More bytes than are taken."""
    message = _("The file is larger than %(most)s MB. Split it and import the parts one after the other.")
    return FileProblem("too_large", message % {"most": limits.LARGEST_FILE // limits.MB})


def recognise(path: Path) -> str:
    """The encoding of a file of text; reads all of it. Raises FileProblem."""
    check_size(path)
    with path.open("rb") as file:
        start = file.read(8)
    _check_magic(start)
    if start.startswith(BOMS_16):
        return _utf16(path)
    return _utf8_or_windows(path, "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8")


def _check_magic(start: bytes) -> None:
    if magic := magic_of(start):
        raise FileProblem("not_csv", _("This is %(kind)s, not a CSV file. Open it and save it as CSV UTF-8.") % {"kind": MAGIC[magic]})


def _utf16(path: Path) -> str:
    decoder = codecs.getincrementaldecoder("utf-16")()
    lines = 1
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                text = decoder.decode(block)
                _check_zeros(text, "\0", lines + text.count("\n", 0, max(0, text.find("\0"))))
                lines += text.count("\n")
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _unreadable() from None
    return "utf-16"


def _utf8_or_windows(path: Path, utf8_name: str) -> str:
    recogniser, lines = Recogniser(), 1
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            _check_zeros(block, b"\0", lines + block.count(b"\n", 0, max(0, block.find(b"\0"))))
            if mostly_controls(block):
                raise FileProblem("not_csv", _("This is not a text file. Save the table as CSV UTF-8 and upload that."))
            lines += block.count(b"\n")
            recogniser.feed(block)
    if (found := recogniser.encoding()) is None:
        raise _unreadable()
    return utf8_name if found == "utf-8" else found


def _check_zeros(block: Any, zero: Any, line: int) -> None:
    if zero in block:
        message = _("Line %(line)s holds zero bytes, so this is not a CSV file, or it is damaged. Export it again as CSV UTF-8.")
        raise FileProblem("nul_bytes", message % {"line": line}, line)


def _unreadable() -> FileProblem:
    return FileProblem("unknown_encoding", _("The letters of this file cannot be read. Save it as CSV UTF-8 and upload that."))
