"""A single SMS texts each person once; a recurring one nobody twice on one day, but as often as its schedulers plan runs on that day.

A run that somebody begins by hand, or that comes of a second start with other times, is one more on its day. Whoever the SMS has texted on that day,
or is about to, is left out of it, with a reason that is counted like any.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from campaigns.models import Mailing, Message
from campaigns.statuses import NEVER_LEFT
from contacts.eligibility import Reason
from workflows.graph import Graph
from workflows.models import Run, Send
from workflows.steps import registry

ONCE, THAT_DAY = "texted_before", "texted_that_day"
A_MOMENT = timedelta(microseconds=1)


def reasons(mailing: Mailing) -> list[Reason]:
    """What preparation adds for a send of a run; nothing where no other run texted anybody."""
    send = Send.objects.select_related("run__workflow", "run__drawing").filter(mailing=mailing).first()
    if send is None or send.run is None:
        return []
    others = Send.objects.filter(parent=send.parent_id).exclude(run=send.run)
    if send.execution_id is None:
        return _left_out(ONCE, others)
    graph = send.run.drawing.read()
    timed = registry.is_timed(graph.steps.get(send.run.begin))
    return _left_out(THAT_DAY, _that_day(others, send, send.run, graph)) if timed else []


def _left_out(reason: str, others: QuerySet[Send]) -> list[Reason]:
    return [(reason, _texted(others))] if others.exists() else []


def _that_day(others: QuerySet[Send], send: Send, run: Run, graph: Graph) -> QuerySet[Send]:
    """What other runs of the day made. Runs that their schedulers plan on one day are meant to text the same people."""
    zone = ZoneInfo(run.workflow.time_zone)
    day = (run.due_at or run.started_at).astimezone(zone).date()
    begin, end = _midnight(day, zone), _midnight(day + timedelta(days=1), zone)
    planned = set(_planned(graph, send.step, begin, end))
    at = others.filter(run__isnull=False).alias(at=Coalesce("run__due_at", "run__started_at"))
    that_day = at.filter(at__gte=begin, at__lt=end)
    return that_day.exclude(run__due_at__in=planned) if run.due_at in planned else that_day


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _planned(graph: Graph, step: str, begin: datetime, end: datetime) -> Iterator[datetime]:
    for before in graph.before(step):
        node = graph.steps[before]
        if kind := registry.get(node.kind):
            yield from takewhile(lambda moment: moment < end, kind.times(node, begin - A_MOMENT))


def _texted(sends: QuerySet[Send]) -> Q:
    """Who has a text of them, or will have: by the contact, by whom it was before a merge, and by the number."""
    texts = Message.objects.filter(mailing__in=sends.values("mailing")).exclude(status__in=NEVER_LEFT)
    return (
        Q(Exists(texts.filter(contact=OuterRef("pk"))))
        | Q(Exists(texts.filter(contact__merged_into=OuterRef("pk"))))
        | Q(Exists(texts.filter(number=OuterRef("sms_number"))))
    )
