"""Bytes to rows: recognises encoding and separator, refuses in words what is no table of text."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

LARGEST_FILE = 50 * 1024 * 1024
MOST_COLUMNS = 200
LONGEST_CELL = 10_000
LONGEST_ROW = 1_000_000  # characters, over all its lines: one row at a time is in memory
BLOCK = 1024 * 1024
DELIMITERS = (",", ";", "\t")
TEXT_CONTROLS = frozenset(b"\t\n\r\x0b\x0c\x1a")
CONTROLS = bytes(code for code in range(32) if code not in TEXT_CONTROLS)
SHEET_MAGIC = {b"PK\x03\x04": _("a workbook or an archive"), b"\xd0\xcf\x11\xe0": _("an old Excel workbook"), b"%PDF": _("a PDF document")}


class FileProblem(Exception):
    """The file cannot be imported at all: a code and a sentence that says what to do."""

    def __init__(self, code: str, message: Any, row: int | None = None) -> None:
        super().__init__(str(message))
        self.code = code
        self.message = message
        self.row = row


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written."""

    encoding: str
    delimiter: str

    def as_json(self) -> dict[str, str]:
        """For the import's row."""
        return asdict(self)


Row = tuple[int, list[str]]  # row of the sheet, its cells


def recognise(path: Path) -> Dialect:
    """Encoding and separator of the file. Raises FileProblem."""
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        head = [line for line in islice(_lines(file), 60) if line.strip()]
    if not head:
        raise _no_rows()
    named = head[0].strip().lower()
    if named.startswith("sep=") and len(named) == 5 and named[4] in DELIMITERS:  # Excel's own note
        return Dialect(encoding, named[4])
    return Dialect(encoding, max(DELIMITERS, key=lambda delimiter: _fit(head, delimiter)))


def _fit(head: list[str], delimiter: str) -> tuple[float, int]:
    widths = _widths(head, delimiter)
    if not widths:
        return 0.0, 0
    same = sum(1 for width in widths if width == widths[0]) / len(widths)
    return (same if widths[0] > 1 else 0.0, widths[0])


def _widths(head: list[str], delimiter: str) -> list[int]:
    widths = []
    try:
        for cells in csv.reader(head, delimiter=delimiter):
            widths.append(len(cells))
    except csv.Error:  # a cell without end: reading the rows says which
        pass
    return widths


def _lines(file: IO[str]) -> Iterator[str]:
    """Lines, none longer than two full cells: a file without line ends must not fill the memory."""
    while line := file.readline(LONGEST_CELL * 2):
        yield line


def _encoding(path: Path) -> str:
    _check_size(path)
    with path.open("rb") as file:
        start = file.read(8)
        _check_magic(start)
        file.seek(0)
        utf8 = codecs.getincrementaldecoder("utf-8")()
        is_utf8, only_windows = True, True
        while block := file.read(BLOCK):
            _check_block(block)
            if is_utf8:
                try:
                    utf8.decode(block)
                except UnicodeDecodeError:
                    is_utf8 = False
            only_windows = only_windows and not block.translate(None, WINDOWS_BYTES)
        is_utf8 = is_utf8 and _ends_well(utf8)
    if is_utf8:
        return "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"
    if only_windows:
        return "cp1252"
    raise FileProblem("unknown_encoding", _("The letters of this file cannot be read. Save it as CSV UTF-8 and upload that."))


WINDOWS_BYTES = bytes(code for code in range(256) if code not in {0x81, 0x8D, 0x8F, 0x90, 0x9D})


def _ends_well(decoder: codecs.IncrementalDecoder) -> bool:
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _check_size(path: Path) -> None:
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise FileProblem("not_found", _("There is no such file: %(path)s") % {"path": path}) from None
    if not path.is_file():
        raise FileProblem("not_a_file", _("This is not a file: %(path)s") % {"path": path})
    if size == 0:
        raise FileProblem("empty_file", _("The file is empty. Export it again with its column names in the first row."))
    if size > LARGEST_FILE:
        raise FileProblem("too_large", _("The file is larger than 50 MB. Split it and import the parts one after the other."))


def _check_magic(start: bytes) -> None:
    for magic, kind in SHEET_MAGIC.items():
        if start.startswith(magic):
            raise FileProblem("not_csv", _("This is %(kind)s, not a CSV file. Open it and save it as CSV UTF-8.") % {"kind": kind})
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise FileProblem("utf16", _("The file is saved as “Unicode text” (UTF-16). Save it as CSV UTF-8."))


def _check_block(block: bytes) -> None:
    if b"\0" in block:
        raise FileProblem("nul_bytes", _("The file holds zero bytes, so it is not a CSV file, or it is damaged. Export it again as CSV UTF-8."))
    if len(block) - len(block.translate(None, CONTROLS)) > len(block) // 100:
        raise FileProblem("not_csv", _("This is not a text file. Save the table as CSV UTF-8 and upload that."))


def header(path: Path, dialect: Dialect) -> list[str]:
    """The column names. Raises FileProblem."""
    return [cell.strip() for cell in _opened(path, dialect)[0]]


def rows(path: Path, dialect: Dialect) -> Iterator[Row]:
    """The data rows with their numbers in the sheet (the header is row 1); empty rows count but are left out. Raises FileProblem."""
    return _opened(path, dialect)[1]


def count(path: Path, dialect: Dialect) -> int:
    """How many data rows; reads the whole file once, so that a row that breaks a limit is found before anything is done."""
    return sum(1 for _row in rows(path, dialect))


def some_rows(path: Path, dialect: Dialect, wanted: set[int]) -> dict[int, list[str]]:
    """The cells of these rows of the sheet."""
    found: dict[int, list[str]] = {}
    for number, cells in rows(path, dialect):
        if number in wanted:
            found[number] = cells
            if len(found) == len(wanted):
                break
    return found


def _opened(path: Path, dialect: Dialect) -> tuple[list[str], Iterator[Row]]:
    """The header and the rows below it; a file of separators and empty cells has neither."""
    records = _records(path, dialect)
    first = next(records, None)
    if first is None:
        raise _no_rows()
    return first[1], records


class _Lines:
    """A file's lines for csv, at most LONGEST_ROW characters for one row: neither a line nor a quotation without end fills the memory."""

    def __init__(self, file: IO[str]) -> None:
        self.file = file
        self.row = 0
        self.left = 0

    def next_row(self) -> None:
        """The lines from here on are another row's."""
        self.row += 1
        self.left = LONGEST_ROW

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.file.readline(self.left + 1)
        self.left -= len(line)
        if self.left < 0:
            raise FileProblem("row_too_long", _row_too_long(self.row), self.row)
        if not line:
            raise StopIteration
        return line


def _records(path: Path, dialect: Dialect) -> Iterator[Row]:
    number = 0
    with path.open(encoding=dialect.encoding, newline="") as file:
        _skip_separator_note(file)
        lines = _Lines(file)
        reader = csv.reader(lines, delimiter=dialect.delimiter)
        while True:
            lines.next_row()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                raise FileProblem("cell_too_long", _too_long(number + 1), number + 1) from None
            number += 1
            if not any(cells) or not any(cell.strip() for cell in cells):
                continue
            if len(cells) > MOST_COLUMNS:
                raise FileProblem("too_many_columns", _("Row %(row)s has more than 200 columns. Delete those that are not needed.") % {"row": number}, number)
            if max(map(len, cells)) > LONGEST_CELL:
                raise FileProblem("cell_too_long", _too_long(number), number)
            yield number, cells


def _skip_separator_note(file: IO[str]) -> None:
    if not file.readline(16).lower().startswith("sep="):
        file.seek(0)


def _too_long(row: int) -> Any:
    return _("A cell of row %(row)s is longer than 10,000 characters. Perhaps a quotation mark is not closed there.") % {"row": row}


def _row_too_long(row: int) -> Any:
    return _("Row %(row)s is longer than 1,000,000 characters. Perhaps a quotation mark is not closed there, or the file has no line ends.") % {"row": row}


def _no_rows() -> FileProblem:
    return FileProblem("empty_file", _("The file holds no rows. Export it again with its column names in the first row."))
