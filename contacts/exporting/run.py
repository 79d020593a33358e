"""One export from its first row to its last."""

from collections.abc import Callable
from pathlib import Path

from contacts.exporting import files
from contacts.exporting.sources import Table

AfterBatch = Callable[[int], bool]  # gets how much of the selection is dealt with; False: stop


def write(path: Path, table: Table, *, kind: str, separator: str = ",", region: str, after_batch: AfterBatch | None = None) -> int | None:
    """Write the file; returns the rows, None when it was stopped (and the file is gone)."""
    file = files.open_file(path, kind=kind, separator=separator, region=region, heads=table.heads)
    try:
        rows = _rows(file, table, after_batch)
        if rows is not None:
            file.close()
    except BaseException:
        _leave(file, path)
        raise
    if rows is None:
        _leave(file, path)
    return rows


def _rows(file: files.Writer, table: Table, after_batch: AfterBatch | None) -> int | None:
    done = rows = 0
    for dealt_with, batch in table.batches:
        for row in batch:
            file.row(row)
        done, rows = done + dealt_with, rows + len(batch)
        if after_batch and not after_batch(done):
            return None
    return rows


def _leave(file: files.Writer, path: Path) -> None:
    try:
        file.abandon()
    finally:  # a full disk also refuses what is still to be written
        path.unlink(missing_ok=True)
