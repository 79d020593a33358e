"""What an export can say of a contact: columns by key, with the names that an import guesses, and where their values come from."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from django.utils.translation import gettext_lazy as _

from contacts import eligibility
from contacts.importing import columns as importable
from contacts.models import CustomField

Person = dict[str, Any]  # a contact's fields by name, and the parts that contacts.exporting.batches gathers


@dataclass(frozen=True, slots=True)
class Number:
    """A phone number: its plus begins no formula."""

    text: str


@dataclass(frozen=True, slots=True)
class Custom:
    """A custom field's value as it is stored; files write it by its type."""

    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class Column:
    """One choice of the form: its heads in the file, and a person's values below them. `fields` are read from the row, `parts` for a whole batch."""

    key: str
    label: Any
    heads: tuple[Any, ...]
    cells: Callable[[Person], Sequence[Any]]
    fields: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


def offered(*, most_numbers: int = 1) -> list[Column]:
    """All columns that can be chosen now, in their order; one query. `most_numbers`: how many numbers anybody in the file has."""
    return [*_own(most_numbers), *map(_custom, CustomField.objects.active()), *_told()]


def chosen(keys: Sequence[str], *, most_numbers: int = 1) -> list[Column]:
    """The columns of these keys in this order; what is not offered any longer is left out."""
    return ticked(offered(most_numbers=most_numbers), keys)


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


C = TypeVar("C", bound=_Keyed)


def ticked(columns: Iterable[C], keys: Sequence[str]) -> list[C]:
    """Those of some columns, of whatever kind of rows, that have these keys, in their order and each once."""
    known = {column.key: column for column in columns}
    return [known[key] for key in dict.fromkeys(keys) if key in known]


USUAL = {"last_name", "first_name", "organisation", "email", "mobile", "language", "birth_date", "external_id", "groups", "tags", "opted_out", "do_not_sms"}


def usual() -> list[str]:
    """Keys that are ticked to begin with: what an import reads back."""
    return [column.key for column in offered() if column.key in USUAL or column.key.startswith("custom.")]


def _own(most_numbers: int) -> list[Column]:
    """The fields that every installation has."""
    return [
        *(_field(name, importable.FIELDS[name]) for name in ("last_name", "first_name", "organisation", "email")),
        Column("mobile", importable.FIELDS["mobile"], (importable.FIELDS["mobile"],), lambda person: [_number(person["sms_number"])], fields=("sms_number",)),
        _numbers(most_numbers),
        *(_field(name, importable.FIELDS[name]) for name in ("language", "birth_date", "external_id")),
        _part("groups", importable.FIELDS["groups"], "groups"),
        Column("tags", _("Tags"), (_("Tags"),), lambda person: [", ".join(person["tags"])], fields=("tags",)),
        *(_field(name, importable.FIELDS[name]) for name in ("opted_out", "do_not_sms")),
    ]


def _told() -> list[Column]:
    """What the console says of people; of these, imports take the deceased and the consent."""
    return [
        _field("deceased", _("Deceased")),
        Column("textable", _("Can be texted"), (_("Can be texted"),), lambda person: [person["reason"] is None], parts=("reason",)),
        Column("why_not", _("Why not"), (_("Why not"),), lambda person: [_words(person["reason"])], parts=("reason",)),
        _part("consent", _("Consent to marketing"), "consent"),
        _part("consent_since", _("Consent since"), "consent"),
        _part("consent_from", _("Consent from"), "consent"),
        _field("created_at", _("Contact since")),
    ]


def _field(name: str, label: Any) -> Column:
    return Column(name, label, (label,), lambda person: [person[name]], fields=(name,))


def _part(key: str, label: Any, part: str) -> Column:
    return Column(key, label, (label,), lambda person: [person[key]], parts=(part,))


def _custom(definition: CustomField) -> Column:
    key, kind = definition.key, definition.type
    return Column(f"custom.{key}", definition.label, (definition.label,), lambda person: [Custom(kind, person["custom"].get(key))], fields=("custom",))


def _numbers(most: int) -> Column:
    """All numbers, the primary one first: a column each, because a cell with several is one that no import reads."""
    name = importable.FIELDS["phone"]
    heads = (name, *(_Numbered(name, place) for place in range(2, most + 1)))

    def cells(person: Person) -> list[Number | None]:
        return ([_number(text) for text in person["numbers"]] + [None] * len(heads))[: len(heads)]

    return Column("numbers", _("All numbers"), heads, cells, parts=("numbers",))


@dataclass(frozen=True, slots=True)
class _Numbered:
    """ "Phone 2", in the language in which the file is written."""

    name: Any
    place: int

    def __str__(self) -> str:
        return f"{self.name} {self.place}"


def _number(text: str | None) -> Number | None:
    return Number(text) if text else None


def _words(code: str | None) -> str:
    return str(eligibility.LABELS.get(code, code)) if code else ""
