"""`python -m contacts.importing.xlsx.convert FILE TABLE [SHEET]`: a workbook's sheet as a CSV file, its facts as one line of JSON.

Runs as a process of its own, with bounds on memory and time that it sets itself: the library takes a whole sheet into memory, and ends the
process when that fails. Looks through the file before the library does. A cell that holds an error, or a formula without a value, is written
as a zero byte and what stands there: no text of a file can hold one.
"""

import csv
import json
import math
import resource
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from contacts.importing import limits
from contacts.importing.xlsx import scan
from contacts.importing.xlsx.container import Container, Problem

EXACT = 2**53  # whole numbers beyond are rounded by the spreadsheet
NO_VALUE = "\0"  # begins a cell that cannot be read


def convert(path: Path, table: Path, wanted: str) -> dict[str, Any]:
    """Write the sheet (the first with anything in it, unless one is named) and tell {"sheet", "sheets"}. Raises Problem."""
    container = Container(path)
    known = scan.sheets(container)
    sheet, extent = _choose(container, known, wanted)
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for row in _rows(path, sheet.name, extent):
            writer.writerow(row)
    return {"sheet": sheet.name, "sheets": [each.name for each in known]}


def _choose(container: Container, known: list[scan.Sheet], wanted: str) -> tuple[scan.Sheet, scan.Extent]:
    if wanted:
        for sheet in known:
            if sheet.name.casefold() == wanted.casefold():
                return sheet, scan.extent(container, sheet)
        raise Problem("no_such_sheet", sheets=[sheet.name for sheet in known])
    for sheet in sorted(known, key=lambda sheet: sheet.hidden):
        extent = scan.extent(container, sheet)
        if extent.has_values:
            return sheet, extent
    raise Problem("empty")


def _rows(path: Path, name: str, extent: scan.Extent) -> Iterator[list[str]]:
    """Texts of the sheet, from its row 1 on; a blank row is empty."""
    import python_calamine  # only now: the bounds are set and the file is looked through

    suspects = iter(extent.suspects)
    suspect = next(suspects, None)
    try:
        sheet = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_name(name)
    except python_calamine.PasswordError:
        raise Problem("encrypted") from None
    except (python_calamine.CalamineError, ValueError, OSError):
        raise Problem("damaged") from None
    blank = [""] * (sheet.start or (0, 0))[1]  # the library leaves out blank columns at the left, and keeps blank rows at the top
    for number, values in enumerate(sheet.iter_rows(), 1):
        cells = [*blank, *map(text_of, values)]
        while suspect is not None and suspect >> 20 <= number:
            _mark(cells, suspect, number)
            suspect = next(suspects, None)
        yield _checked(cells, number)


def _mark(cells: list[str], suspect: int, number: int) -> None:
    column, kind = (suspect >> 4) & 0xFFFF, suspect & 15
    if suspect >> 20 != number:
        return
    cells += [""] * (column + 1 - len(cells))
    if kind == scan.FORMULA:
        cells[column] = cells[column] or f"{NO_VALUE}="
    else:
        cells[column] = NO_VALUE + scan.ERRORS[kind - 1]


def _checked(cells: list[str], number: int) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    for column, cell in enumerate(cells):
        if len(cell) > limits.LONGEST_CELL:
            raise Problem("cell_too_long", row=number, column=column)
    if sum(map(len, cells)) > limits.LONGEST_ROW:
        raise Problem("row_too_long", row=number)
    return cells


def text_of(value: Any) -> str:
    """A cell's value as people would type it: whole numbers without .0, days as 1990-04-17; a number that was rounded in scientific form."""
    return _TEXTS[type(value)](value)


def _text(value: str) -> str:
    if "\0" in value:  # written as _x0000_ in the file
        return NO_VALUE + value.replace("\0", "")
    return f"'{value}" if value.startswith("=") else value  # text and no formula: the apostrophe that the import takes off


def _number(value: float) -> str:
    if not math.isfinite(value):
        return NO_VALUE
    if abs(value) >= EXACT:
        return f"{value:.14e}"
    if value == int(value):
        return str(int(value))
    whole, _point, fraction = format(Decimal(f"{value:.15g}"), "f").partition(".")
    if not fraction:
        return whole
    return f"{whole}.{fraction}0" if len(fraction) == 3 else f"{whole}.{fraction}"  # 1.234 could be read as 1234


def _moment(value: datetime) -> str:
    return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")


_TEXTS: dict[type, Callable[[Any], str]] = {
    str: _text,
    float: _number,
    int: _number,
    bool: lambda value: "TRUE" if value else "FALSE",
    datetime: _moment,
    date: date.isoformat,
    time: time.isoformat,
    timedelta: str,
}


def bound() -> None:
    """No more memory and time than a large workbook needs."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.MEMORY, limits.MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.SECONDS, limits.SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(path: str, table: str, wanted: str = "") -> int:
    """Print {"sheet", "sheets"}, or {"problem", …}; the exit code is 0 either way."""
    bound()
    try:
        answer = convert(Path(path), Path(table), wanted)
    except Problem as problem:
        answer = {"problem": problem.code, **problem.facts}
    except MemoryError:
        answer = {"problem": "too_much_memory"}
    sys.stdout.write(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
