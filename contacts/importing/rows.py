"""A row of cells to a person's values, or to the faults of its cells."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from contacts.importing import cells, columns
from contacts.importing.report import Fault
from smsapp.common import phone

TEXTS = ("first_name", "last_name", "organisation", "external_id")
PHONES = ("mobile", "phone", "landline")


@dataclass(slots=True)
class Person:
    """What one row says of one person: only what is written, so that empty cells erase nothing."""

    row: int
    values: dict[str, Any] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)  # number in E.164 -> kind
    groups: list[str] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)


Cleaner = Callable[[str], Any]


class Checker:
    """Reads rows of one file; built once, so that each row costs only its cells."""

    def __init__(self, header: Sequence[str], mapping: Mapping[int, str], *, region: str, today: date) -> None:
        self.region = region
        self.width = len(header)
        self.names = columns.names(header)
        self.plan = [(index, meaning, self._cleaner(meaning, today)) for index, meaning in mapping.items()]

    def _cleaner(self, meaning: str, today: date) -> Cleaner:
        if meaning in TEXTS:
            return partial(cells.text, longest=cells.LENGTHS[meaning])
        if meaning in PHONES:
            return partial(phone.normalise, region=self.region)
        if meaning == "birth_date":
            return partial(cells.birth_date, today=today, region=self.region)
        return {"email": cells.email, "language": cells.language, "groups": cells.group_names}.get(meaning, cells.yes_or_no)

    def check(self, row: int, row_cells: list[str]) -> Person | list[Fault]:
        """The person of this row, or all of its faults."""
        person, faults = Person(row), self._spilled(row, row_cells)
        for index, meaning, clean in self.plan:
            raw = row_cells[index] if index < len(row_cells) else ""
            if not raw:
                continue
            try:
                value = cells.tidy(raw) if meaning in PHONES and raw[0] != "\0" else cells.told(raw)
                if value:
                    self._put(person, index, meaning, clean(value), raw)
            except (cells.CellProblem, phone.PhoneError) as problem:
                faults.append(Fault(row, self.names[index], raw.lstrip("\0"), problem.code, str(problem.message)))
        if not faults and not (person.numbers or any(person.values.get(name) for name in columns.IDENTIFYING)):
            faults.append(Fault(row, "", "", "nobody", _("Nothing says who this is. Fill in a name, an e-mail, a number or an external id.")))
        return faults or person

    def _put(self, person: Person, index: int, meaning: str, value: Any, raw: str) -> None:
        if meaning in PHONES:
            kind = "landline" if meaning == "landline" else phone.kind_of(value)
            if meaning == "mobile" and kind != "mobile":
                message = _("Not a mobile number. It is kept, and gets no texts.")
                person.warnings.append(Fault(person.row, self.names[index], raw, "not_mobile", message))
            person.numbers.setdefault(value, kind)
        elif meaning == "groups":
            person.groups += value
        else:
            person.values[meaning] = value

    def _spilled(self, row: int, row_cells: list[str]) -> list[Fault]:
        if len(row_cells) <= self.width:
            return []
        extra = next((cell for cell in row_cells[self.width :] if cell.strip()), "")
        if not extra:
            return []
        return [Fault(row, "", extra, "extra_cells", _("The row has more cells than the header. Perhaps a text with a separator lacks its quotation marks."))]
