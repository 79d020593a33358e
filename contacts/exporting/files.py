"""Rows to a file: CSV that spreadsheets open as text, or a workbook; row by row, in flat memory, without a formula in it."""

import csv
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _
from xlsxwriter.exceptions import FileCreateError

from contacts import custom_values
from contacts.exporting.columns import Custom, Number
from contacts.formulas import guard

LONGEST_CELL = 32_767  # of a workbook
MOST_ROWS = 1_048_575  # of a sheet, below its header
FIRST_DAY = date(1901, 1, 1)  # spreadsheets count days from 1900, and wrongly in that year
NARROWEST, WIDEST = 12, 40  # of a sheet's column, in characters


class Writer(Protocol):
    """A file that is being written."""

    def row(self, values: Sequence[Any]) -> None:
        """Write one row."""

    def close(self) -> None:
        """Complete the file."""

    def abandon(self) -> None:
        """Leave off; what is written is of no use."""


def open_file(path: Path, *, kind: str, separator: str, region: str, heads: Sequence[str]) -> Writer:
    """Begin a file with its header. `region` says how numbers with decimals are written in CSV."""
    return XlsxWriter(path, heads) if kind == "xlsx" else CsvWriter(path, separator, region, heads)


class CsvWriter:
    """UTF-8 with the mark by which spreadsheets know it."""

    def __init__(self, path: Path, separator: str, region: str, heads: Sequence[str]) -> None:
        self.region = region
        self.file = path.open("w", encoding="utf-8-sig", newline="")
        self.writer = csv.writer(self.file, delimiter=separator)
        self.row(heads)

    def row(self, values: Sequence[Any]) -> None:
        """Each value as text."""
        self.writer.writerow([self._text(value) for value in values])

    def _text(self, value: Any) -> str:
        if isinstance(value, str):
            return guard(value)
        if isinstance(value, Number):
            return guard(value.text)
        if isinstance(value, Custom):
            return guard(custom_values.as_written(value.kind, value.value, self.region))
        return _word(value)

    def close(self) -> None:
        """Complete the file."""
        self.file.close()

    def abandon(self) -> None:
        """Leave off."""
        self.file.close()


class XlsxWriter:
    """One sheet; days and numbers are typed, everything else is text."""

    def __init__(self, path: Path, heads: Sequence[str]) -> None:
        self.folder = TemporaryDirectory(dir=path.parent, prefix="sheet-")  # rows wait here until the file is put together
        as_text = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self.book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "tmpdir": self.folder.name, **as_text})
        self.book.use_zip64()
        self.sheet = self.book.add_worksheet()
        self.day, bold = self.book.add_format({"num_format": "yyyy-mm-dd"}), self.book.add_format({"bold": True})
        for place, head in enumerate(heads):
            self.sheet.set_column(place, place, min(max(len(head) + 2, NARROWEST), WIDEST))
            self.sheet.write_string(0, place, guard(head), bold)
        self.sheet.freeze_panes(1, 0)
        self.next_row = 1

    def row(self, values: Sequence[Any]) -> None:
        """Each value by its type; empty ones leave no cell."""
        for place, value in enumerate(values):
            self._write(place, _typed(value) if isinstance(value, Custom) else value)
        self.next_row += 1

    def _write(self, place: int, value: Any) -> None:
        if isinstance(value, Number):
            self.sheet.write_string(self.next_row, place, value.text)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            self.sheet.write_number(self.next_row, place, value)
        elif isinstance(value, date) and (day := _day(value)) >= FIRST_DAY:
            self.sheet.write_datetime(self.next_row, place, day, self.day)
        elif text := value if isinstance(value, str) else _word(value):
            self.sheet.write_string(self.next_row, place, guard(text)[:LONGEST_CELL])

    def close(self) -> None:
        """Put the file together."""
        try:
            self.book.close()
        except FileCreateError as problem:
            raise problem.args[0] from None  # the OSError that it hides
        self.folder.cleanup()

    def abandon(self) -> None:
        """Leave off: the rows so far go."""
        self.sheet.row_data_fh.close()
        self.folder.cleanup()


def _typed(custom: Custom) -> Any:
    if custom.kind == custom_values.NUMBER and isinstance(custom.value, (int, float)):
        return custom.value
    if custom.kind == custom_values.DATE and isinstance(custom.value, str):
        try:
            return date.fromisoformat(custom.value)
        except ValueError:
            return custom.value
    return custom_values.as_written(custom.kind, custom.value, "")


def _word(value: Any) -> str:
    """A value that is no text: nothing, yes or no, a day."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return _day(value).isoformat() if isinstance(value, date) else str(value)


def _day(value: date) -> date:
    return timezone.localdate(value) if isinstance(value, datetime) else value
