"""What each row of a batch changes, decided in memory.

The first row of a file that means a person wins over later ones. A row about somebody who was merged into a contact only adds to it.
"""

from collections.abc import Collection, Sequence
from typing import Any

from contacts import tags
from contacts.importing.consents import Consents
from contacts.importing.effects import NOBODY, Effects, Picture, called
from contacts.importing.faults import Fault
from contacts.importing.matching import EMPTY, Index, Known, Refusal, is_former, stands_for_merged
from contacts.importing.named import Named
from contacts.importing.options import Options
from contacts.importing.refusals import BLOCKS  # see contacts.importing.consents
from contacts.importing.report import CHANGED, DAY_FIRST, MONTH_FIRST, OPT_INS, SMART_GROUP, Report
from contacts.importing.rows import NAMES, Person
from contacts.services.consent import Event
from contacts.spelling import ValueProblem, folded, is_month_first
from smsapp.common.sentences import say as _

KEYS = {"external_id", "email", "first_name", "last_name", "organisation"}  # what the index is made of, besides numbers
KINDS_CLEARED = {"mobile": ("mobile",), "landline": ("landline",), "phone": ("mobile", "landline", "other")}


class Plan:
    """The changes of one batch; `report` counts this batch only, the index knows the rows of the batches before."""

    def __init__(
        self, index: Index, consents: Consents, *, options: Options, named: Named, names: dict[str, str], effects: Effects | None = None
    ) -> None:
        self.index, self.consents = index, consents
        self.everybody_joins, self.everybody_gets = frozenset(options.group_ids), list(options.tags)
        self.days_read = MONTH_FIRST if is_month_first(options.region) else DAY_FIRST
        self.named = named  # what names of groups and tags stand for
        self.names = names  # meaning -> name of its column
        self.effects = effects
        self.report = Report()
        self.planned: dict[Known, None] = {}  # in order of rows

    def add(self, person: Person) -> Fault | None:
        """Plan one row; returns why it cannot be, if so."""
        try:
            known, key = self.index.find(person)
            self.index.refuse_taken(person, known)
            if known is None:
                self._create(person)
            else:
                self._update(known, person, key)
        except Refusal as problem:
            return problem.fault(person.row, self.names)
        self.report.warn(person.warnings)
        for column in person.unsure_days:
            self.report.count(f"{self.days_read}{column}")
        return None

    def _create(self, person: Person) -> None:
        known = Known(None, EMPTY | person.values, person.numbers, row=person.row, added=person.numbers)
        known.values["tags"] = self._tags([], person)
        if person.custom:
            known.values["custom"] = {key: value for key, value in person.custom.items() if value is not None}
        known.joined = known.groups = self._groups(person)
        self.report.warn(self.consents.of_new(known, person))
        self.planned[known] = None
        self.index.add(known)
        self._warn_of_shared_number(person, known)
        self._warn_of_no_number(person, known)
        self._count("created", person, known, NOBODY)

    def _update(self, known: Known, person: Person, key: str) -> None:
        first_row, is_merged = self.index.row_of(known), stands_for_merged(known, person)
        only_adds = bool(first_row) or is_merged
        changes, left = self._changes(known, person, only_adds=only_adds)  # refuses before anything is changed
        joined = self._groups(person) - known.groups
        if key == "number" and not only_adds and _other_name(known, person):
            message = _("The contact with this number is called %(name)s and gets the name of this row. If they are two people, add an e-mail or an id.")
            self._warn(person, self._phone_column(), "other_name", message % {"name": called(known)})
        picture = self.effects.before(known) if self.effects else None
        known.row = first_row or (0 if is_merged else person.row)  # the contact's own row is still to come, perhaps
        if is_merged:
            self._warn_of_merged(person, known, left)
        elif first_row:
            self._warn_of_repetition(person, first_row, left)
        self.planned[known] = None
        before, had = _size(known), _opt_ins(known)
        self._take(known, person, changes, joined, only_adds=only_adds)
        self.report.warn(self.consents.of_known(known, person, again=only_adds, is_merged=is_merged))
        self._warn_of_no_number(person, known)
        self._count("updated" if changes or _size(known) != before else "unchanged", person, known, picture, had)

    def _count(self, outcome: str, person: Person, known: Known, before: Picture | None, had: int = 0) -> None:
        """`had`: how many opt-ins were planned for the contact before its row was heard."""
        setattr(self.report, outcome, getattr(self.report, outcome) + 1)
        if outcome == "updated" and not known.is_counted:
            self.report.count(CHANGED)
        known.is_counted |= outcome != "unchanged"
        if agreed := _opt_ins(known) - had:
            self.report.count(OPT_INS, agreed)
        if self.effects:
            self.effects.note(outcome, person.row, known, before)

    def _take(self, known: Known, person: Person, changes: dict[str, Any], joined: frozenset[int], *, only_adds: bool) -> None:
        moves = person.cleared_numbers or not KEYS.isdisjoint(changes)
        if moves:
            self.index.forget(known)
        known.values |= changes
        known.changed |= changes.keys()
        if not only_adds:
            _clear_numbers(known, person.cleared_numbers)
        added = {number: line for number, line in person.numbers.items() if number not in known.numbers}
        known.numbers |= added
        for number, line in added.items():
            if number in known.removed:
                known.removed.discard(number)  # cleared and told again: it stays as it was
            else:
                known.added[number] = line
        known.joined = known.joined | joined
        known.groups = known.groups | joined
        if moves:
            self.index.add(known)
        else:
            self.index.learn(known, {}, added)
        if added:
            self._warn_of_shared_number(person, known)

    def _changes(self, known: Known, person: Person, *, only_adds: bool) -> tuple[dict[str, Any], list[str]]:
        """Values to change, and the fields where a row that only adds differs and is not heard."""
        changes: dict[str, Any] = {}
        left = []
        for name, value in person.values.items():
            old = known.values[name]
            if old == value or name in BLOCKS or (value and name in {"external_id", "email"} and is_former(known, name, value)):
                continue
            if only_adds and old not in ("", None):
                left.append(self.names[name])
            else:
                changes[name] = value
        if person.custom:
            custom, not_heard = self._custom(known.values["custom"], person.custom, only_adds=only_adds)
            left += not_heard
            if custom != known.values["custom"]:
                changes["custom"] = custom
        if person.tags is not None or self.everybody_gets:
            kept = self._tags([] if person.tags is not None and not person.tags and not only_adds else known.values["tags"], person)
            if kept != known.values["tags"]:
                changes["tags"] = kept
        return changes, left

    def _custom(self, present: dict[str, Any], told: dict[str, Any], *, only_adds: bool) -> tuple[dict[str, Any], list[str]]:
        values, left = dict(present), []
        for key, value in told.items():
            if only_adds and key in present and value != present[key]:
                left.append(self.names.get(f"custom:{key}", key))
            elif value is None:
                values.pop(key, None)
            else:
                values[key] = value
        return values, left

    def _tags(self, present: list[str], person: Person) -> list[str]:
        """Tags with those of the row and of everybody. Raises Refusal when there are too many."""
        if not person.tags and not self.everybody_gets:
            return present
        had = {tags.same(tag) for tag in present}
        told = [self.named.tags.get(tags.same(tag), tag) for tag in (*(person.tags or ()), *self.everybody_gets)]
        more = {tags.same(tag): tag for tag in told if tags.same(tag) not in had}
        if not more:
            return present
        try:
            return [*present, *more.values()] if len(present) + len(more) <= tags.MOST else tags.clean([*present, *more.values()])
        except ValueProblem as problem:
            raise Refusal(problem.code, problem.message, meanings=["tags"]) from None

    def _warn_of_repetition(self, person: Person, first_row: int, left: Collection[str]) -> None:
        message = _("Same person as row %(row)s.") % {"row": first_row}
        if left:
            message += _("Where the two differ, row %(row)s is kept: %(columns)s.") % {"row": first_row, "columns": ", ".join(left)}
        self._warn(person, "", "repeated_person", message)

    def _warn_of_merged(self, person: Person, known: Known, left: Collection[str]) -> None:
        message = _("Somebody who was merged into %(who)s: this row only adds what is missing there.") % {"who": called(known)}
        if left:
            message += _("Kept as it is: %(columns)s.") % {"columns": ", ".join(left)}
        self._warn(person, "", "merged_person", message)

    def _warn_of_shared_number(self, person: Person, known: Known) -> None:
        number, others = self.index.others_with(person, known)
        if not others:
            return
        other, email = others[0], known.values["email"]
        message = _("Shares the number of %(who)s. If they are one person, merge the two. In one mailing it gets one text.") % {"who": called(other)}
        if email and other.values["email"] and email.upper() != other.values["email"].upper():
            words = _("%(who)s has this number too, with another e-mail (%(email)s). If they are one person, merge the two. In one mailing it gets one text.")
            message = words % {"who": called(other), "email": other.values["email"]}
        self.report.warn([Fault(person.row, self._phone_column(), number, "number_shared", message)])

    def _warn_of_no_number(self, person: Person, known: Known) -> None:
        """Lawful, and easily overlooked. A file without numbers is told once (contacts.importing.heads)."""
        if not known.numbers and (column := self._phone_column()):
            self._warn(person, column, "no_number", _("No number: this contact cannot be texted."))

    def _warn(self, person: Person, column: str, code: str, message: str) -> None:
        self.report.warn([Fault(person.row, column, "", code, message)])

    def _groups(self, person: Person) -> frozenset[int]:
        if not person.groups:
            return self.everybody_joins
        told = {name.casefold() for name in person.groups}
        for key in told & self.named.smart.keys():
            self.report.count(f"{SMART_GROUP}{self.named.smart[key]}")
        return self.everybody_joins | {self.named.groups[key] for key in told - self.named.smart.keys()}

    def _phone_column(self) -> str:
        return next((self.names[name] for name in ("mobile", "phone", "landline") if name in self.names), "")


def _size(known: Known) -> tuple[int, ...]:
    """Grows with each thing that is planned for a contact."""
    return len(known.changed), len(known.added), len(known.removed), len(known.joined), len(known.consents)


def _opt_ins(known: Known) -> int:
    return sum(entry.event == Event.OPT_IN for entry in known.consents)


def _clear_numbers(known: Known, cleared: Sequence[str]) -> None:
    for meaning in cleared:
        gone = {number for number, line in known.numbers.items() if line.kind in KINDS_CLEARED[meaning]}
        known.removed |= gone - known.added.keys()
        for number in gone:
            del known.numbers[number]
            known.added.pop(number, None)


def _other_name(known: Known, person: Person) -> bool:
    """First or last name is told and known, and not the same; accents and capitals make no other name."""
    pairs = [(folded(known.values[name]), folded(person.values.get(name, ""))) for name in NAMES]
    return any(old and new and old != new for old, new in pairs)
