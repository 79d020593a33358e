"""What each row of a batch changes, decided in memory; the first row of a file that means a person wins over later ones."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from contacts.importing import matching
from contacts.importing.matching import Ambiguous, Index, Known
from contacts.importing.report import Fault, Report
from contacts.importing.rows import Person

EMPTY: dict[str, Any] = dict.fromkeys(matching.COLUMNS, "") | {"birth_date": None, "do_not_sms": False, "opted_out": False}
PROTECTED = {"do_not_sms", "opted_out"}  # an import may set these and never lifts them


class Plan:
    """The changes of one batch; `report` counts this batch only, `touched` is {contact id: first row} of the batches before."""

    def __init__(
        self, index: Index, touched: Mapping[int, int], *, everybody_joins: Iterable[int], group_ids: Mapping[str, int], columns: Mapping[str, str]
    ) -> None:
        self.index = index
        self.touched = touched
        self.everybody_joins = set(everybody_joins)
        self.group_ids = group_ids  # case-folded name -> id
        self.columns = columns  # meaning -> name of its column
        self.report = Report()
        self.planned: dict[int, Known] = {}  # by identity, in order of rows

    def add(self, person: Person) -> Fault | None:
        """Plan one row; returns why it cannot be, if so."""
        try:
            known, key = self.index.find(person)
        except Ambiguous as problem:
            column = self.columns["email"] if problem.code == "ambiguous_email" else self._phone_column()
            return matching.fault(person, problem, column)
        self.report.warn(person.warnings)
        if known is None:
            self._create(person)
        else:
            self._update(known, person, key)
        return None

    def _create(self, person: Person) -> None:
        known = Known(None, EMPTY | person.values, dict(person.numbers), row=person.row, added=dict(person.numbers), joined=self._groups(person))
        known.groups |= known.joined
        self.planned[id(known)] = known
        self.index.add(known)
        self._warn_of_shared_number(person, known)
        self.report.created += 1

    def _update(self, known: Known, person: Person, key: str) -> None:
        first_row = known.row or self.touched.get(known.id or 0, 0)
        known.row = first_row or person.row
        if key == "number" and not first_row and _other_name(known, person):
            self._warn(person, self._phone_column(), "other_name", _("The contact with this number had another name."))
        changes = self._changes(known, person, first_row)
        added = {number: kind for number, kind in person.numbers.items() if number not in known.numbers}
        joined = self._groups(person) - known.groups
        self._take(known, changes, added, joined)
        if added:
            self._warn_of_shared_number(person, known)
        if changes or added or joined:
            self.report.updated += 1
        else:
            self.report.unchanged += 1

    def _take(self, known: Known, changes: dict[str, Any], added: dict[str, str], joined: set[int]) -> None:
        known.values |= changes
        known.changed |= changes
        known.numbers |= added
        known.added |= added
        known.joined |= joined
        known.groups |= joined
        self.planned[id(known)] = known
        self.index.learn(known, changes, added)

    def _changes(self, known: Known, person: Person, first_row: int) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        left = []
        for name, value in person.values.items():
            old = known.values[name]
            if old == value:
                continue
            if name in PROTECTED:
                if value:
                    changes[name] = True
                else:
                    self._warn(person, self.columns[name], "block_kept", _("The contact stays blocked. An import never lifts a block."))
            elif first_row and old not in ("", None):
                left.append(name)
            else:
                changes[name] = value
        if first_row:
            self._warn_of_repetition(person, first_row, left)
        return changes

    def _warn_of_repetition(self, person: Person, first_row: int, left: list[str]) -> None:
        message = _("Same person as row %(row)s.") % {"row": first_row}
        if left:
            message += " " + _("Where the two differ, row %(row)s is kept: %(columns)s.") % {
                "row": first_row,
                "columns": ", ".join(self.columns[name] for name in left),
            }
        self._warn(person, "", "repeated_person", message)

    def _warn_of_shared_number(self, person: Person, known: Known) -> None:
        if number := self.index.others_with(person, known):
            message = _("Another contact has this number too. In one mailing it gets one text.")
            self.report.warn([Fault(person.row, self._phone_column(), number, "number_shared", message)])

    def _warn(self, person: Person, column: str, code: str, message: str) -> None:
        self.report.warn([Fault(person.row, column, "", code, message)])

    def _groups(self, person: Person) -> set[int]:
        return self.everybody_joins | {self.group_ids[name.casefold()] for name in person.groups}

    def _phone_column(self) -> str:
        return next((self.columns[name] for name in ("mobile", "phone", "landline") if name in self.columns), "")


def _other_name(known: Known, person: Person) -> bool:
    """Both names are told and known, and neither is the same."""
    pairs = [(known.values[name].casefold(), person.values.get(name, "").casefold()) for name in ("first_name", "last_name")]
    return all(old and new and old != new for old, new in pairs)
