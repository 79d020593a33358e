"""Keyset paging: Previous and Next by the last row's values, never by OFFSET, never counting.

page = listing.paginate(queryset, request, order=("last_name", "first_name", "id"), label=lambda contact: contact.last_name)
{% for contact in page %} … {% endfor %}  {% include "parts/_pager.html" %}
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import FieldDoesNotExist, FieldError, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest

PAGE_SIZE = 50
LONGEST_CURSOR = 3000  # ours hold names in any script; a longer one is not ours
AFTER, BEFORE = "after", "before"


@dataclass(frozen=True)
class Page:
    """Rows of one page and the ways on; `total` only where the caller knows it cheaply."""

    items: list[Any]
    previous_url: str = ""
    next_url: str = ""
    first: str = ""
    last: str = ""
    total: int | None = None

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __bool__(self) -> bool:
        return bool(self.items)


def paginate(
    queryset: QuerySet[Any],
    request: HttpRequest,
    *,
    order: Sequence[str],
    size: int = PAGE_SIZE,
    label: Callable[[Any], Any] = str,
    total: int | None = None,
) -> Page:
    """The page of `queryset` that the address asks for, sorted by `order` (names with an optional minus; the last must be unique).

    Names may be annotations. The address keeps its other parameters; one that makes no sense shows the first page.
    """
    fields = [_Field.read(queryset, name) for name in order]
    return _page(lambda start, backwards: _rows(queryset, fields, start, backwards, size), fields, request, size, label, total)


def paginate_together(
    querysets: Sequence[QuerySet[Any]], request: HttpRequest, *, order: Sequence[str], size: int = PAGE_SIZE, label: Callable[[Any], Any] = str
) -> Page:
    """The same of several querysets as one list, in one statement: each gives the same `values()`, and never an empty one to `order`.

    Each is sorted and cut by itself before they are put together, so that each can use an index of its own.
    """
    fields = [_Field(name.lstrip("-"), name.startswith("-"), nullable=False) for name in order]
    return _page(lambda start, backwards: _rows_together(querysets, fields, start, backwards, size), fields, request, size, label, None)


def together(querysets: Sequence[QuerySet[Any]], order: Sequence[str]) -> QuerySet[Any]:
    """All rows of such querysets, at least one, in order."""
    first, *others = querysets
    return (first.union(*others, all=True) if others else first).order_by(*order)


def _page(
    rows_from: "Callable[[list[Any] | None, bool], list[Any] | None]", fields: "list[_Field]", request: HttpRequest, size: int, label: Callable[[Any], Any],
    total: int | None,
) -> Page:  # fmt: skip
    start, backwards = _cursor(request, len(fields))
    rows = rows_from(start, backwards)
    if rows is None or (start is not None and not rows):  # nonsense, or the rows beyond are gone
        start, backwards = None, False
        rows = rows_from(None, False) or []
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_previous, has_next = (more, True) if backwards else (start is not None, more)
    return Page(
        items=rows,
        previous_url=_url(request, BEFORE, fields, rows[0]) if rows and has_previous else "",
        next_url=_url(request, AFTER, fields, rows[-1]) if rows and has_next else "",
        first=str(label(rows[0])) if rows else "",
        last=str(label(rows[-1])) if rows else "",
        total=total,
    )


@dataclass(frozen=True)
class _Field:
    name: str
    descending: bool
    nullable: bool

    @classmethod
    def read(cls, queryset: QuerySet[Any], name: str) -> "_Field":
        plain = name.lstrip("-")
        try:
            column = queryset.model._meta.get_field(plain)
            column = getattr(column, "output_field", column)  # a generated column calls itself nullable; its output field tells the truth
            nullable = bool(getattr(column, "null", False))
        except FieldDoesNotExist:
            nullable = True  # an annotation or a related column: it may be empty
        return cls(plain, name.startswith("-"), nullable)

    def ordering(self, backwards: bool) -> Any:
        descending = self.descending != backwards
        return F(self.name).desc() if descending else F(self.name).asc()

    def sign(self, backwards: bool) -> str:
        return f"-{self.name}" if self.descending != backwards else self.name

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})

    def beyond(self, value: Any, backwards: bool) -> Q | None:
        """Rows later in the list; PostgreSQL puts empty ones last when ascending and first when descending."""
        descending = self.descending != backwards
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if descending else None
        if descending:
            return Q(**{f"{self.name}__lt": value})
        later = Q(**{f"{self.name}__gt": value})
        return later | Q(**{f"{self.name}__isnull": True}) if self.nullable else later

    def not_before(self, value: Any, backwards: bool) -> Q:
        """Where an index on this field can begin; the database finds its place by >= and <=, not by an OR of two conditions."""
        descending = self.descending != backwards
        if value is None:
            return Q() if descending else Q(**{f"{self.name}__isnull": True})
        if descending:
            return Q(**{f"{self.name}__lte": value})
        begin = Q(**{f"{self.name}__gte": value})
        return begin | Q(**{f"{self.name}__isnull": True}) if self.nullable else begin


NONSENSE = (ValueError, TypeError, ValidationError, OverflowError, FieldError)  # what an address makes of a cursor that is not ours


def _rows(queryset: QuerySet[Any], fields: list[_Field], start: list[Any] | None, backwards: bool, size: int) -> list[Any] | None:
    try:
        return list(_cut(queryset, fields, start, backwards, size))
    except NONSENSE:
        return None


def _rows_together(querysets: Sequence[QuerySet[Any]], fields: list[_Field], start: list[Any] | None, backwards: bool, size: int) -> list[Any] | None:
    try:
        parts = [_cut(queryset, fields, start, backwards, size) for queryset in querysets]
        return list(together(parts, [field.sign(backwards) for field in fields])[: size + 1]) if len(parts) > 1 else [row for part in parts for row in part]
    except NONSENSE:
        return None


def _cut(queryset: QuerySet[Any], fields: list[_Field], start: list[Any] | None, backwards: bool, size: int) -> QuerySet[Any]:
    ordered = queryset.order_by(*(field.ordering(backwards) for field in fields))
    if start is not None:
        ordered = ordered.filter(_beyond(fields, start, backwards))
    return ordered[: size + 1]


def _beyond(fields: list[_Field], start: list[Any], backwards: bool) -> Q:
    """(a, b) beyond (x, y), written so that an index on (a, b) can begin at x."""
    ways: list[Q] = []
    same = Q()
    for field, value in zip(fields, start, strict=True):
        later = field.beyond(value, backwards)
        if later is not None:
            ways.append(same & later)
        same &= field.same(value)
    if not ways:
        return Q(pk__in=[])
    return fields[0].not_before(start[0], backwards) & reduce(or_, ways)


def _cursor(request: HttpRequest, length: int) -> tuple[list[Any] | None, bool]:
    for name, backwards in ((AFTER, False), (BEFORE, True)):
        if text := request.GET.get(name):
            if len(text) > LONGEST_CURSOR:
                return None, False
            try:
                values = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            except (ValueError, RecursionError):
                return None, False
            if isinstance(values, list) and len(values) == length and all(_is_plain(value) for value in values):
                return values, backwards
    return None, False


def _is_plain(value: Any) -> bool:
    return not isinstance(value, (list, dict)) and "\x00" not in str(value)


def _url(request: HttpRequest, direction: str, fields: list[_Field], row: Any) -> str:
    values = [_value(row, field.name) for field in fields]
    text = urlsafe_b64encode(json.dumps(values, cls=_Exact, ensure_ascii=False).encode()).decode().rstrip("=")
    parameters = request.GET.copy()
    for name in (AFTER, BEFORE):
        parameters.pop(name, None)
    parameters[direction] = text
    return "?" + parameters.urlencode()


def _value(row: Any, name: str) -> Any:
    if isinstance(row, dict):
        return row[name]
    for part in name.split("__"):
        row = getattr(row, part)
    return row


class _Exact(DjangoJSONEncoder):
    """Django's encoder cuts microseconds, which would show a row twice."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)
