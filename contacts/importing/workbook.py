"""Workbooks (XLSX): unpacked to a table of text by a process of their own, refused in words."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from contacts.importing import limits
from contacts.importing.columns import letter
from contacts.importing.problems import FileProblem
from smsapp.common.encodings import magic_of

OLD_WORKBOOK, ARCHIVES = b"\xd0\xcf\x11\xe0", (b"PK\x03\x04", b"PK\x05\x06")
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # the name of a stream in a workbook with a password
ENDINGS = {-signal.SIGABRT: "too_much_memory", -signal.SIGKILL: "too_much_memory", -signal.SIGXCPU: "too_slow"}  # of a library that gets no memory, no time
NAMES = (".xlsx", ".xlsm")
OTHER_ARCHIVES = (  # a part that tells what an archive is
    ("xl/workbook.bin", "xlsb"),
    ("content.xml", "ods"),
    ("word/document.xml", "word"),
    ("ppt/presentation.xml", "slides"),
)


def refuse_old(path: Path) -> None:
    """What an old Excel workbook is told, or one with a password: both begin alike. Raises FileProblem."""
    has_password = False
    with path.open("rb") as file:
        before = b""
        while not has_password and (block := file.read(limits.MB)):
            has_password = ENCRYPTED in before + block
            before = block[-len(ENCRYPTED) :]
    raise _problem({"problem": "encrypted" if has_password else "old_workbook"})


def refuse_text(start: bytes, name: str) -> None:
    """What a file is told whose name says workbook and whose beginning says text. Raises FileProblem."""
    if name.lower().endswith(NAMES) and magic_of(start) is None:
        raise _problem({"problem": "only_named_so", "ending": name[name.rindex(".") :].lower()})


def unpack(path: Path, table: Path, sheet: str = "") -> dict[str, Any]:
    """Write a sheet's rows to `table` (CSV, UTF-8); tells {"sheet", "sheets"}. Raises FileProblem within seconds, whatever the file is."""
    if path.stat().st_size > limits.LARGEST_WORKBOOK:
        raise _problem({"problem": "too_large"})
    command = [sys.executable, "-m", "contacts.importing.xlsx.convert", str(path.resolve()), str(table.resolve()), sheet]
    try:
        done = subprocess.run(  # noqa: S603  (our own command; the environment, with its secrets, stays here)
            command, cwd=settings.BASE_DIR, env={"PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True, timeout=limits.SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise _problem({"problem": "too_slow"}) from None
    if done.returncode:
        raise _problem({"problem": ENDINGS.get(done.returncode, "damaged")})
    answer: dict[str, Any] = json.loads(done.stdout)
    if "problem" in answer:
        raise _problem(answer)
    return answer


def _problem(answer: dict[str, Any]) -> FileProblem:
    code = answer["problem"]
    return FileProblem(code, _SENTENCES[code](answer), answer.get("row"))


def _number(value: int) -> str:
    return number_format(value, use_l10n=True, force_grouping=True)


def _no_workbook(facts: dict[str, Any]) -> str:
    kind = next((kind for part, kind in OTHER_ARCHIVES if part in facts["parts"]), "")
    known = {
        "xlsb": _("This is a binary Excel workbook (.xlsb). Open it and save it as an Excel workbook (.xlsx) or as CSV UTF-8."),
        "ods": _("This is an OpenDocument spreadsheet (.ods). Open it and save it as an Excel workbook (.xlsx) or as CSV UTF-8."),
        "word": _("This is a Word document. Copy its table into a spreadsheet and save that as .xlsx or as CSV UTF-8."),
        "slides": _("This is a presentation. Copy its table into a spreadsheet and save that as .xlsx or as CSV UTF-8."),
    }
    return known.get(kind) or _("This is an archive without an Excel workbook in it. Unpack it and upload the .xlsx or CSV file itself.")


def _no_such_sheet(facts: dict[str, Any]) -> str:
    return _("The workbook has no sheet of this name. Choose one of: %(sheets)s.") % {"sheets": ", ".join(facts["sheets"][:20])}


def _too_many_rows(facts: dict[str, Any]) -> str:
    words = _(
        "The sheet reaches down to row %(row)s; at most %(most)s rows can be imported. Delete the rows below your table, blank ones too, or split the sheet."
    )
    return words % {"row": _number(facts["row"]), "most": _number(limits.MOST_ROWS)}


def _too_many_columns(facts: dict[str, Any]) -> str:
    words = _("The sheet reaches to column %(column)s; at most %(most)s columns can be read. Delete the columns to the right of your table, blank ones too.")
    return words % {"column": letter(facts["column"] - 1), "most": limits.MOST_COLUMNS}


def _too_many_cells(facts: dict[str, Any]) -> str:
    words = _(
        "The sheet has %(rows)s rows of %(columns)s columns, blank ones included; a workbook may have %(most)s cells. Save it as CSV UTF-8 and upload that."
    )
    return words % {"rows": _number(facts["rows"]), "columns": facts["columns"], "most": _number(limits.MOST_CELLS)}


def _cell_too_long(facts: dict[str, Any]) -> str:
    words = _("The cell %(cell)s has more than %(most)s characters. Shorten it and upload the workbook again.")
    return words % {"cell": f"{letter(facts['column'])}{facts['row']}", "most": _number(limits.LONGEST_CELL)}


def _row_too_long(facts: dict[str, Any]) -> str:
    words = _("Row %(row)s has more than %(most)s characters in all its cells. Shorten it and upload the workbook again.")
    return words % {"row": facts["row"], "most": _number(limits.LONGEST_ROW)}


def _unknown_error(facts: dict[str, Any]) -> str:
    words = _("The cell %(cell)s holds the error %(error)s. Mend it or empty it, then save the workbook and upload it again.")
    return words % {"cell": f"{letter(facts['column'])}{facts['row']}", "error": facts["error"]}


_SENTENCES: dict[str, Callable[[dict[str, Any]], str]] = {
    "damaged": lambda facts: _("This workbook is damaged or not an Excel workbook. Open it, save it again as .xlsx or as CSV UTF-8, and upload that."),
    "encrypted": lambda facts: _("The workbook is protected by a password. Save it without one and upload it again."),
    "old_workbook": lambda facts: _("This is an old Excel workbook (.xls). Open it and save it as an Excel workbook (.xlsx) or as CSV UTF-8."),
    "no_workbook": _no_workbook,
    "only_named_so": lambda facts: (
        _("This is no Excel workbook, although its name ends in %(ending)s. Save the table as one, or call the file .csv if it is a CSV file.") % facts
    ),
    "document_type": lambda facts: _("The workbook holds definitions (DTD) that no spreadsheet writes, so it is not read. Save the table as CSV UTF-8."),
    "too_large": lambda facts: (
        _("The workbook is larger than %(most)s MB. Save it as CSV UTF-8 and upload that.") % {"most": limits.LARGEST_WORKBOOK // limits.MB}
    ),
    "unpacks_too_large": lambda facts: _("The workbook unpacks to far more than its table can need, so it is not read. Save the table as CSV UTF-8."),
    "too_many_parts": lambda facts: _("The workbook is made of too many parts, so it is not read. Save the table as CSV UTF-8."),
    "too_much_memory": lambda facts: _("The workbook needs too much memory to be read. Save the table as CSV UTF-8 and upload that."),
    "too_slow": lambda facts: _("The workbook takes too long to be read. Save the table as CSV UTF-8 and upload that."),
    "no_such_sheet": _no_such_sheet,
    "empty": lambda facts: _("No sheet of the workbook has anything in it. Export it again with its column names in the first row."),
    "too_many_rows": _too_many_rows,
    "too_many_columns": _too_many_columns,
    "too_many_cells": _too_many_cells,
    "cell_too_long": _cell_too_long,
    "row_too_long": _row_too_long,
    "unknown_error": _unknown_error,
}
