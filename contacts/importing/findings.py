"""What the page of an import shows of the person's own sheet: rows with the faults in their cells."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from contacts.importing import cells, columns, reader
from contacts.importing.faults import Fault
from contacts.importing.problems import FileProblem
from contacts.models import ImportJob
from contacts.services import imports

ROWS = 50
SHOWN_CELL = 120


def first_rows(job: ImportJob, most: int) -> Iterator[reader.Row]:
    """Sample rows, cells padded to the header's width."""
    dialect = imports.dialect_of(job)
    width = len(reader.header(imports.table_path(job), dialect))
    for number, row in islice(reader.rows(imports.table_path(job), dialect), most):
        yield number, [_shown(cell) for cell in [*row, *[""] * (width - len(row))][:width]]


def _shown(cell: str) -> str:
    if cell == f"{cells.NO_VALUE}=":
        return _("formula without a value")
    return cell.lstrip(cells.NO_VALUE)[:SHOWN_CELL]


def of(job: ImportJob, *, show: str, start: str) -> dict[str, Any]:
    """A page of refused rows, or of rows with warnings, as {"names", "sheet", "next_row", …}."""
    warned = show == "warnings" or (not show and not job.report.get("errors") and bool(job.report.get("warnings")))
    faults = job.report.get("warnings" if warned else "errors", [])
    beginning = int(start) if start.isascii() and start.isdigit() and len(start) < 10 else 0
    by_row: dict[int, list[Fault]] = defaultdict(list)
    for fault in map(Fault.of_json, faults):
        by_row[fault.row].append(fault)
    numbers = sorted(number for number in by_row if number >= beginning)
    page = numbers[:ROWS]
    base = {"warned": warned, "warnings": len({fault["row"] for fault in job.report.get("warnings", [])}), "kept": len(by_row)}
    try:
        header = reader.header(imports.table_path(job), imports.dialect_of(job))
        rows = reader.some_rows(imports.table_path(job), imports.dialect_of(job), set(page)) if page else {}
        rows[imports.dialect_of(job).names_row or 1] = header
    except (FileProblem, OSError):
        return base | {"names": [], "sheet": [], "next_row": None, "first_page": True}
    custom = columns.custom_fields()
    names = [(name, columns.label_of(job.mapping.get(str(index), ""), custom)) for index, name in enumerate(columns.names(header))]
    sheet = [_line(number, rows.get(number, []), [name for name, _field in names], by_row[number]) for number in page]
    return base | {"names": names, "sheet": sheet, "next_row": numbers[ROWS] if len(numbers) > ROWS else None, "first_page": not beginning}


def _line(number: int, row: list[str], names: list[str], faults: list[Fault]) -> dict[str, Any]:
    """A row: its cells with the sentences that belong to them, and the sentences about the whole row."""
    by_column: dict[str, list[str]] = defaultdict(list)
    for fault in faults:
        by_column[fault.column].append(fault.message)
    shown = [{"text": _shown(row[index]) if index < len(row) else "", "why": by_column.get(name, [])} for index, name in enumerate(names)]
    return {"row": number, "cells": shown, "about": [fault.message for fault in faults if fault.column not in names], "faults": faults}
