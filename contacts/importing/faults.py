"""What is to be said about cells and rows of a file: in order, however many."""

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from smsapp.common import sentences

LONGEST_VALUE = 200
IN_MEMORY = 5_000  # more than that wait in a file: a million faults would fill the memory of a small machine


@dataclass(frozen=True, slots=True)
class Fault:
    """Something to say about a cell (or a row, when `column` is empty). `row` is the sheet's row, the header being row 1."""

    row: int
    column: str
    value: str
    code: str
    message: str  # a Sentence, which can be told again in another language

    def as_json(self) -> dict[str, Any]:
        """For --json and the import's row."""
        return {"row": self.row, "column": self.column, "value": self.value[:LONGEST_VALUE], "code": self.code, "message": self.message}

    def kept(self) -> dict[str, Any]:
        """For the import's row: with what is needed to say it in another language."""
        return self.as_json() | {"said": sentences.as_json(sentences.of(self.message))}

    @classmethod
    def of_json(cls, told: dict[str, Any]) -> "Fault":
        """As kept in the import's row, in the language of now."""
        return cls(told["row"], told["column"], told["value"], told["code"], sentences.retold(told["said"]) if "said" in told else told["message"])


class Faults:
    """Faults in the order in which they were found; at most `most` of them (0: all)."""

    def __init__(self, faults: Iterable[Fault] = (), most: int = 0) -> None:
        self.most = most
        self._first: list[Fault] = []
        self._more: IO[bytes] | None = None
        self._count = 0
        self.extend(faults)

    def extend(self, faults: Iterable[Fault]) -> None:
        """Add them, as far as there is room."""
        for fault in faults:
            if self.most and self._count >= self.most:
                return
            self._count += 1
            if len(self._first) < IN_MEMORY:
                self._first.append(fault)
            else:
                self._put_away(fault)

    def _put_away(self, fault: Fault) -> None:
        if self._more is None:
            self._more = tempfile.TemporaryFile("w+b")  # noqa: SIM115 (lives as long as the faults)
        self._more.write(json.dumps(fault.kept()).encode() + b"\n")

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Fault]:
        yield from self._first
        place = 0
        for _number in range(self._count - len(self._first)):
            assert self._more is not None
            self._more.seek(place)
            line = self._more.readline()
            place += len(line)
            self._more.seek(0, os.SEEK_END)  # where the next one is written
            yield Fault.of_json(json.loads(line))
