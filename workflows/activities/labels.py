"""Words of the label that a row of the list shows, looked for in the database."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from contacts.models.folding import fold, folded
from workflows import wording
from workflows.models import Execution, Send


def holding(rows: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
    """By what they are called, whatever the accents and the case."""
    return rows.alias(plain=folded(name)).filter(plain__contains=fold(words))


def executions(rows: Any, name: str, words: str) -> QuerySet[Any]:
    """By their SMS, by their period in the reader's words, or by both as they stand side by side."""
    asked = fold(words)
    before, dot, period = (part.strip() for part in asked.partition("·"))
    periods = Execution.objects.order_by().values_list("first", "last").distinct()
    known = [(first, last, fold(wording.span(Execution(first=first, last=last)))) for first, last in periods]
    found = Q(plain__contains=asked) | _in_periods(known, lambda span: asked in span)
    if dot:
        found |= Q(plain__endswith=before) & _in_periods(known, lambda span: span.startswith(period))
    return rows.alias(plain=folded(name), lasts=F("last") - F("first")).filter(found)  # type: ignore[no-any-return]


def _in_periods(known: Iterable[tuple[date, date, str]], matches: Callable[[str], bool]) -> Q:
    """Periods whose words match. There are few lengths of periods, and many days on which one begins."""
    lengths: dict[timedelta, list[date]] = defaultdict(list)
    for first, last, span in known:
        if matches(span):
            lengths[last - first].append(first)
    return reduce(or_, (Q(lasts=length, first__in=days) for length, days in lengths.items()), Q(pk__in=[]))


def sends(rows: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
    """By what tells them apart: words that all sends of an SMS share mean their executions."""
    shared = Send.objects.filter(mailing=OuterRef("pk")).alias(plain=folded("parent__name")).filter(plain__contains=fold(words))
    return holding(rows, name, words).exclude(Exists(shared))
