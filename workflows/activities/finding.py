"""Campaigns, mailings and workflows as one list: a queryset for each kind, narrowed by what somebody searches for, all with the same few values.

They are put together by one UNION (smsapp.common.listing), which says which activities stand on a page; `rows` reads what is shown of them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import CharField, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from campaigns.models import Campaign, Mailing
from campaigns.models.mailing import UNDATED, Role
from campaigns.phases import Phase
from contacts.models.folding import fold, folded
from smsapp.common import listing
from workflows.activities.kinds import HIDDEN, PUT_AWAY, Kind, Stand, states_of
from workflows.models import Execution, Send, Workflow

VALUES = ("what", "ref", "title", "at", "undated")  # kind, id, label, the moment by which it stands in the list, and whether that is no date of its own
ORDERS = {"at": ("at", "what", "ref"), "title": ("title", "what", "ref")}
NEWEST = "-at"
FIRST, LAST = 0, 1  # what has no date comes last, whichever way the list is sorted by it


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for. `kinds`: those that they may see and chose; an id (`parent` of a mailing and the like) narrows to what belongs to it."""

    kinds: frozenset[Kind]
    words: str = ""
    pk: int | None = None
    status: str = ""
    since: date | None = None
    until: date | None = None
    campaign: int | None = None
    parent: int | None = None
    execution: int | None = None
    workflow: int | None = None
    recurring: bool = False
    today: date = field(default_factory=timezone.localdate)

    @property
    def shown(self) -> list[Kind]:
        """The kinds of which there may be any."""
        archived = self.status == Stand.ARCHIVED
        return [kind for kind in Kind if kind in self.kinds and (self.recurring or kind not in HIDDEN) and (kind in PUT_AWAY or not archived)]


def querysets(wanted: Wanted) -> list[QuerySet[Any]]:
    """With VALUES: one for each kind of which there may be any, and one more for those of it without a date, so that each can use an index of its own."""
    found = [(SOURCES[kind], rows) for kind in wanted.shown if (rows := _narrowed(kind, wanted)) is not None]
    return [part for source, rows in found for part in _parts(source, rows)]


def _parts(source: "Source", rows: QuerySet[Any]) -> Iterator[QuerySet[Any]]:
    if source.undated is None:
        yield rows.annotate(undated=Value(FIRST)).values(*VALUES)
        return
    yield rows.exclude(source.undated).annotate(undated=Value(FIRST)).values(*VALUES)
    yield rows.filter(source.undated).annotate(undated=Value(LAST)).values(*VALUES)


def order(sort: str) -> tuple[str, ...]:
    """Names to sort by, for what stands in an address; newest first for what makes no sense."""
    name = sort.lstrip("-")
    if name not in ORDERS or sort not in (name, f"-{name}"):
        return order(NEWEST)
    names = tuple(f"-{each}" for each in ORDERS[name]) if sort.startswith("-") else ORDERS[name]
    return ("undated", *names) if name == "at" else names


def count(wanted: Wanted) -> int:
    """How many there are."""
    return sum(rows.order_by().count() for rows in querysets(wanted))


def each(wanted: Wanted, sort: str) -> Iterable[dict[str, Any]]:
    """All of them, from a cursor that the database holds."""
    found = querysets(wanted)
    return listing.together(found, order(sort)).iterator(chunk_size=2_000) if found else ()


@dataclass(frozen=True, slots=True)
class Source:
    """A kind's rows: where they are, what they are called, by which moment they are sorted, how they are narrowed, and which of them have no date."""

    rows: Callable[[bool], QuerySet[Any]]  # archived or not
    name: str
    at: Any
    campaign: str
    in_states: Callable[[QuerySet[Any], set[str], date], QuerySet[Any]]
    between: Callable[[datetime | None, datetime | None], Q]
    of: dict[str, Callable[[int], Q]] = field(default_factory=dict)  # what of it belongs to a parent, an execution, a workflow
    undated: Q | None = None  # None: all of them have one


def _narrowed(kind: Kind, wanted: Wanted) -> QuerySet[Any] | None:
    source = SOURCES[kind]
    rows = source.rows(wanted.status == Stand.ARCHIVED)
    for name in ("parent", "execution", "workflow"):
        if (pk := getattr(wanted, name)) is not None:
            if name not in source.of:
                return None
            rows = rows.filter(source.of[name](pk))
    if wanted.status and wanted.status != Stand.ARCHIVED:
        states = states_of(kind, wanted.status)
        if states is None:
            return None
        rows = source.in_states(rows, states, wanted.today)
    if wanted.pk is not None:
        rows = rows.filter(pk=wanted.pk)
    if wanted.campaign is not None:
        rows = rows.filter(**{source.campaign: wanted.campaign})
    if wanted.words:
        rows = rows.alias(plain=folded(source.name)).filter(plain__contains=fold(wanted.words))
    values = {"what": Value(kind.value, CharField()), "ref": F("pk"), "title": F(source.name), "at": source.at}
    return rows.annotate(**values).filter(source.between(_begin(wanted.since), _begin(wanted.until and wanted.until + timedelta(days=1))))


def _begin(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None


def _moment(since: datetime | None, until: datetime | None) -> Q:
    """What stands there by a moment."""
    return Q(**({"at__gte": since} if since else {}) | ({"at__lt": until} if until else {}))


def _days(first: str, last: str) -> Callable[[datetime | None, datetime | None], Q]:
    """What lasts from a day to another: some of it lies between; one without any days stands there by its moment."""

    def between(since: datetime | None, until: datetime | None) -> Q:
        if not since and not until:
            return Q()
        undated = Q(**{f"{first}__isnull": True, f"{last}__isnull": True})
        lasts = ~undated
        if since:
            lasts &= Q(**{f"{last}__gte": timezone.localdate(since)}) | Q(**{f"{last}__isnull": True})
        if until:
            lasts &= Q(**{f"{first}__lt": timezone.localdate(until)}) | Q(**{f"{first}__isnull": True})
        return lasts | undated & _moment(since, until)

    return between


def _by_status(rows: QuerySet[Any], states: set[str], today: date) -> QuerySet[Any]:
    return rows.filter(status__in=states)


def _by_stand(rows: Any, states: set[str], today: date) -> QuerySet[Any]:
    return rows.with_stand().filter(stand__in=states)


def _by_phase(rows: Any, states: set[str], today: date) -> QuerySet[Any]:
    return reduce(or_, (rows.in_phase(Phase(state), today) for state in sorted(states)))


def _by_sends(rows: Any, states: set[str], today: date) -> QuerySet[Any]:
    return rows.with_stand(today).filter(stand__in=states)


def _by_workflow(rows: QuerySet[Any], states: set[str], today: date) -> QuerySet[Any]:
    parents: Any = with_workflow(rows)  # with annotations that no type knows
    return parents.filter(stand__in=states)  # type: ignore[no-any-return]


def with_workflow(parents: QuerySet[Mailing]) -> QuerySet[Mailing]:
    """Recurring SMS with the `workflow` of their newest send, and its `stand`."""
    newest = Send.objects.filter(parent=OuterRef("pk")).order_by("-id")
    workflows: Any = Workflow.objects.filter(pk=OuterRef("workflow"))
    return parents.annotate(workflow=Subquery(newest.values("workflow")[:1])).annotate(stand=Subquery(workflows.with_stand().values("stand")))


def _recurring(archived: bool) -> QuerySet[Mailing]:
    """Texts of workflows that were sent again and again: others are a part of their workflow only."""
    return Mailing.objects.filter(Exists(Execution.objects.filter(parent=OuterRef("pk"))), archived=archived, role=Role.CONTENT)


def _sends_of(pk: int, name: str) -> Q:
    return Q(Exists(Send.objects.filter(**{name: OuterRef("pk"), "workflow": pk})))


def _midnight(day: Any) -> Cast:
    """A day as the moment at which it begins."""
    return Cast(day, DateTimeField())


FIRST_PERIOD = Subquery(Execution.objects.filter(parent=OuterRef("pk")).order_by("first").values("first")[:1])  # since when a text is sent
MADE_BY: dict[str, Callable[[int], Q]] = {
    "parent": lambda pk: Q(made_by__parent=pk), "execution": lambda pk: Q(made_by__execution=pk), "workflow": lambda pk: Q(made_by__workflow=pk),
}  # fmt: skip
SOURCES = {
    Kind.CAMPAIGN: Source(
        lambda archived: Campaign.objects.filter(archived=archived), "name", Coalesce(_midnight("starts_on"), _midnight("ends_on"), "created_at"), "pk",
        _by_phase, _days("starts_on", "ends_on"), undated=Q(starts_on=None, ends_on=None),
    ),
    Kind.MAILING: Source(
        lambda archived: Mailing.objects.filter(archived=archived, role=Role.ORDINARY), "name", Mailing.DATE, "campaign", _by_status, _moment,
        {"workflow": MADE_BY["workflow"]}, UNDATED,
    ),
    Kind.RECURRING: Source(
        _recurring, "name", _midnight(FIRST_PERIOD), "campaign", _by_workflow, _moment, {"workflow": lambda pk: _sends_of(pk, "parent")},
    ),
    Kind.EXECUTION: Source(
        lambda archived: Execution.objects.all(), "parent__name", _midnight("first"), "parent__campaign", _by_sends, _days("first", "last"),
        {"parent": lambda pk: Q(parent=pk), "workflow": lambda pk: _sends_of(pk, "execution")},
    ),
    Kind.SEND: Source(
        lambda archived: Mailing.objects.filter(archived=archived, role=Role.SEND), "name", Mailing.DATE, "campaign", _by_status, _moment, MADE_BY,
        UNDATED,
    ),
    Kind.WORKFLOW: Source(
        lambda archived: Workflow.objects.filter(archived=archived), "label", Coalesce("started_at", "created_at"), "campaign", _by_stand, _moment,
        undated=Q(started_at=None),
    ),
}  # fmt: skip
