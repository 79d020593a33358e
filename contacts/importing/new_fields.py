"""Columns that become custom fields: which type they look like, what the field is called, and its making when the import starts."""

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from contacts import custom_values, spelling
from contacts.importing import cells, columns, reader
from contacts.importing.problems import FileProblem
from contacts.models import CustomField
from contacts.services import custom_fields
from contacts.services.errors import ContactsError

Type = CustomField.Type
SAMPLE = 200  # rows that a type is guessed from
FEW = 8  # as many different values may be a choice


def guess_types(rows: Sequence[Sequence[str]], width: int, region: str) -> list[str]:
    """The type that each column looks like."""
    return [_guess([row[index] for row in rows if index < len(row)], region) for index in range(width)]


def _guess(raw: Sequence[str], region: str) -> str:
    values = [value for cell in raw if cell and (value := cells.tidy(cell))]
    if not values:
        return Type.TEXT
    for kind in (Type.DATE, Type.NUMBER, Type.YES_NO):
        if all(_fits(kind, value, region) for value in values):
            return kind
    different = {spelling.folded(value) for value in values}
    repeats = len(values) >= 3 * len(different) and all(len(value) <= 100 for value in values)
    return Type.CHOICE if len(different) <= FEW and repeats else Type.TEXT


def _fits(kind: str, value: str, region: str) -> bool:
    try:
        return custom_values.clean(kind, value, region=region) is not None
    except spelling.ValueProblem:
        return False


def drafts(mapping: Mapping[int, str], header: Sequence[str], table: Path, dialect: reader.Dialect) -> tuple[dict[int, str], dict[str, CustomField]]:
    """The mapping with the columns that become fields pointing to these fields, and the fields, not stored yet. Raises FileProblem."""
    taken = custom_fields.keys_taken()
    called = columns.names(header)
    resolved, made = dict(mapping), {}
    for index, meaning in mapping.items():
        if meaning.startswith(columns.NEW):
            key = custom_fields.key_for(called[index], taken)
            taken.add(key)
            field = CustomField(key=key, label=called[index][:60], type=meaning.removeprefix(columns.NEW))
            if field.type == Type.CHOICE:
                field.choices = _choices(table, dialect, index, called[index])
            resolved[index] = f"{columns.CUSTOM}{key}"
            made[resolved[index]] = field
    return resolved, made


def check(fields: Mapping[str, CustomField]) -> None:
    """Raises ContactsError when a field cannot be made as it is, with the sentence that its form would show."""
    labels: set[str] = set()
    for field in fields.values():
        problems = custom_fields.problems_of(field, None)
        if spelling.folded(field.label) in labels:
            problems.append(("label", _("Another field has this label. People could not tell them apart: choose another one.")))
        if problems:
            raise ContactsError("field_cannot_be_made", _("%(column)s cannot become a field. %(why)s") % {"column": field.label, "why": problems[0][1]})
        labels.add(spelling.folded(field.label))


def make(fields: Mapping[str, CustomField]) -> None:
    """Store the fields. Raises ContactsError."""
    check(fields)
    try:
        with transaction.atomic():
            for field in fields.values():
                field.save(force_insert=True)
    except IntegrityError:
        raise ContactsError("field_taken", _("Somebody has just made a field of one of these names. Check the columns again.")) from None


def _choices(table: Path, dialect: reader.Dialect, index: int, name: str) -> list[str]:
    """All values of the column, each in the spelling that came first."""
    found: dict[str, str] = {}
    for _row, row in reader.rows(table, dialect):
        value = cells.tidy(row[index]) if index < len(row) and row[index] else ""
        if value:
            found.setdefault(spelling.folded(value), value)
        if len(found) > custom_fields.MOST_CHOICES:
            message = _("%(column)s has more than %(most)s different values, too many for a choice. Make it a text field.")
            raise FileProblem("too_many_choices", message % {"column": name, "most": custom_fields.MOST_CHOICES})
    return sorted(found.values(), key=spelling.folded)


def sample(table: Path, dialect: reader.Dialect) -> list[list[str]]:
    """Rows to guess types from."""
    return [row for _number, row in islice(reader.rows(table, dialect), SAMPLE)]
