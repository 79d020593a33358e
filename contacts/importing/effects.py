"""What each accepted row would do, as the trial run finds it: kept in files beside the upload, and read a page at a time."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import date
from itertools import islice
from pathlib import Path
from typing import IO, Any

from contacts.importing.matching import COLUMNS, Known

OUTCOMES = ("created", "updated", "unchanged")
MOST = 20_000  # rows of each outcome that are kept; the counts go on
PAGE = 25
APART = {"tags", "custom"}  # values that are made of several
Picture = tuple[dict[str, Any], frozenset[str], frozenset[int]]  # single values, tags, groups


class Effects:
    """Takes down rows while there is room."""

    def __init__(self, files: Mapping[str, IO[str]]) -> None:
        self.files = files
        self.room = dict.fromkeys(OUTCOMES, MOST)
        self.group_names: Mapping[int, str] = {}

    def before(self, known: Known) -> Picture | None:
        """How a contact is before its row is heard; None when nobody would look at it."""
        return picture(known) if self.room["updated"] or self.room["unchanged"] else None

    def note(self, outcome: str, row: int, known: Known, before: Picture | None) -> None:
        """Take down what came of a row."""
        if not self.room[outcome] or before is None:
            return
        self.room[outcome] -= 1
        values, tags, groups = picture(known)
        old, had_tags, had_groups = before
        told = {
            "row": row, "id": known.id if known.id and known.id > 0 else None, "who": called(known), "was": _name(old), "becomes": _name(values),
            "changes": [(name, old.get(name), values.get(name)) for name in {**values, **old} if (old.get(name) or None) != (values.get(name) or None)],
            "groups": sorted(self.group_names.get(group, "") for group in groups - had_groups), "tags": sorted(tags - had_tags),
        }  # fmt: skip
        self.files[outcome].write(json.dumps(told, default=date.isoformat) + "\n")


NOBODY: Picture = ({}, frozenset(), frozenset())


def picture(known: Known) -> Picture:
    """A contact's values by meaning, numbers by themselves, custom fields as custom:key."""
    values = {name: known.values[name] for name in COLUMNS if name not in APART}
    values |= {f"custom:{key}": value for key, value in known.values["custom"].items()}
    values |= {f"number:{number}": number for number in known.numbers}
    return values, frozenset(known.values["tags"]), frozenset(known.groups)


def called(known: Known) -> str:
    """What to call somebody: by name, else by what there is."""
    values = known.values
    name = f"{values['first_name']} {values['last_name']}".strip()
    return str(name or values["organisation"] or values["email"] or next(iter(known.numbers), "") or values["external_id"])


def _name(values: Mapping[str, Any]) -> str:
    return f"{values.get('first_name', '')} {values.get('last_name', '')}".strip()


def path_of(upload: Path, outcome: str) -> Path:
    """The file of an outcome beside the upload."""
    return upload.with_suffix(f".{outcome}.jsonl")


@contextmanager
def kept_beside(upload: Path) -> Iterator[Effects]:
    """New files for a trial run."""
    with ExitStack() as stack:
        yield Effects({outcome: stack.enter_context(path_of(upload, outcome).open("w", encoding="utf-8")) for outcome in OUTCOMES})


def forget(upload: Path) -> None:
    """Delete the files: they say what would happen to people as they were at the time."""
    for outcome in OUTCOMES:
        path_of(upload, outcome).unlink(missing_ok=True)


def page(upload: Path, outcome: str, place: int) -> tuple[list[dict[str, Any]], int | None]:
    """Rows from a place in the file on, and the place of the next ones. Raises OSError when there is no such file."""
    with path_of(upload, outcome).open("rb") as file:
        file.seek(max(0, place - 1))
        if place and file.read(1) != b"\n":
            file.seek(0)  # a place that we never told
        lines = list(islice(iter(file.readline, b""), PAGE))
        following = file.tell()
        has_more = bool(file.read(1))
    return [json.loads(line) for line in lines], following if has_more else None
