"""What a merge makes of several contacts: whose value of each field stays, what is united, what the strictest of them says. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contacts import tags
from contacts.models import Contact

FIELDS = ("first_name", "last_name", "organisation", "email", "language", "birth_date", "external_id")
FLAGS = ("do_not_sms", "opted_out", "deceased")  # nobody chooses: what one of them says holds
CUSTOM = "custom."  # beginning of a custom field's name here
NAMES = ("first_name", "last_name", "organisation", "email")  # one of them must stay


@dataclass(frozen=True, slots=True)
class Choices:
    """Who stays, whose value of each field (`custom.<key>` for a custom one) is kept, and which number becomes primary."""

    winner: int
    values: Mapping[str, int] = field(default_factory=dict)
    primary: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The contact that stays, as it will be."""

    values: dict[str, Any]
    custom: dict[str, Any]
    tags: list[str]
    flags: dict[str, bool]
    created_at: datetime

    @property
    def has_name(self) -> bool:
        """Whether people will find it again."""
        return any(self.values[name] for name in NAMES)


def outcome(people: Sequence[Contact], choices: Choices) -> Outcome:
    """What becomes of these contacts, the winner among them."""
    ordered = winner_first(people, choices.winner)
    keys = [key for key in names_of(people) if key.startswith(CUSTOM)]
    custom = {key.removeprefix(CUSTOM): _kept(ordered, key, choices) for key in keys}
    return Outcome(
        values={name: _kept(ordered, name, choices) for name in FIELDS},
        custom={key: value for key, value in custom.items() if value is not None},
        tags=_united(tag for person in ordered for tag in person.tags),
        flags={name: any(getattr(person, name) for person in people) for name in FLAGS},
        created_at=min(person.created_at for person in people),
    )


def _united(words: Iterable[str]) -> list[str]:
    """Each tag once, in the winner's spelling."""
    kept: dict[str, str] = {}
    for word in words:
        kept.setdefault(tags.same(word), word)
    return list(kept.values())


def winner_first(people: Iterable[Contact], winner: int) -> list[Contact]:
    """The winner, then the others by id."""
    return sorted(people, key=lambda person: (person.pk != winner, person.pk))


def names_of(people: Sequence[Contact]) -> list[str]:
    """Everything that is chosen field by field, custom fields of any of them included."""
    return [*FIELDS, *sorted({CUSTOM + key for person in people for key in person.custom})]


def value_of(person: Contact, name: str) -> Any:
    """A field's value; None or empty for nothing."""
    return person.custom.get(name.removeprefix(CUSTOM)) if name.startswith(CUSTOM) else getattr(person, name)


def chosen_of(people: Sequence[Contact], name: str, choices: Choices) -> int:
    """Whose value stays: the chosen one's, else the winner's, else the first that is filled in."""
    ordered = winner_first(people, choices.winner)
    if choices.values.get(name) in {person.pk for person in ordered}:
        return choices.values[name]
    return next((person.pk for person in ordered if value_of(person, name) not in ("", None)), choices.winner)


def _kept(ordered: Sequence[Contact], name: str, choices: Choices) -> Any:
    chosen = chosen_of(ordered, name, choices)
    return next(value_of(person, name) for person in ordered if person.pk == chosen)
