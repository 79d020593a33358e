"""An SMS texts nobody twice on one day, but as often as its schedulers plan runs on that day.

A run that somebody begins by hand, or that comes of a second start with other times, is one more on its day. Whoever the SMS has texted on that day,
or is about to, is left out of it, with a reason that is counted like any.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from campaigns.models import Mailing, Message
from campaigns.statuses import NEVER_LEFT
from contacts.eligibility import Reason
from workflows.models import Run, Send
from workflows.steps import registry

REASON = "texted_that_day"
A_MOMENT = timedelta(microseconds=1)


def reasons(mailing: Mailing) -> list[Reason]:
    """What preparation adds for a send of a scheduled run; nothing where no other run of its day texted anybody."""
    send = Send.objects.select_related("run__workflow", "run__drawing").filter(mailing=mailing).first()
    if send is None or send.run is None or not registry.is_timed(send.run.drawing.read().steps.get(send.run.begin)):
        return []
    others = _others(send, send.run)
    return [(REASON, _texted(others))] if others else []


def _others(send: Send, run: Run) -> list[int]:
    """Mailings of the same SMS that other runs of the day made. Runs that their schedulers plan on one day are meant to text the same people."""
    zone = ZoneInfo(run.workflow.time_zone)
    day = (run.due_at or run.started_at).astimezone(zone).date()
    begin, end = _midnight(day, zone), _midnight(day + timedelta(days=1), zone)
    planned = set(_planned(send, run, begin, end))
    sends = Send.objects.filter(parent=send.parent_id, run__isnull=False).exclude(run=run).alias(at=Coalesce("run__due_at", "run__started_at"))
    that_day = sends.filter(at__gte=begin, at__lt=end)
    if run.due_at in planned:
        that_day = that_day.exclude(run__due_at__in=planned)
    return list(that_day.values_list("mailing", flat=True))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _planned(send: Send, run: Run, begin: datetime, end: datetime) -> Iterator[datetime]:
    graph = run.drawing.read()
    for step in graph.before(send.step):
        node = graph.steps[step]
        if kind := registry.get(node.kind):
            yield from takewhile(lambda moment: moment < end, kind.times(node, begin - A_MOMENT))


def _texted(mailings: list[int]) -> Q:
    """Who has a text of them, or will have: by the contact, by whom it was before a merge, and by the number."""
    texts = Message.objects.filter(mailing__in=mailings).exclude(status__in=NEVER_LEFT)
    return (
        Q(Exists(texts.filter(contact=OuterRef("pk"))))
        | Q(Exists(texts.filter(contact__merged_into=OuterRef("pk"))))
        | Q(Exists(texts.filter(number=OuterRef("sms_number"))))
    )
