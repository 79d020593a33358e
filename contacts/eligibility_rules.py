"""The rules of contacts.eligibility once more, on plain facts: every reason that applies, in order, to explain a decision. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from smsapp.common import fiction
from smsapp.common.phone import DEAR_LINES

UNFIT_LINES = (*DEAR_LINES, "unknown")  # whatever type a person chose


@dataclass(frozen=True, slots=True)
class Number:
    """A phone number of a person."""

    number: str  # E.164
    kind: str  # mobile, landline, other
    line: str  # one of smsapp.common.phone.LINES
    country: str = ""
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """A contact, with its numbers in the order of their ids."""

    numbers: Sequence[Number] = ()
    deleted: bool = False
    deceased: bool = False
    do_not_sms: bool = False
    opted_out: bool = False
    became: "Person | None" = None  # whom a merged contact became


@dataclass(frozen=True, slots=True)
class World:
    """What else decides: the organisation's choices, blocked numbers, and a provider's limits where one is known."""

    kinds: Collection[str] = ("mobile",)
    ranges: Sequence[str] = ()
    suppressed: Collection[str] = field(default_factory=frozenset)
    quarantined: Collection[str] = field(default_factory=frozenset)
    countries: Collection[str] = field(default_factory=frozenset)  # empty: all
    real_only: bool = False
    held: Mapping[str, Collection[str]] = field(default_factory=dict)  # numbers that get no marketing for the time being, by the reason's code


def is_textable(number: str, kind: str, line: str, kinds: Collection[str], ranges: Sequence[str]) -> bool:
    """A number of a type that gets texts; where its line is dear or impossible, only one of an allowed range, whatever its type."""
    return number.startswith(tuple(ranges)) if line in UNFIT_LINES else kind in kinds


def texted_number(person: Person, world: World) -> Number | None:
    """The number that a text to this person goes to: the primary one if it can be texted, else the first that can."""
    fit = [each for each in person.numbers if _fits(each, world)]
    return next((each for each in fit if each.primary), None) or next(iter(fit), None)


def _fits(number: Number, world: World) -> bool:
    return is_textable(number.number, number.kind, number.line, world.kinds, world.ranges)


def reasons(person: Person, world: World, *, marketing: bool) -> list[str]:
    """Why a contact in a list gets no text; empty when it does. The first reason is the decision."""
    number = texted_number(person, world)
    found = [
        ("deleted", person.deleted),
        ("deceased", person.deceased),
        ("no_number", not person.numbers),
        ("not_mobile", bool(person.numbers) and number is None and not _any_impossible(person, world)),
        ("invalid_number", number is None and _any_impossible(person, world)),
        ("do_not_sms", person.do_not_sms),
        ("opted_out", marketing and person.opted_out),
        *_of_number(number, world, marketing=marketing),
    ]
    return [code for code, applies in found if applies]


def _any_impossible(person: Person, world: World) -> bool:
    return any(each.kind in world.kinds and each.line == "unknown" for each in person.numbers)


def reasons_for_number(person: Person, number: Number, world: World, *, marketing: bool) -> list[str]:
    """Why this number of a person gets no text, as when a message waits for it; a merged person is judged by whom they became."""
    both = [person, person.became] if person.became else [person]
    owner = both[-1]
    theirs = next((each for each in owner.numbers if each.number == number.number), None)
    found = [
        ("deleted", all(each.deleted for each in both)),
        ("deceased", any(each.deceased for each in both)),
        ("number_removed", theirs is None),
        ("not_mobile", theirs is not None and not _fits(theirs, world)),
        ("do_not_sms", any(each.do_not_sms for each in both)),
        ("opted_out", marketing and any(each.opted_out for each in both)),
        *_of_number(number, world, marketing=marketing),
    ]
    return [code for code, applies in found if applies]


def _of_number(number: Number | None, world: World, *, marketing: bool) -> list[tuple[str, bool]]:
    if number is None:
        return []
    return [
        ("suppressed", number.number in world.suppressed),
        ("quarantined", number.number in world.quarantined),
        *((code, marketing and number.number in numbers) for code, numbers in world.held.items()),
        ("country_not_allowed", bool(world.countries) and number.country not in world.countries),
        ("fictional_number", world.real_only and fiction.find(number.number) is not None),
    ]
