"""A quotation mark that is not closed makes one cell of the lines below it: seen where a row goes over several lines."""

import csv
from collections.abc import Sequence

from contacts.importing.problems import FileProblem
from smsapp.common.sentences import say as _


def check(lines: Sequence[str], cells: Sequence[str], *, width: int, delimiter: str, row: int) -> None:
    """Asked of rows of several lines, and of the last one, whose end may belong to a cell. Raises FileProblem.

    `lines` are the row's, `cells` what was read of it, `width` the cells of the widest row above.
    """
    swallows = len(cells) < width and any("\n" in cell and delimiter in cell for cell in cells)
    if swallows or _is_torn(lines, delimiter):
        words = _("A quotation mark that opens in row %(row)s is not closed there, so the lines below it would become part of one cell.")
        more = _("Close it or take it out, and upload the file again.")
        raise FileProblem("open_quote", words % {"row": row} + more, row)


def _is_torn(lines: Sequence[str], delimiter: str) -> bool:
    """A quotation has no end, or ends in the middle of a cell: the mark that ends it began another one."""
    if not any('"' in line for line in lines):
        return False
    try:
        for _cells in csv.reader(lines, delimiter=delimiter, strict=True):
            pass
    except csv.Error:
        return True
    return False
