"""What came of an import: the object that --json prints and that the import's page shows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import ngettext

from contacts.importing.faults import Fault, Faults

QUIET = ("no_number", "short_row")  # lawful, and perhaps said of every row: where room is short they leave it to the others
MOST_QUIET = 200
COUNTS = ("rows", "created", "updated", "unchanged", "refused")


def sums(told: Mapping[str, int]) -> list[str]:
    """Of how many rows something was said that is easily overlooked, as sentences."""
    words = {
        "refusal_lost": ngettext("%(shown)s refused row says that somebody wants no texts: nothing blocks this person by the import.",
                                 "%(shown)s refused rows say that somebody wants no texts: nothing blocks these people by the import.",
                                 told.get("refusal_lost", 0)),
        "no_number": ngettext("%(shown)s row leaves a contact without a number, who cannot be texted.",
                              "%(shown)s rows leave a contact without a number, who cannot be texted.", told.get("no_number", 0)),
        "short_row": ngettext("%(shown)s row has fewer cells than the header; the others were taken as empty.",
                              "%(shown)s rows have fewer cells than the header; the others were taken as empty.", told.get("short_row", 0)),
    }  # fmt: skip
    return [words[code] % {"shown": number_format(told[code], use_l10n=True, force_grouping=True)} for code in words if told.get(code)]


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
    told: dict[str, int] = field(default_factory=dict)  # code of a warning -> how often, also where not all are kept

    @classmethod
    def bounded(cls, most: int, errors: Iterable[Fault] = (), warnings: Iterable[Fault] = (), **counts: Any) -> "Report":
        """One that keeps so many faults of each kind."""
        return cls(**counts, errors=Faults(errors, most), warnings=Faults(warnings, most))

    def refuse(self, faults: Iterable[Fault]) -> None:
        """A row that is left out, and why."""
        self.refused += 1
        self.errors.extend(faults)

    def warn(self, faults: Iterable[Fault]) -> None:
        """Things to look at that hold nothing back."""
        for fault in faults:
            count = self.told[fault.code] = self.told.get(fault.code, 0) + 1
            if not self.warnings.most or fault.code not in QUIET or count <= MOST_QUIET:
                self.warnings.extend([fault])

    def add(self, other: "Report") -> None:
        """Take in what came of one more batch."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.errors.extend(other.errors)
        self.warn(other.warnings)

    def plus(self, other: "Report") -> "Report":
        """Both together, as a report of its own."""
        whole = Report.bounded(self.errors.most, self.errors, self.warnings, **self.counts())
        whole.told = dict(self.told)
        whole.add(other)
        return whole

    def counts(self) -> dict[str, int]:
        """Rows, and what becomes of them."""
        return {name: getattr(self, name) for name in COUNTS}

    def as_json(self) -> dict[str, Any]:
        """For the import's row: counts and faults."""
        return {**self.counts(), "errors": [fault.kept() for fault in self.errors], "warnings": [fault.kept() for fault in self.warnings]}
