"""Campaigns, mailings and workflows as one list: a queryset for each kind, narrowed by what somebody searches for, all with the same few values.

They are put together by one UNION (smsapp.common.listing), which says which activities stand on a page; `rows` reads what is shown of them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import BigIntegerField, CharField, DateTimeField, Exists, F, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from campaigns.models import Campaign, Mailing
from campaigns.models.mailing import UNDATED, Role
from campaigns.phases import Phase
from smsapp.common import listing
from workflows.activities import labels
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
    own_labels: bool = False  # of sends only those that the words tell apart from others of their SMS
    today: date = field(default_factory=timezone.localdate)

    @property
    def by_date(self) -> bool:
        """Whether only what has a date can be meant."""
        return bool(self.since or self.until)

    @property
    def shown(self) -> list[Kind]:
        """The kinds of which there may be any."""
        archived = self.status == Stand.ARCHIVED
        return [kind for kind in Kind if kind in self.kinds and (self.recurring or kind not in HIDDEN) and (kind in PUT_AWAY or not archived)]


def querysets(wanted: Wanted) -> list[QuerySet[Any]]:
    """With VALUES: one for each kind of which there may be any, and one more for those of it without a date, so that each can use an index of its own."""
    found = [(SOURCES[kind], rows) for kind in wanted.shown if (rows := _narrowed(kind, wanted)) is not None]
    return [part for source, rows in found for part in _parts(source, rows, wanted)]


def _parts(source: "Source", rows: QuerySet[Any], wanted: Wanted) -> Iterator[QuerySet[Any]]:
    if source.undated is None:
        yield rows.annotate(undated=Value(FIRST)).values(*VALUES)
        return
    yield rows.exclude(source.undated).annotate(undated=Value(FIRST)).values(*VALUES)
    if source.or_made or not wanted.by_date:
        yield rows.filter(source.undated).annotate(undated=Value(FIRST if source.or_made else LAST)).values(*VALUES)


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


Between = Callable[[QuerySet[Any], date | None, date | None], QuerySet[Any]]


@dataclass(frozen=True, slots=True)
class Source:
    """A kind's rows: where they are, what they are called, by which moment they are sorted, how they are narrowed, and which of them have no date."""

    rows: Callable[[bool], QuerySet[Any]]  # archived or not
    name: str
    at: Any
    campaign: str
    in_states: Callable[[QuerySet[Any], set[str], date], QuerySet[Any]]
    between: Between  # some of what its date says lies between these days
    of: dict[str, Callable[[int], Q]] = field(default_factory=dict)  # what of it belongs to a parent, an execution, a workflow
    undated: Q | None = None  # None: all of them have one
    or_made: bool = False  # those without a date of their own have that of the day when they were made
    called: Callable[[QuerySet[Any], str, str], QuerySet[Any]] = labels.holding


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
        called = labels.holding if kind == Kind.SEND and not wanted.own_labels else source.called
        rows = called(rows, source.name, wanted.words)
    values = {"what": Value(kind.value, CharField()), "ref": F("pk"), "title": F(source.name), "at": source.at}
    rows = rows.annotate(**values)
    return source.between(rows, wanted.since, wanted.until) if wanted.by_date else rows


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _since(field: str, day: date | None, *, days: bool) -> Q:
    """Not before a day; `days`: the field holds days, not moments."""
    return Q(**{f"{field}__gte": day if days else _begin(day)}) if day else Q()


def _until(field: str, day: date | None, *, days: bool) -> Q:
    """Not after a day."""
    return Q(**{f"{field}__lte": day} if days else {f"{field}__lt": _begin(day + timedelta(days=1))}) if day else Q()


def _moment(rows: QuerySet[Any], since: date | None, until: date | None) -> QuerySet[Any]:
    """What has one moment, by which it stands in the list."""
    return rows.filter(_since("at", since, days=False) & _until("at", until, days=False))


def _days(first: str, last: str) -> Between:
    """What lasts from a day to another; without one of them it is open to that side."""

    def between(rows: QuerySet[Any], since: date | None, until: date | None) -> QuerySet[Any]:
        begins = _until(first, until, days=True) | Q(**{f"{first}__isnull": True}) if until else Q()
        ends = _since(last, since, days=True) | Q(**{f"{last}__isnull": True}) if since else Q()
        return rows.filter(begins & ends)

    return between


def _workflows_between(rows: Any, since: date | None, until: date | None) -> QuerySet[Any]:
    """Those in progress go on for ever."""
    ends = _since("finished_at", since, days=False) | Q(finished_at=None) if since else Q()
    return rows.filter(_until("begun", until, days=False) & ends)  # type: ignore[no-any-return]


def _recurring_between(rows: QuerySet[Any], since: date | None, until: date | None) -> QuerySet[Any]:
    """From their first period on, as long as their workflow."""
    over = Subquery(Workflow.objects.filter(pk=OuterRef("workflow")).values("finished_at"))
    ends = _since("over", since, days=False) | Q(over=None) if since else Q()
    parents: Any = with_workflow(rows).alias(over=over, since=FIRST_PERIOD)
    return parents.filter(_until("since", until, days=True) & ends)  # type: ignore[no-any-return]


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
    drawn: Any = Workflow.objects.all()
    still_to_run = Q(workflow=None, pk__in=_drawn_in(drawn.with_stand().filter(stand__in=states)))
    return parents.filter(Q(stand__in=states) | still_to_run)  # type: ignore[no-any-return]


def with_workflow(parents: QuerySet[Mailing]) -> QuerySet[Mailing]:
    """Recurring SMS with the `workflow` of their newest send, and its `stand`."""
    newest = Send.objects.filter(parent=OuterRef("pk")).order_by("-id")
    workflows: Any = Workflow.objects.filter(pk=OuterRef("workflow"))
    return parents.annotate(workflow=Subquery(newest.values("workflow")[:1])).annotate(stand=Subquery(workflows.with_stand().values("stand")))


class _RecurringTexts(Func):
    """Ids of the texts that a drawing sends again and again."""

    template = """(jsonb_path_query(%(expressions)s, '$.steps[*].options ? (@.how == "recurring" && @.content > 0).content'))::bigint"""
    output_field = BigIntegerField()


def _drawn_in(workflows: Any) -> QuerySet[Any, int]:
    return workflows.annotate(text=_RecurringTexts(F("graph"))).values("text")  # type: ignore[no-any-return]


RAN = Q(Exists(Execution.objects.filter(parent=OuterRef("pk"))))


def _recurring(archived: bool) -> QuerySet[Mailing]:
    """Texts of workflows that were sent again and again, or are drawn to be: others are a part of their workflow only."""
    drawn = Q(pk__in=_drawn_in(Workflow.objects.filter(archived=False)))
    return Mailing.objects.filter(RAN | drawn, archived=archived, role=Role.CONTENT)


def _recurring_of(workflow: int) -> Q:
    return _sends_of(workflow, "parent") | Q(pk__in=_drawn_in(Workflow.objects.filter(pk=workflow)))


def _sends_of(pk: int, name: str) -> Q:
    return Q(Exists(Send.objects.filter(**{name: OuterRef("pk"), "workflow": pk})))


def _begun(workflows: Any) -> QuerySet[Workflow]:
    return workflows.with_begin()  # type: ignore[no-any-return]


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
        _recurring, "name", Coalesce(_midnight(FIRST_PERIOD), "created_at"), "campaign", _by_workflow, _recurring_between, {"workflow": _recurring_of},
        ~RAN,
    ),
    Kind.EXECUTION: Source(
        lambda archived: Execution.objects.all(), "parent__name", _midnight("first"), "parent__campaign", _by_sends, _days("first", "last"),
        {"parent": lambda pk: Q(parent=pk), "workflow": lambda pk: _sends_of(pk, "execution")},
        called=labels.executions,
    ),
    Kind.SEND: Source(
        lambda archived: Mailing.objects.filter(archived=archived, role=Role.SEND), "name", Mailing.DATE, "campaign", _by_status, _moment, MADE_BY,
        UNDATED, or_made=True, called=labels.sends,
    ),
    Kind.WORKFLOW: Source(
        lambda archived: _begun(Workflow.objects.filter(archived=archived)), "label", Coalesce("begun", "created_at"), "campaign", _by_stand,
        _workflows_between, undated=Q(started_at=None),
    ),
}  # fmt: skip
