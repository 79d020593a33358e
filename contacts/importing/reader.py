"""A file of text to rows: recognises the separator, reads one row at a time, refuses in words what has no end."""

import csv
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO

from django.utils.formats import number_format

from contacts.importing import encoding, heads, quotes
from contacts.importing.columns import letter
from contacts.importing.limits import LONGEST_CELL, LONGEST_ROW, MOST_COLUMNS, MOST_ROWS
from contacts.importing.problems import FileProblem
from smsapp.common.sentences import say as _

DELIMITERS = (",", ";", "\t")
MOSTLY = 0.8


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written; of a workbook the sheet that is read, and all of its sheets. `names_row`: where the names of columns stand, 0 for the first."""

    encoding: str
    delimiter: str
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    names_row: int = 0

    def as_json(self) -> dict[str, object]:
        """For the import's row."""
        return asdict(self)


Row = tuple[int, list[str]]  # row of the sheet, its cells


def recognise(path: Path) -> Dialect:
    """Encoding and separator of the file. Raises FileProblem."""
    letters = encoding.recognise(path)
    with path.open(encoding=letters, newline="") as file:
        head = [line for line in islice(_lines(file), 60) if line.strip()]
    if not head:
        raise no_rows()
    named = head[0].strip().lower()
    if named.startswith("sep=") and len(named) == 5 and named[4] in DELIMITERS:  # Excel's own note
        return Dialect(letters, named[4])
    return Dialect(letters, _delimiter(head))


def named(path: Path, dialect: Dialect) -> Dialect:
    """The same, with the row that names the columns. Raises FileProblem."""
    return replace(dialect, names_row=heads.row_of_names(islice(_records(path, dialect), heads.LOOKED_AT)))


def _delimiter(head: list[str]) -> str:
    """The one that parts the first lines as it parts those below; the very first ones may be a title."""
    for start in range(max(1, min(len(head) - 1, heads.LOOKED_AT))):
        best = max(DELIMITERS, key=lambda delimiter: _fit(head[start:], delimiter))
        if _fit(head[start:], best)[0] > MOSTLY:
            return best
    return max(DELIMITERS, key=lambda delimiter: _fit(head, delimiter))


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


def header(path: Path, dialect: Dialect) -> list[str]:
    """The column names. Raises FileProblem."""
    return [cell.strip() for cell in _opened(path, dialect)[0]]


def rows(path: Path, dialect: Dialect) -> Iterator[Row]:
    """The data rows with their numbers in the sheet (the header is row 1); empty rows count but are left out. Raises FileProblem."""
    return _opened(path, dialect)[1]


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
    first = next((record for record in records if record[0] >= dialect.names_row), None)
    if first is None:
        raise no_rows()
    return first[1], records


class _Lines:
    """A file's lines for csv, at most LONGEST_ROW characters for one row: neither a line nor a quotation without end fills the memory."""

    def __init__(self, file: IO[str]) -> None:
        self.file = file
        self.row = 0
        self.left = 0
        self.of_row: list[str] = []

    def next_row(self) -> None:
        """The lines from here on are another row's."""
        self.row += 1
        self.left = LONGEST_ROW
        self.of_row = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.file.readline(self.left + 1)
        self.left -= len(line)
        if self.left < 0:
            raise FileProblem("row_too_long", _row_too_long(self.row), self.row)
        if not line:
            raise StopIteration
        self.of_row.append(line)
        return line


def _records(path: Path, dialect: Dialect) -> Iterator[Row]:
    with path.open(encoding=dialect.encoding, newline="") as file:
        _skip_separator_note(file)
        lines = _Lines(file)
        reader, width = csv.reader(lines, delimiter=dialect.delimiter), 0
        while True:
            lines.next_row()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                raise FileProblem("cell_too_long", _too_long(lines.row, None), lines.row) from None
            if len(lines.of_row) > 1 or lines.of_row[0][-1:] not in "\r\n" or (cells and "\n" in cells[-1]):
                quotes.check(lines.of_row, cells, width=width, delimiter=dialect.delimiter, row=lines.row)
            elif len(cells) > width:
                width = len(cells)
            if lines.row > MOST_ROWS + 1:
                raise FileProblem("too_many_rows", _too_many_rows(), lines.row)
            if len(cells) > MOST_COLUMNS:
                raise FileProblem("too_many_columns", _too_many_columns(lines.row), lines.row)
            if lines.left < LONGEST_ROW - LONGEST_CELL:
                _check_lengths(cells, lines.row)
            if any(cells) and any(cell.strip() for cell in cells):
                yield lines.row, cells


def _check_lengths(cells: list[str], row: int) -> None:
    for column, cell in enumerate(cells):
        if len(cell) > LONGEST_CELL:
            raise FileProblem("cell_too_long", _too_long(row, column), row)


def _skip_separator_note(file: IO[str]) -> None:
    if not file.readline(16).lower().startswith("sep="):
        file.seek(0)


def _too_long(row: int, column: int | None) -> str:
    if column is None:
        return _("A cell of row %(row)s is longer than 10,000 characters. Perhaps a quotation mark is not closed there.") % {"row": row}
    words = _("The cell %(cell)s is longer than 10,000 characters. Perhaps a quotation mark is not closed there.")
    return words % {"cell": f"{letter(column)}{row}"}


def _row_too_long(row: int) -> str:
    return _("Row %(row)s is longer than 1,000,000 characters. Perhaps a quotation mark is not closed there, or the file has no line ends.") % {"row": row}


def _too_many_rows() -> str:
    words = _("The file has more than %(most)s rows, blank ones included. Split it and import the parts one after the other.")
    return words % {"most": number_format(MOST_ROWS, use_l10n=True, force_grouping=True)}


def _too_many_columns(row: int) -> str:
    return _("Row %(row)s has more than 200 columns. Delete those that are not needed.") % {"row": row}


def no_rows() -> FileProblem:
    """A file of nothing."""
    return FileProblem("empty_file", _("The file holds no rows. Export it again with its column names in the first row."))
