"""A row of cells to a person's values, or to the faults of its cells."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from contacts import custom_values, spelling
from contacts.importing import cells, columns, deaths, refusals
from contacts.importing.faults import Fault
from contacts.importing.options import Options
from contacts.models import CustomField
from contacts.services.numbers import Line
from smsapp.common import phone, sentences
from smsapp.common.sentences import say as _

NAMES = ("first_name", "last_name")
FLAGS = ("do_not_sms", "opted_out", "opted_in", "deceased")
EMPTIED: dict[str, Any] = {"birth_date": None}  # what a cleared field holds, where that is no empty text
REMEMBERED = 2_000  # different cells of a column whose value is kept: groups, choices, marks in boxes
FORMULA = re.compile(r"[=+]\s*([^=+()]+)(?:\(\))?")  # =TRUE, =VRAI(), =1
UNKNOWN = object()


@dataclass(slots=True)
class Person:
    """What one row says of one person: only what is written, so that empty cells erase nothing.

    A cleared field stands in `values` (and in `custom`) as empty. `numbers` by E.164; `cleared_numbers` are the columns that clear theirs.
    """

    row: int
    values: dict[str, Any] = field(default_factory=dict)
    numbers: dict[str, Line] = field(default_factory=dict)
    cleared_numbers: Sequence[str] = ()
    groups: Sequence[str] = ()
    tags: Sequence[str] | None = None  # empty: cleared
    custom: dict[str, Any] | None = None
    opted_in: bool | None = None
    opt_in_date: date | None = None
    warnings: Sequence[Fault] = ()
    unsure_days: Sequence[str] = ()  # columns whose date is another day in the other order of day and month


Put = Callable[[Person, "Column", Any, str], None]


class Column:
    """A column that means something: cleans its cells and puts their values on the row's person."""

    def __init__(self, index: int, meaning: str, name: str, clean: Callable[[str], Any], put: Put) -> None:
        self.index, self.meaning, self.name = index, meaning, name
        self.clean, self.put = clean, put
        self.is_phone = meaning in columns.PHONES
        self.tell = cells.number_text if self.is_phone else cells.one_line if meaning in NAMES else cells.told
        self.known: dict[str, Any] = {}

    def read(self, raw: str) -> Any:
        """The value of a cell; None when it says nothing. Raises CellProblem or PhoneError."""
        value = self.known.get(raw, UNKNOWN)
        if value is not UNKNOWN:
            return value
        text = self.tell(raw)
        value = self.clean(text) if text else None
        if len(self.known) < REMEMBERED:
            self.known[raw] = value
        return value


class Checker:
    """Reads rows of one file; built once, so that each row costs only its cells."""

    def __init__(
        self, header: Sequence[str], mapping: Mapping[int, str], custom: columns.Custom, *, options: Options, today: date, is_sheet: bool = False
    ) -> None:
        self.options, self.today = options, today
        self.width = len(header)
        self.least = 0 if is_sheet else self.width  # cells that a row must have; a sheet's rows end where nothing more stands
        self.names = columns.names(header)
        self.columns = [self._column(index, meaning, custom.get(meaning)) for index, meaning in mapping.items()]
        self.name_of = {column.meaning: column.name for column in reversed(self.columns)}

    def _column(self, index: int, meaning: str, custom: CustomField | None) -> Column:
        if custom:
            clean: Callable[[str], Any] = partial(custom_values.clean, custom.type, choices=custom.choices, region=self.options.region)
            put: Put = partial(_put_custom, custom.key)
            return Column(index, meaning, self.names[index], clean, partial(_put_day, put) if custom.type == custom_values.DATE else put)
        return Column(index, meaning, self.names[index], self._cleaner(meaning), _PUT.get(meaning, _put_value))

    def _cleaner(self, meaning: str) -> Callable[[str], Any]:
        region = self.options.region
        if meaning in NAMES:
            return partial(cells.name, longest=cells.LENGTHS[meaning])
        if meaning == "organisation":
            return partial(cells.text, longest=cells.LENGTHS[meaning])
        if meaning in columns.PHONES:
            return partial(phone.normalise, region=region)
        if meaning in FLAGS:
            return deaths.died if meaning == "deceased" else refusals.refused if meaning in refusals.MEANINGS else refusals.agreed
        dates = {"birth_date": cells.birth_date, "opt_in_date": cells.opt_in_date}
        if meaning in dates:
            return partial(dates[meaning], today=self.today, region=region)
        others: dict[str, Callable[[str], Any]] = {
            "email": cells.email, "external_id": cells.external_id, "language": cells.language, "groups": cells.group_names, "tags": cells.tag_names,
        }  # fmt: skip
        return others[meaning]

    def check(self, row: int, row_cells: list[str]) -> Person | list[Fault]:
        """The person of this row, or all of its faults."""
        person, faults, width = Person(row), self._spilled(row, row_cells), len(row_cells)
        marker = self.options.empty_marker
        for column in self.columns:
            raw = row_cells[column.index] if column.index < width else ""
            if not raw:
                continue
            try:
                if marker and raw.strip() == marker:
                    _clear(person, column)
                elif (value := column.read(raw)) is not None:
                    column.put(person, column, value, raw)
            except (cells.CellProblem, phone.PhoneError) as problem:
                faults.append(Fault(row, column.name, cells.seen(raw), problem.code, sentences.of(problem.message)))
        if width < self.least:
            person.warnings = [*person.warnings, self._short(row, width)]
        return faults or self._doubts(person) or person

    def lost_refusal(self, row: int, row_cells: list[str]) -> list[Fault]:
        """What to say of a row that is refused although somebody in it wants no texts, or has died: nothing blocks them."""
        for column in self.columns:
            if column.meaning in FLAGS and column.index < len(row_cells) and _refuses(column, row_cells[column.index]):
                words = _("This person wants no texts, and the row is refused: nothing blocks them by this import. Mend the row, or block them by hand.")
                if column.meaning == "deceased":
                    words = _("This person has died, and the row is refused: nothing marks them by this import. Mend the row, or mark them by hand.")
                code = "death_lost" if column.meaning == "deceased" else "refusal_lost"
                return [Fault(row, column.name, row_cells[column.index], code, words)]
        return []

    def _short(self, row: int, width: int) -> Fault:
        words = _("The row has %(cells)s cells, and the header %(columns)s: the others are taken as empty. Check that no separator is missing.")
        return Fault(row, "", "", "short_row", words % {"cells": width, "columns": self.width})

    def _doubts(self, person: Person) -> list[Fault]:
        """What is wrong with the row although each of its cells can be read."""
        values = person.values
        if not person.numbers and not any(values.get(name) for name in columns.IDENTIFYING):
            return [Fault(person.row, "", "", "nobody", _("Nothing says who this is. Fill in a name, an e-mail, a number or an external id."))]
        if person.opted_in is None and person.opt_in_date is None:
            return []
        opted_in = person.opted_in is not False
        if values.get("opted_out", not opted_in) is opted_in or (not opted_in and person.opt_in_date):
            message = _("The row says both that the person opted in and that not. Keep one of the two.")
            return [Fault(person.row, self.name_of.get("opted_in") or self.name_of["opt_in_date"], "", "consent_contradiction", message)]
        person.opted_in = opted_in
        if not opted_in:
            values["opted_out"] = True
        return []

    def _spilled(self, row: int, row_cells: list[str]) -> list[Fault]:
        if len(row_cells) <= self.width:
            return []
        extra = next((cell for cell in row_cells[self.width :] if cell.strip()), "")
        if not extra:
            return []
        return [Fault(row, "", extra, "extra_cells", _("The row has more cells than the header. Perhaps a text with a separator lacks its quotation marks."))]


def _refuses(column: Column, raw: str) -> bool:
    try:
        return raw != "" and column.read(raw) is (column.meaning in refusals.BLOCKS)
    except cells.CellProblem:
        answer = FORMULA.fullmatch(raw.strip())  # what it means is plain, though the row is refused
        return _refuses(column, answer[1]) if answer else False


def _put_value(person: Person, column: Column, value: Any, raw: str) -> None:
    person.values[column.meaning] = value


def _put_refusal(person: Person, column: Column, value: bool, raw: str) -> None:
    """Of several columns one that refuses is enough."""
    person.values[column.meaning] = value or person.values.get(column.meaning, False)


def _put_custom(key: str, person: Person, column: Column, value: Any, raw: str) -> None:
    if person.custom is None:
        person.custom = {}
    person.custom[key] = value


def _put_day(put: Put, person: Person, column: Column, value: Any, raw: str) -> None:
    """Takes down where day and month might be meant the other way round."""
    put(person, column, value, raw)
    if spelling.has_two_readings(raw):
        person.unsure_days = [*person.unsure_days, column.name]


def _put_number(person: Person, column: Column, value: str, raw: str) -> None:
    if value in person.numbers:
        return
    facts = phone.facts_of(value)
    kind = "landline" if column.meaning == "landline" else facts.kind
    if facts.line in phone.DEAR_LINES or (column.meaning == "mobile" and kind != "mobile"):
        person.warnings = [*person.warnings, _not_textable(person.row, column, raw, facts.line)]
    person.numbers[value] = Line(kind, facts.line, facts.country)


def _not_textable(row: int, column: Column, raw: str, line: str) -> Fault:
    dear = {
        "premium": _("A premium-rate number: texts to it would cost extra. It is kept, and gets no texts unless an administrator allows its range."),
        "satellite": _("A satellite number: texts to it are expensive. It is kept, and gets no texts unless an administrator allows its range."),
        "personal": _("A number of no country that forwards to another one. It is kept, and gets no texts unless an administrator allows its range."),
    }
    message = dear.get(line) or _("Not a mobile number. It is kept, and gets no texts.")
    return Fault(row, column.name, raw, "dear_number" if line in dear else "not_mobile", message)


def _put_groups(person: Person, column: Column, value: list[str], raw: str) -> None:
    person.groups = [*person.groups, *value]


def _put_tags(person: Person, column: Column, value: list[str], raw: str) -> None:
    person.tags = [*(person.tags or ()), *value]


def _put_opted_in(person: Person, column: Column, value: bool, raw: str) -> None:
    """Of several columns one that says no is enough."""
    person.opted_in = value and person.opted_in is not False


def _put_opt_in_date(person: Person, column: Column, value: date, raw: str) -> None:
    person.opt_in_date = value


_PUT: dict[str, Put] = {
    **dict.fromkeys(columns.PHONES, _put_number), **dict.fromkeys(refusals.BLOCKS, _put_refusal), "groups": _put_groups, "tags": _put_tags,
    "opted_in": _put_opted_in, "birth_date": partial(_put_day, _put_value), "opt_in_date": partial(_put_day, _put_opt_in_date),
}  # fmt: skip


def _clear(person: Person, column: Column) -> None:
    """Empty the column's field. Consent and membership are not a field's value: they end where people end them."""
    meaning = column.meaning
    if meaning == "deceased":
        message = _("An import never lifts “Deceased”. Leave the cell empty, and change it on the contact's page.")
        raise cells.CellProblem("cannot_be_cleared", message)
    if meaning in FLAGS or meaning == "opt_in_date":
        raise cells.CellProblem("cannot_be_cleared", _("An answer about consent cannot be emptied. Write yes or no, or leave the cell empty."))
    if meaning == "groups":
        raise cells.CellProblem("cannot_be_cleared", _("An import takes nobody out of a group. Leave the cell empty, and do it on the group's page."))
    if meaning == "external_id":
        message = _("An external id is what people are found by. Leave the cell empty, and change it on the contact's page.")
        raise cells.CellProblem("cannot_be_cleared", message)
    if column.is_phone:
        person.cleared_numbers = [*person.cleared_numbers, meaning]
    elif meaning == "tags":
        person.tags = person.tags or ()
    elif ":" in meaning:
        column.put(person, column, None, "")
    else:
        person.values[meaning] = EMPTIED.get(meaning, "")
