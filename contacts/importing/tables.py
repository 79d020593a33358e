"""Any file that can be imported, as a table of text: a CSV file is one, a sheet of a workbook is unpacked to one."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contacts.importing import encoding, reader, workbook
from contacts.importing.reader import Dialect


def open_table(path: Path, unpacked: Path, sheet: str = "", *, name: str = "") -> Dialect:
    """How to read the file's table, which stands in `unpacked` when the file is a workbook, else in the file itself. Raises FileProblem.

    `name` is what people call the file, where that is not its path.
    """
    encoding.check_size(path)
    with path.open("rb") as file:
        start = file.read(4)
    if start == workbook.OLD_WORKBOOK:
        workbook.refuse_old(path)
    if not start.startswith(workbook.ARCHIVES):
        workbook.refuse_text(start, name or path.name)
        return reader.named(path, reader.recognise(path))
    known = workbook.unpack(path, unpacked, sheet)
    return reader.named(unpacked, Dialect("utf-8", ",", known["sheet"], tuple(known["sheets"])))


@contextmanager
def table_of(path: Path, sheet: str = "") -> Iterator[tuple[Path, Dialect]]:
    """The table of a file and how to read it, for as long as the block lasts. Raises FileProblem."""
    with tempfile.TemporaryDirectory(prefix="import-") as folder:
        unpacked = Path(folder) / "table.csv"
        dialect = open_table(path, unpacked, sheet)
        yield (unpacked if dialect.sheet else path), dialect
