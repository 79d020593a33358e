"""A page of the people whom rules find, in the order of the list, by the way that promises to be quick, else by the other one."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

from contacts.models import Contact
from contacts.models.contact import ContactQuerySet
from contacts.smart.asking import People
from contacts.smart.patience import TookTooLong, alone, by_index, in_order, patience

BY_NAME, BY_PLACE = ("sort_name", "id"), ("place", "id")  # the same order, with and without an index
SHORT, LONG = timedelta(milliseconds=100), timedelta(seconds=8)
Shown = TypeVar("Shown")


def page(people: People, show: Callable[[ContactQuerySet, Sequence[str]], Shown]) -> Shown:
    """What `show(contacts, order)` makes of them. Raises TookTooLong when no way was quick enough."""

    def walked() -> Shown:
        with in_order():
            return show(people.walked, BY_NAME)

    def collected() -> Shown:
        return show(people.placed, BY_PLACE)

    with by_index():
        ways = [(collected, 8 * SHORT), (walked, LONG)] if people.are_few else [(walked, SHORT), (collected, LONG)]
        for way, most in ways[:-1]:
            with suppress(TookTooLong), patience(most), alone():
                return way()
        last, most = ways[-1]
        with patience(most):
            return last()


def first(people: People, most: int) -> list[Contact]:
    """So many of them, the first in the order of the list; nobody when no way was quick enough."""
    try:
        return page(people, lambda contacts, order: list(contacts.order_by(*order)[:most]))
    except TookTooLong:
        return []
