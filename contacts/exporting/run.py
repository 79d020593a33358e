"""One export from its first row to its last."""

from collections.abc import Callable, Sequence
from pathlib import Path

from contacts.exporting import columns, files
from contacts.exporting.batches import batches, most_numbers
from contacts.models.contact import ContactQuerySet

AfterBatch = Callable[[int], bool]  # gets how many people are dealt with; False: stop


def write(
    path: Path, contacts: ContactQuerySet, keys: Sequence[str], *, kind: str, separator: str = ",", region: str, after_batch: AfterBatch | None = None
) -> int | None:
    """Write the file in the active language; returns the rows, None when it was stopped (and the file is gone)."""
    wanted = columns.chosen(keys, most_numbers=max(most_numbers(contacts), 1) if "numbers" in keys else 1)
    file = files.open_file(path, kind=kind, separator=separator, region=region, heads=[str(head) for column in wanted for head in column.heads])
    try:
        rows = _rows(file, contacts, wanted, after_batch)
        if rows is not None:
            file.close()
    except BaseException:
        _leave(file, path)
        raise
    if rows is None:
        _leave(file, path)
    return rows


def _rows(file: files.Writer, contacts: ContactQuerySet, wanted: Sequence[columns.Column], after_batch: AfterBatch | None) -> int | None:
    done = rows = 0
    for people, batch in batches(contacts, wanted):
        for row in batch:
            file.row(row)
        done, rows = done + people, rows + len(batch)
        if after_batch and not after_batch(done):
            return None
    return rows


def _leave(file: files.Writer, path: Path) -> None:
    try:
        file.abandon()
    finally:  # a full disk also refuses what is still to be written
        path.unlink(missing_ok=True)
