"""What came of an import: the object that --json prints and that the import's page shows."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

COUNTS = ("rows", "created", "updated", "unchanged", "refused")
LONGEST_VALUE = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """Something to say about a cell (or a row, when `column` is empty). `row` is the sheet's row, the header being row 1."""

    row: int
    column: str
    value: str
    code: str
    message: str

    def as_json(self) -> dict[str, Any]:
        """For --json and the import's row."""
        return {"row": self.row, "column": self.column, "value": self.value[:LONGEST_VALUE], "code": self.code, "message": self.message}

    @classmethod
    def of_json(cls, told: dict[str, Any]) -> "Fault":
        """As kept in the import's row."""
        return cls(told["row"], told["column"], told["value"], told["code"], told["message"])


@dataclass(slots=True)
class Report:
    """Counts of rows, and faults; `most` bounds how many faults are kept (0: all)."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    errors: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    most: int = 0

    def refuse(self, faults: Iterable[Fault]) -> None:
        """A row that is left out, and why."""
        self.refused += 1
        self._keep(self.errors, faults)

    def warn(self, faults: Iterable[Fault]) -> None:
        """Things to look at that hold nothing back."""
        if faults:
            self._keep(self.warnings, faults)

    def _keep(self, kept: list[Fault], faults: Iterable[Fault]) -> None:
        for fault in faults:
            if not self.most or len(kept) < self.most:
                kept.append(fault)

    def add(self, other: "Report") -> None:
        """Take in what came of one more batch."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self._keep(self.errors, other.errors)
        self._keep(self.warnings, other.warnings)

    def plus(self, other: "Report") -> "Report":
        """Both together, as a report of its own."""
        whole = Report(**self.counts(), errors=list(self.errors), warnings=list(self.warnings), most=self.most)
        whole.add(other)
        return whole

    def counts(self) -> dict[str, int]:
        """Rows, and what becomes of them."""
        return {name: getattr(self, name) for name in COUNTS}

    def as_json(self) -> dict[str, Any]:
        """One object with the keys rows, created, updated, unchanged, refused, errors, warnings."""
        return {**self.counts(), "errors": [fault.as_json() for fault in self.errors], "warnings": [fault.as_json() for fault in self.warnings]}
