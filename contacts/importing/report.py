"""What came of an import: the object that --json prints and that the import's page shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import ngettext

from contacts.importing.faults import Fault, Faults
from smsapp.common.bidi import isolated

QUIET = ("no_number", "short_row")  # lawful, and perhaps said of every row: where room is short they leave it to the others
MOST_QUIET = 200
COUNTS = ("rows", "created", "updated", "unchanged", "refused")
OPT_INS = "opt_ins"  # in what is told: entries for the consent ledger
CHANGED = "changed"  # in what is told: contacts, where `updated` counts rows
SMART_GROUP = "smart_group:"  # before its name, in what is told: how many rows name it
DAY_FIRST, MONTH_FIRST = "day_first:", "month_first:"  # before a column's name: how many of its dates could be read in two ways, and were read so
OTHER_ORDER = "other_order:"  # before a column's name: how many of its dates only fit the order that is not read
SUMS = (SMART_GROUP, DAY_FIRST, MONTH_FIRST, OTHER_ORDER)


def sums(told: Mapping[str, int]) -> list[str]:
    """Of how many rows something was said that is easily overlooked, as sentences."""
    words = {
        "refusal_lost": ngettext("%(shown)s refused row says that somebody wants no texts: nothing blocks this person by the import.",
                                 "%(shown)s refused rows say that somebody wants no texts: nothing blocks these people by the import.",
                                 told.get("refusal_lost", 0)),
        "death_lost": ngettext("%(shown)s refused row says that somebody has died: nothing marks this person by the import.",
                               "%(shown)s refused rows say that somebody has died: nothing marks these people by the import.", told.get("death_lost", 0)),
        "newer_opt_out": ngettext("%(shown)s opt-in is older than the opt-out of its person, which holds.",
                                  "%(shown)s opt-ins are older than the opt-outs of their people, which hold.", told.get("newer_opt_out", 0)),
        "other_name": ngettext("%(shown)s row gives another name to the contact who has its number.",
                               "%(shown)s rows give another name to the contacts who have their numbers.", told.get("other_name", 0)),
        "merged_person": ngettext("%(shown)s row is about somebody who was merged into another contact: it only adds what is missing there.",
                                  "%(shown)s rows are about people who were merged into other contacts: they only add what is missing there.",
                                  told.get("merged_person", 0)),
        "new_group": ngettext("%(shown)s group that rows name is new: the import makes it.",
                              "%(shown)s groups that rows name are new: the import makes them.", told.get("new_group", 0)),
        "number_shared": ngettext("%(shown)s row shares its number with another contact.",
                                  "%(shown)s rows share their numbers with other contacts.", told.get("number_shared", 0)),
        "no_number": ngettext("%(shown)s row leaves a contact without a number, who cannot be texted.",
                              "%(shown)s rows leave a contact without a number, who cannot be texted.", told.get("no_number", 0)),
        "short_row": ngettext("%(shown)s row has fewer cells than the header; the others were taken as empty.",
                              "%(shown)s rows have fewer cells than the header; the others were taken as empty.", told.get("short_row", 0)),
    }  # fmt: skip
    plain = [words[code] % {"shown": _shown(told[code])} for code in words if told.get(code)]
    return plain + [_of_sum(code, count) for code, count in told.items() if code.startswith(SUMS)]


def opt_ins(told: Mapping[str, int]) -> str:
    """What an import with a source of consent brings to the ledger."""
    count = told.get(OPT_INS, 0)
    words = ngettext("%(shown)s opt-in for the consent ledger: nobody whose row refuses gets one.",
                     "%(shown)s opt-ins for the consent ledger: nobody whose row refuses gets one.", count)  # fmt: skip
    return words % {"shown": _shown(count)}


def _of_sum(code: str, count: int) -> str:
    kind, _sign, name = code.partition(":")
    words = {
        SMART_GROUP: ngettext("%(shown)s row names the smart group “%(name)s”; its rules choose its members.",
                              "%(shown)s rows name the smart group “%(name)s”; its rules choose its members.", count),
        DAY_FIRST: ngettext("%(shown)s date in the column “%(name)s” was read with the day first: 03/04/1990 is 3 April 1990.",
                            "%(shown)s dates in the column “%(name)s” were read with the day first: 03/04/1990 is 3 April 1990.", count),
        MONTH_FIRST: ngettext("%(shown)s date in the column “%(name)s” was read with the month first: 03/04/1990 is 4 March 1990.",
                              "%(shown)s dates in the column “%(name)s” were read with the month first: 03/04/1990 is 4 March 1990.", count),
        OTHER_ORDER: ngettext(
            "%(shown)s date in the column “%(name)s” only fits the other order of day and month, and its row is refused. If all are written so, the others "
            "were read wrongly: choose the country whose order it is, or write year-month-day.",
            "%(shown)s dates in the column “%(name)s” only fit the other order of day and month, and their rows are refused. If all are written so, the others "
            "were read wrongly: choose the country whose order it is, or write year-month-day.", count),
    }  # fmt: skip
    return words[f"{kind}:"] % {"shown": _shown(count), "name": isolated(name)}


def _shown(count: int) -> str:
    return number_format(count, use_l10n=True, force_grouping=True)


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

    def refuse(self, faults: Sequence[Fault]) -> None:
        """A row that is left out, and why."""
        self.refused += 1
        self.errors.extend(faults)
        for fault in faults:
            if fault.code == "date_other_order":
                self.count(f"{OTHER_ORDER}{fault.column}")

    def warn(self, faults: Iterable[Fault]) -> None:
        """Things to look at that hold nothing back."""
        for fault in faults:
            self.count(fault.code)
            if not self.warnings.most or fault.code not in QUIET or self.told[fault.code] <= MOST_QUIET:
                self.warnings.extend([fault])

    def count(self, code: str, rows: int = 1) -> None:
        """Rows of which something is said as a sum only."""
        self.told[code] = self.told.get(code, 0) + rows

    def add(self, other: "Report") -> None:
        """Take in what came of one more batch."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.errors.extend(other.errors)
        self.warn(other.warnings)
        for code, rows in other.told.items():
            if code in (OPT_INS, CHANGED) or code.startswith(SUMS):
                self.count(code, rows)

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
