"""Two ways to ask the database for the people of one condition.

*Walked*: the list is read in its order and each person is looked at until a page is full; quick where many fulfil the rules.
*Collected*: everybody who fulfils them is collected first, each part of an OR by its own index; quick where few do, and for all who need
everybody. PostgreSQL chooses well between joins, but sees neither through an OR nor through a NOT that has a subquery inside.
"""

import json
from collections.abc import Callable
from functools import cached_property, reduce
from operator import and_, or_
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from contacts.models import Contact
from contacts.models.contact import ContactQuerySet

CHEAP = 10_000  # the database's own estimate of effort: below it everybody is collected within a page's time


class Among(Func):
    """`a = ANY(array)`: an index condition for one person, that PostgreSQL never turns into a table of everybody."""

    template, arg_joiner, output_field = "%(expressions)s)", " = ANY(", BooleanField()


class Having(Exists):
    """Contacts who have one of these rows."""

    def __init__(self, rows: QuerySet[Any]) -> None:
        super().__init__(rows.filter(Among(F("contact_id"), self.person())))
        self._rows = rows

    def person(self) -> Func:
        """An array of the ids under which somebody is known."""
        return Func(OuterRef("pk"), template="ARRAY[%(expressions)s]")

    def walked(self) -> Q:
        """Looked at person by person."""
        return Q(self)

    def collected(self) -> Q:
        """All of them at once."""
        return Q(Exists(self._rows.filter(contact=OuterRef("pk"))))

    def others(self) -> Q:
        """Everybody else at once."""
        return ~self.collected()


class Theirs(Having):
    """Contacts who have one of these rows, or became the owner of one by a merge."""

    def person(self) -> Func:
        losers = Contact.objects.filter(merged_into=OuterRef(OuterRef("pk"))).order_by().values("pk")
        return Func(ArraySubquery(losers), OuterRef("pk"), function="array_append")

    def collected(self) -> Q:
        rows = self._rows.order_by()
        of_losers = rows.filter(contact__merged_into__isnull=False)
        return Q(pk__in=rows.values("contact_id").union(of_losers.values("contact__merged_into_id")))

    def others(self) -> Q:
        of_losers = self._rows.filter(contact__merged_into=OuterRef("pk"))
        return ~super().collected() & ~Q(Exists(of_losers))


class People:
    """The contacts among these whom a condition finds."""

    def __init__(self, contacts: ContactQuerySet, condition: Q, *, cheap: int = CHEAP) -> None:
        self._contacts, self._condition, self._cheap = contacts, condition, cheap

    @cached_property
    def walked(self) -> ContactQuerySet:
        """To be read in the order of the list."""
        return self._contacts.filter(_each(self._condition, False, _walk))

    @cached_property
    def collected(self) -> ContactQuerySet:
        """To be read as a whole, or sorted."""
        return self._contacts.filter(_apart(_each(self._condition, False, _collect)))

    @cached_property
    def are_few(self) -> bool:
        """The database expects little effort to collect them."""
        told = self.collected.order_by().values("pk").explain(format="json")  # nothing when Django knows that nobody matches
        return not told or bool(json.loads(told)[0]["Plan"]["Total Cost"] < self._cheap)

    @cached_property
    def placed(self) -> ContactQuerySet:
        """Collected, with `place` to sort by: as sort_name, but by no index, so that nobody walks along one."""
        return self.collected.annotate(place=Concat("sort_name", Value("")))


def _walk(leaf: Having, negated: bool) -> Q:
    return ~leaf.walked() if negated else leaf.walked()


def _collect(leaf: Having, negated: bool) -> Q:
    return leaf.others() if negated else leaf.collected()


def _each(q: Any, negated: bool, asked: Callable[[Having, bool], Q]) -> Q:
    """The condition with each NOT at its leaves, and with each leaf asked in one way."""
    if isinstance(q, Having):
        return asked(q, negated)
    if not isinstance(q, Q):
        return ~Q(q) if negated else Q(q)
    negated ^= q.negated
    parts = [_each(child, negated, asked) for child in q.children]
    if not parts:
        return Q()
    return reduce(or_ if (q.connector == Q.OR) ^ negated else and_, parts)


def _apart(q: Q) -> Q:
    """Each OR with a subquery inside as the people of its parts, put together."""
    parts = [_apart(child) if isinstance(child, Q) else Q(child) for child in q.children]
    if q.negated or not parts:
        return q  # a single leaf: see _each
    if q.connector != Q.OR or not any(map(_asks, parts)):
        return reduce(or_ if q.connector == Q.OR else and_, parts)
    first, *rest = [Contact.objects.filter(part).order_by().values("pk") for part in parts]
    return Q(pk__in=first.union(*rest))  # without ALL: then the database knows that each is there once


def _asks(q: Any) -> bool:
    """A subquery is inside."""
    if isinstance(q, Q):
        return any(map(_asks, q.children))
    value = q[1] if isinstance(q, tuple) else q
    return isinstance(value, (Exists, QuerySet)) or any(map(_asks, getattr(value, "get_source_expressions", list)()))
