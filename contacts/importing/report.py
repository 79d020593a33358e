"""What came of an import: the object that --json prints and that the import's page shows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from contacts.importing.faults import Fault, Faults

COUNTS = ("rows", "created", "updated", "unchanged", "refused")


@dataclass(slots=True)
class Report:
    """Counts of rows, and faults."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    errors: Faults = field(default_factory=Faults)
    warnings: Faults = field(default_factory=Faults)

    @classmethod
    def bounded(cls, most: int, errors: Iterable[Fault] = (), warnings: Iterable[Fault] = (), **counts: int) -> "Report":
        """One that keeps so many faults of each kind."""
        return cls(**counts, errors=Faults(errors, most), warnings=Faults(warnings, most))

    def refuse(self, faults: Iterable[Fault]) -> None:
        """A row that is left out, and why."""
        self.refused += 1
        self.errors.extend(faults)

    def warn(self, faults: Sequence[Fault]) -> None:
        """Things to look at that hold nothing back."""
        if faults:
            self.warnings.extend(faults)

    def add(self, other: "Report") -> None:
        """Take in what came of one more batch."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.errors.extend(other.errors)
        self.warnings.extend(other.warnings)

    def plus(self, other: "Report") -> "Report":
        """Both together, as a report of its own."""
        whole = Report.bounded(self.errors.most, self.errors, self.warnings, **self.counts())
        whole.add(other)
        return whole

    def counts(self) -> dict[str, int]:
        """Rows, and what becomes of them."""
        return {name: getattr(self, name) for name in COUNTS}

    def as_json(self) -> dict[str, Any]:
        """One object with the keys rows, created, updated, unchanged, refused, errors, warnings."""
        return {**self.counts(), "errors": [fault.as_json() for fault in self.errors], "warnings": [fault.as_json() for fault in self.warnings]}
