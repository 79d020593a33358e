"""How many people rules find: exact where that takes a moment, else up to a bound, else not at all."""

from dataclasses import dataclass
from datetime import timedelta

from contacts.models.contact import ContactQuerySet
from contacts.smart.patience import TookTooLong, patience

MOST = 10_000  # beyond, "more than 10,000" says enough
A_MOMENT = timedelta(milliseconds=700)


@dataclass(frozen=True, slots=True)
class Counted:
    """`n` people; `more`: at least so many; `n` is None where counting takes long."""

    n: int | None
    more: bool = False


def count(contacts: ContactQuerySet, *, most: timedelta = A_MOMENT) -> Counted:
    """Two tries, each of a moment."""
    plain = contacts.order_by()
    try:
        with patience(most):
            return Counted(plain.count())
    except TookTooLong:
        pass
    try:
        with patience(most):
            n = plain[: MOST + 1].count()
            return Counted(min(n, MOST), n > MOST)
    except TookTooLong:
        return Counted(None)
