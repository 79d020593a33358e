"""Refused rows with their reasons: kept as they were found, and given out as a file of CSV in the language of who asks for it."""

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from django.utils import translation
from django.utils.translation import gettext as _

from contacts.formulas import guard
from contacts.importing import cells
from contacts.importing.faults import Fault
from smsapp.common import sentences


class Keeper:
    """Writes rows as they are refused: the header first, then a line each."""

    def __init__(self, file: IO[str], header: Sequence[str]) -> None:
        self.file, self.width = file, len(header)
        self._write(list(header))

    def add(self, row_cells: list[str], faults: Sequence[Fault]) -> None:
        """One row, with all that is wrong with it."""
        padded = [*row_cells, *[""] * (self.width - len(row_cells))]
        self._write([faults[0].row, padded, [(fault.column, sentences.as_json(sentences.of(fault.message))) for fault in faults]])

    def _write(self, told: Any) -> None:
        self.file.write(json.dumps(told) + "\n")


class _Lines:
    """What csv writes to, so that each line can be handed on."""

    def write(self, line: str) -> str:
        """As a file would."""
        return line


def as_csv(path: Path, delimiter: str, language: str) -> Iterator[str]:
    """The lines of the file, whoever reads them later. Raises OSError when nothing is kept."""
    return _lines(path.open(encoding="utf-8"), csv.writer(_Lines(), delimiter=delimiter), language)


def _lines(kept: IO[str], writer: Any, language: str) -> Iterator[str]:
    with kept:
        header = json.loads(next(kept, "[]"))
        with translation.override(language):
            titles = [*map(_safe, header), _("Row"), _("Reason")]
        yield "\ufeff" + writer.writerow(titles)
        for line in kept:
            row, row_cells, faults = json.loads(line)
            with translation.override(language):
                reasons = " ".join(_reason(column, said) for column, said in faults)
            yield writer.writerow([*map(_safe, row_cells), row, _safe(reasons)])


def _reason(column: str, said: list[Any]) -> str:
    sentence = sentences.retold(said)
    return f"{column}: {sentence}" if column else str(sentence)


def _safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; the import takes the apostrophe off again."""
    return guard(cell.lstrip(cells.NO_VALUE))
