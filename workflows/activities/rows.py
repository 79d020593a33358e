"""What a line of the list shows: read for a page, or a batch of an export, with a fixed number of queries for each kind that is on it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.db.models import Count, Max, Min, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext

from campaigns.models import Campaign, Mailing, MailingTally
from campaigns.phases import phase_of
from campaigns.services.campaign_figures import STALE
from campaigns.statuses import ACCEPTED, MailingStatus, MessageStatus
from campaigns.wording import State, of_mailing
from smsapp.common.readable import person_time, person_time_within
from smsapp.common.templatetags.ui import colon, icon
from workflows import wording
from workflows.activities.finding import with_workflow
from workflows.activities.kinds import LOOKS, RIGHTS, Kind
from workflows.models import Execution, Send, Workflow
from workflows.services import parents


@dataclass(frozen=True, slots=True)
class Link:
    """Something that a line leads to; without an address for those who may not see it."""

    name: str
    url: str = ""
    kind: Kind | None = None  # where things of several kinds stand side by side, and are often called alike

    def __str__(self) -> str:
        return f"{self.name} ({self.kind.label})" if self.kind else self.name

    @property
    def plain(self) -> SafeString:
        """As a page has it where one kind of things stands."""
        return format_html('<a href="{}">{}</a>', self.url, self.name) if self.url else format_html("<bdi>{}</bdi>", self.name)

    @property
    def told(self) -> SafeString:
        """With what it is in front of it."""
        if self.kind is None:
            return self.plain
        return format_html('<span class="text-nowrap">{} {}{}</span> {}', icon(self.kind.icon), self.kind.label, colon(), self.plain)


@dataclass(slots=True)
class Row:
    """One activity."""

    kind: Kind
    pk: int
    label: str
    url: str
    state: State
    created: datetime | None
    at: datetime | None = None  # when it began or is to begin
    first: date | None = None  # of what lasts for days
    last: date | None = None
    finished: datetime | date | None = None  # only of what is really over
    author: Any = None
    campaign: Link | None = None
    type: Any = ""  # marketing or service
    template: Link | None = None
    of: list[Link] = field(default_factory=list)  # what it belongs to, outermost first
    has: list[tuple[str, int, str]] = field(default_factory=list)  # ("executions", how many, address)
    texts: int | None = None
    sent: int | None = None
    delivered: int | None = None
    archived: bool = False
    parent: tuple[Kind, int] | None = None
    inside: bool = False  # it stands right below its parent, or below others that do

    @property
    def when(self) -> SafeString:
        """Its date as a page says it; empty when there is none."""
        first, last = self.first, self.last
        if first and last:
            return _with_times(pgettext("days", "%(first)s to %(last)s"), first=person_time(first), last=person_time(last))
        if first:
            return _with_times(gettext("from %(first)s"), first=person_time_within(first))
        if last:
            return _with_times(gettext("until %(last)s"), last=person_time_within(last))
        return person_time(self.at) if self.at else SafeString("")


def _with_times(sentence: str, **times: SafeString) -> SafeString:
    return format_html(sentence.replace("%(", "{").replace(")s", "}"), **times)


def read(found: Iterable[dict[str, Any]], user: Any) -> list[Row]:
    """The rows of what `finding` found, in its order; what is gone since is left out."""
    found = list(found)
    by_kind: dict[Kind, list[int]] = defaultdict(list)
    for values in found:
        by_kind[Kind(values["what"])].append(values["ref"])
    known = {(row.kind, row.pk): row for kind, ids in by_kind.items() for row in _READERS[kind](ids, _Reader(user))}
    for kind, ids in by_kind.items():
        _count(kind, ids, known)
    rows = [known[key] for values in found if (key := (Kind(values["what"]), values["ref"])) in known]
    for above, row in pairwise(rows):
        row.inside = row.parent is not None and (row.parent == (above.kind, above.pk) or (above.inside and row.parent == above.parent))
    return rows


# By which way the counters of mailings lead to an activity.
_WAYS = {
    Kind.CAMPAIGN: "mailing__campaign", Kind.MAILING: "mailing", Kind.SEND: "mailing", Kind.RECURRING: "mailing__made_by__parent",
    Kind.EXECUTION: "mailing__made_by__execution", Kind.WORKFLOW: "mailing__made_by__workflow",
}  # fmt: skip


def _count(kind: Kind, ids: list[int], known: dict[tuple[Kind, int], Row]) -> None:
    """Texts, those that a gateway accepted or may have, and those delivered; what an earlier preparation left counts for nothing.

    One that is over, and some of whose texts are sent once more, says so.
    """
    way = _WAYS[kind]
    tallies = MailingTally.objects.filter(**{f"{way}__in": ids}).exclude(mailing__status__in=STALE).order_by()
    parts = {"sent": Q(status__in=ACCEPTED), "got": Q(status=MessageStatus.DELIVERED), "left": Q(status=MessageStatus.OPEN)}
    rows = tallies.values_list(way).annotate(Sum("messages"), **{name: Sum("messages", filter=part, default=0) for name, part in parts.items()})
    for pk, texts, accepted, arrived, still_to_go in rows:
        if row := known.get((kind, pk)):
            row.texts, row.sent, row.delivered = texts, accepted, arrived
            row.state = of_mailing(row.state.code, still_to_go) if kind in (Kind.MAILING, Kind.SEND) else row.state


class _Reader:
    """Who looks: which links they get."""

    def __init__(self, user: Any) -> None:
        self.user = user

    def link(self, name: str, url_name: str, *args: Any, right: str, kind: Kind | None = None) -> Link:
        """With its address for those who may go there."""
        return Link(name, reverse(url_name, args=args) if self.user.has_perm(right) else "", kind)

    def campaign(self, campaign: Campaign | None) -> Link | None:
        """Where something is filed."""
        return self.link(campaign.name, "campaigns:campaign", campaign.pk, right=RIGHTS[Kind.CAMPAIGN], kind=Kind.CAMPAIGN) if campaign else None

    def template(self, mailing: Mailing) -> Link | None:
        """What a text was made from."""
        template = mailing.template
        return self.link(template.name, "campaigns:template", template.pk, right="campaigns.view_smstemplate") if template else None

    def workflow(self, workflow: Workflow) -> Link:
        """What made something."""
        return self.link(workflow.label, "workflows:canvas", workflow.pk, right=RIGHTS[Kind.WORKFLOW], kind=Kind.WORKFLOW)

    def dashboard(self, parent: Mailing) -> Link:
        """Of a text that is sent again and again."""
        return self.link(parent.name, "workflows:parent", parent.pk, right=RIGHTS[Kind.WORKFLOW], kind=Kind.RECURRING)


def _campaigns(ids: list[int], reader: _Reader) -> Iterator[Row]:
    today = timezone.localdate()
    for campaign in Campaign.objects.filter(pk__in=ids):
        state = LOOKS[Kind.CAMPAIGN][phase_of(campaign.starts_on, campaign.ends_on, today)]
        url = reverse("campaigns:campaign", args=[campaign.pk])
        first, last = campaign.starts_on, campaign.ends_on
        row = Row(Kind.CAMPAIGN, campaign.pk, campaign.name, url, state, campaign.created_at, first=first, last=last, archived=campaign.archived)
        row.finished = last if last and last < today else None
        yield row


def _of_mailing(kind: Kind, mailing: Mailing, reader: _Reader) -> Row:
    row = Row(kind, mailing.pk, mailing.name, reverse("campaigns:mailing", args=[mailing.pk]), LOOKS[Kind.MAILING][mailing.status], mailing.created_at)
    row.at, row.finished = mailing.started_at or mailing.scheduled_at, mailing.finished_at
    row.author, row.archived = mailing.author, mailing.archived
    row.type, row.campaign, row.template = mailing.get_kind_display(), reader.campaign(mailing.campaign), reader.template(mailing)
    return row


def _mailings(ids: list[int], reader: _Reader, kind: Kind = Kind.MAILING) -> Iterator[Row]:
    made = {send.mailing_id: send for send in Send.objects.filter(mailing__in=ids).select_related("workflow", "parent")}
    for mailing in Mailing.objects.filter(pk__in=ids).select_related("author", "campaign", "template"):
        row = _of_mailing(kind, mailing, reader)
        if send := made.get(mailing.pk):
            row.of = [reader.workflow(send.workflow)]
            row.of += [reader.dashboard(send.parent)] if kind == Kind.SEND else []
            row.parent = (Kind.EXECUTION, send.execution_id) if send.execution_id else None
        if kind == Kind.SEND:
            row.at = row.at or row.created  # one that waits has the date of its preparation
        yield row


def _sends(ids: list[int], reader: _Reader) -> Iterator[Row]:
    return _mailings(ids, reader, Kind.SEND)


def _recurring(ids: list[int], reader: _Reader) -> Iterator[Row]:
    periods = Execution.objects.filter(parent__in=ids).order_by().values_list("parent").annotate(Count("id"), Min("first"))
    executions = {parent: (count, first) for parent, count, first in periods}
    texts = list(with_workflow(Mailing.objects.filter(pk__in=ids).select_related("author", "campaign", "template")))
    workflows = _workflows_of(texts)
    for text in texts:
        row, workflow = _of_mailing(Kind.RECURRING, text, reader), workflows[text.pk]
        count, row.first = executions.get(text.pk, (0, None))
        row.state, row.at, row.finished = wording.WORKFLOWS[workflow.stand], None, workflow.finished_at  # type: ignore[attr-defined]
        row.last = _day(workflow.finished_at) if row.first else None
        row.of, row.url = [reader.workflow(workflow)], reader.dashboard(text).url
        row.has = [("executions", count, f"?recurring=on&parent={text.pk}")]
        yield row


def _workflows_of(texts: list[Mailing]) -> dict[int, Workflow]:
    """By their newest sends; before the first one, by the drawing that has them."""
    sent = {text.pk: text.workflow for text in texts if text.workflow}  # type: ignore[attr-defined]
    rows: Any = Workflow.objects.all()
    known = rows.with_stand().in_bulk({*sent.values()})
    return parents.workflows_of([text.pk for text in texts if text.pk not in sent]) | {text: known[workflow] for text, workflow in sent.items()}


def _day(moment: datetime | None) -> date | None:
    return timezone.localdate(moment) if moment else None


def _executions(ids: list[int], reader: _Reader) -> Iterator[Row]:
    found = Send.objects.filter(execution__in=ids).order_by().values_list("execution")
    facts = {"shown": Count("id", filter=Q(mailing__archived=False)), "made": Min("mailing__created_at"), "ended": Max("mailing__finished_at")}
    sends = {pk: values for pk, *values in found.annotate(**facts)}
    rows = Execution.objects.filter(pk__in=ids).with_stand(timezone.localdate())
    executions = list(rows.select_related("parent__author", "parent__campaign", "parent__template"))
    workflows = Workflow.objects.in_bulk({execution.workflow for execution in executions})  # type: ignore[attr-defined]
    for execution in executions:
        row = _of_mailing(Kind.EXECUTION, execution.parent, reader)
        row.pk, row.label, row.state = execution.pk, f"{execution.parent.name} · {wording.span(execution)}", LOOKS[Kind.EXECUTION][execution.stand]  # type: ignore[attr-defined]
        count, row.created, finished = sends.get(execution.pk, (0, None, None))
        row.finished = finished if execution.stand in (MailingStatus.FINISHED, MailingStatus.CANCELLED) else None  # type: ignore[attr-defined]
        row.first, row.last, row.at, row.archived, row.parent = execution.first, execution.last, None, False, (Kind.RECURRING, execution.parent_id)
        row.url = reader.link("", "workflows:period", execution.parent_id, execution.pk, right=RIGHTS[Kind.WORKFLOW]).url
        workflow = workflows.get(execution.workflow)  # type: ignore[attr-defined]
        row.of = [*([reader.workflow(workflow)] if workflow else []), reader.dashboard(execution.parent)]
        row.has = [("sends", count, f"?recurring=on&kind={Kind.SEND}&execution={execution.pk}")]
        yield row


def _workflows(ids: list[int], reader: _Reader) -> Iterator[Row]:
    sends = dict(Send.objects.filter(workflow__in=ids, mailing__archived=False).order_by().values_list("workflow").annotate(Count("id")))
    rows: Any = Workflow.objects.filter(pk__in=ids).with_stand().with_begin()
    for workflow in rows.select_related("author", "campaign"):
        url = reverse("workflows:canvas", args=[workflow.pk])
        row = Row(Kind.WORKFLOW, workflow.pk, workflow.label, url, wording.WORKFLOWS[workflow.stand], workflow.created_at)
        row.at, row.finished, row.author, row.archived = workflow.begun, workflow.finished_at, workflow.author, workflow.archived
        if _day(workflow.begun) != _day(workflow.finished_at):  # it lasts for days, or still goes on
            row.first, row.last = _day(workflow.begun), _day(workflow.finished_at)
        row.campaign = reader.campaign(workflow.campaign)
        if workflow.pk in sends and reader.user.has_perm(RIGHTS[Kind.MAILING]):
            row.has = [("mailings", sends[workflow.pk], f"?recurring=on&kind={Kind.MAILING}&kind={Kind.SEND}&workflow={workflow.pk}")]
        yield row


_READERS = {
    Kind.CAMPAIGN: _campaigns, Kind.MAILING: _mailings, Kind.SEND: _sends, Kind.RECURRING: _recurring, Kind.EXECUTION: _executions,
    Kind.WORKFLOW: _workflows,
}  # fmt: skip
