"""How many people rules find: exact where that takes a moment, else up to a bound, else not at all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from contacts.models.contact import ContactQuerySet
from contacts.smart.asking import People
from contacts.smart.patience import TookTooLong, patience

MOST = 10_000  # beyond, "more than 10,000" says enough
A_BLINK = timedelta(milliseconds=150)
A_MOMENT = timedelta(milliseconds=450)  # two of them are less than a second


@dataclass(frozen=True, slots=True)
class Counted:
    """`n` people; `more`: at least so many; `n` is None where counting takes long."""

    n: int | None
    more: bool = False


def count(contacts: ContactQuerySet) -> Counted:
    """Of people who are asked for in one way only."""
    return _first(lambda: _exact(contacts), lambda: _bounded(contacts))


def count_people(people: People) -> Counted:
    """Of people who can be asked for in two ways: the one that promises more comes first."""
    if people.are_few:
        return _first(lambda: _exact(people.collected), lambda: _bounded(people.walked))
    found = _first(lambda: _bounded(people.walked))
    if found.more:  # many, and now it is known: perhaps there is time for the exact number
        exact = _first(lambda: _exact(people.collected))
        return found if exact.n is None else exact
    return _first(lambda: _exact(people.collected)) if found.n is None else found


def leave_nobody_out(contacts: ContactQuerySet, condition: Q) -> bool:
    """Everybody is found, which may be a mistake; no where that is not seen in a blink."""
    try:
        with patience(A_BLINK):
            return not People(contacts, ~condition).walked.order_by().exists()
    except TookTooLong:
        return False


def _first(*ways: Callable[[], Counted]) -> Counted:
    for way in ways:
        try:
            return way()
        except TookTooLong:
            continue
    return Counted(None)


def _exact(contacts: ContactQuerySet) -> Counted:
    with patience(A_MOMENT):
        return Counted(contacts.order_by().count())


def _bounded(contacts: ContactQuerySet) -> Counted:
    with patience(A_MOMENT):
        n = contacts.order_by()[: MOST + 1].count()
        return Counted(min(n, MOST), n > MOST)
