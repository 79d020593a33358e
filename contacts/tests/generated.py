"""Generated people for property tests: flags, numbers of all kinds, blocks, merges, and the organisation's choices."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st

from contacts.eligibility_rules import Number, Person, World
from contacts.models import AllowedRange, Contact, PhoneNumber, Quarantine, Suppression
from contacts.services import numbers
from smsapp.common import phone
from smsapp.common.models import Organisation

POOL = (
    "+33639980001", "+33612345678", "+33142685300", "+33899123456", "+447700900142", "+447400123456", "+447012345678", "+12125550123",
    "+12125551234", "+881631555123", "+331234567",  # the last one is nobody's: France has no such numbers
)  # fmt: skip
KINDS = ("mobile", "landline", "other")
FLAGS = ("deceased", "do_not_sms", "opted_out")
rarely = st.sampled_from([False, False, False, True])


def number_of(number: str, kind: str | None = None) -> Number:
    """What the number says of itself, with a type that somebody chose."""
    facts = phone.facts_of(number)
    return Number(number, kind or facts.kind, facts.line, facts.country)


@st.composite
def people(draw: Any) -> Person:
    """Somebody with up to four numbers, one of them primary or none."""
    chosen = draw(st.lists(st.sampled_from(POOL), max_size=4, unique=True))
    owned = [number_of(number, draw(st.sampled_from([None, None, *KINDS]))) for number in chosen]
    primary = draw(st.integers(-1, len(owned) - 1)) if owned else -1
    owned = [replace(each, primary=place == primary) for place, each in enumerate(owned)]
    return Person(numbers=tuple(owned), deleted=draw(rarely), **{flag: draw(rarely) for flag in FLAGS})


@st.composite
def possibly_merged(draw: Any) -> Person:
    """Somebody who may have become somebody else, with or without their numbers."""
    person = draw(people())
    winner = draw(st.none() | st.none() | people())
    return replace(person, deleted=True, became=winner) if winner else person


worlds = st.builds(
    World,
    kinds=st.sampled_from([("mobile",), ("mobile", "landline"), ("landline", "other"), KINDS]),
    ranges=st.lists(st.sampled_from(["+8816", "+4470", "+33899", "+331234"]), max_size=2, unique=True).map(tuple),
    suppressed=st.frozensets(st.sampled_from(POOL), max_size=3),
    quarantined=st.frozensets(st.sampled_from(POOL), max_size=3),
)


@dataclass(frozen=True)
class Stored:
    """A generated person in the database."""

    person: Person
    contact: Contact
    became: Contact | None

    def pairs(self) -> list[tuple[Person, Number, PhoneNumber]]:
        """Each number with its row."""
        rows = {row.number: row for row in self.contact.numbers.all()}
        return [(self.person, each, rows[each.number]) for each in self.person.numbers]


@contextmanager
def stored(world: World, *persons: Person) -> Iterator[list[Stored]]:
    """The world and its people in the database, as long as the block; some blocks of other numbers have ended."""
    with transaction.atomic():
        Organisation.current()
        Organisation.objects.update(textable_kinds=list(world.kinds))
        AllowedRange.objects.bulk_create(AllowedRange(beginning=each) for each in world.ranges)
        for model, blocked in ((Suppression, world.suppressed), (Quarantine, world.quarantined)):
            model.objects.bulk_create(model(number=number, reason="staff") for number in blocked)
            model.objects.bulk_create(model(number=number, reason="staff", ended_at=timezone.now()) for number in POOL)
        yield [_store(person) for person in persons]
        transaction.set_rollback(True)


def _store(person: Person) -> Stored:
    became = _contact(person.became) if person.became else None
    contact = _contact(person, merged_into=became)
    return Stored(person, contact, became)


def _contact(person: Person, **more: Any) -> Contact:
    flags = {flag: getattr(person, flag) for flag in FLAGS}
    contact = Contact.objects.create(last_name="Generated", deleted_at=timezone.now() if person.deleted else None, **flags, **more)
    rows = [numbers.new_row(contact, each.number, each.kind, primary=each.primary) for each in person.numbers]
    PhoneNumber.objects.bulk_create(rows)
    numbers.refresh([contact.pk])
    return contact
