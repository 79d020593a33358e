"""One-off texts for a date and time: what waits, who may call it off, calling it off before it leaves, and giving it another time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import CharField, Count, F, Func, Min, QuerySet, Value
from django.utils.translation import gettext as _

from campaigns import tokens
from campaigns.models import Chunk, Message, MessageTimeChange
from campaigns.pipeline.message_rows import place
from campaigns.services import moments, transitions
from campaigns.services.errors import CampaignError
from campaigns.services.transitions import Outcome
from campaigns.statuses import ChunkState, MessageStatus
from campaigns.vocabulary import Occasion
from smsapp.common import audit

LAUNCH = "campaigns.launch_mailing"


def may_cancel(user: Any, text: Message) -> bool:
    """Everybody may call off their own; those who launch and cancel mailings anybody's."""
    return user.has_perm(LAUNCH) or (text.author_id == user.pk and user.has_perm("campaigns.add_message"))


def for_user(user: Any) -> QuerySet[Message]:
    """Waiting texts that this person may call off."""
    waiting = Message.objects.scheduled()
    return waiting if user.has_perm(LAUNCH) else waiting.filter(author=user)


@dataclass(frozen=True, slots=True)
class Send:
    """What somebody scheduled with one form."""

    key: str
    subject: str
    at: datetime
    texts: int
    author: Any


def sends(texts: QuerySet[Message], most: int) -> list[Send]:
    """The soonest of them, `most` so many."""
    form = Func(F("idempotency_key"), Value(":"), Value(1), function="split_part", output_field=CharField())
    rows = list(texts.values(form=form).annotate(name=Min("subject"), at=Min("scheduled_at"), n=Count("id"), by=Min("author_id")).order_by("at", "form")[:most])
    people = get_user_model().objects.in_bulk([row["by"] for row in rows if row["by"]])
    return [Send(row["form"], row["name"], row["at"], row["n"], people.get(row["by"])) for row in rows]


@transaction.atomic
def cancel(texts: QuerySet[Message], by: Any) -> int:
    """Cancel those that no worker has begun with; how many."""
    waiting = _take(texts)
    cancelled = transitions.move_messages([Outcome(message.pk, MessageStatus.CANCELLED, reason="cancelled") for message in waiting])
    _close_emptied(waiting)
    if first := Message.objects.filter(id__in=cancelled).order_by("id").first():
        audit.note(first, "cancelled", by, texts=len(cancelled))
    return len(cancelled)


@transaction.atomic
def change_time(texts: QuerySet[Message], by: Any, at: datetime, *, key: str) -> int:
    """Another time for those of a form (`key` is what names them) that no worker has begun with; how many. Raises CampaignError `past` or `other_day`."""
    moments.check_to_come(at)
    if not (waiting := _take(texts)) or (before := waiting[0].scheduled_at) is None or waiting[0].provider is None:
        return 0
    _check_day(waiting, at)
    left = [Message(pk=message.pk, chunk_id=message.chunk_id) for message in waiting]
    place(waiting, priority=Chunk.Priority.URGENT, state=ChunkState.READY, due=at)
    for message in waiting:
        message.scheduled_at = at
    Message.objects.bulk_update(waiting, ["chunk", "position", "scheduled_at"])
    _close_emptied(left)
    MessageTimeChange.objects.create(key=key, author=by, before=before, after=at)
    audit.note(waiting[0], "rescheduled", by, at=at, before=before, texts=len(waiting))
    return len(waiting)


def changes_of(texts: Iterable[Message]) -> dict[int, list[MessageTimeChange]]:
    """How the times of scheduled texts were changed, each alone or with the others of its form; newest first. By the texts' ids."""
    keys = {text.pk: {key, form_of(key)} for text in texts if text.scheduled_at and (key := text.idempotency_key)}
    if not keys:
        return {}
    found = list(MessageTimeChange.objects.filter(key__in=set().union(*keys.values())).select_related("author"))
    return {pk: [change for change in found if change.key in mine] for pk, mine in keys.items()}


def form_of(key: str) -> str:
    """What the keys of all texts of a form begin with."""
    return key.partition(":")[0]


def _take(texts: QuerySet[Message]) -> list[Message]:
    """Those that no worker has begun with, in order. The lock on its chunk decides between us and a worker, who passes over it."""
    ready = Chunk.objects.filter(id__in=list(texts.order_by().values_list("chunk_id", flat=True)), state=ChunkState.READY)
    chunks = [chunk.pk for chunk in ready.select_for_update().order_by("id")]
    waiting = texts.filter(chunk__in=chunks, position__gte=F("chunk__started_up_to"), status=MessageStatus.OPEN)
    return list(waiting.select_related("provider").order_by("id"))


def _close_emptied(texts: list[Message]) -> None:
    """Chunks that these texts have left behind without any other."""
    emptied = Chunk.objects.filter(id__in={text.chunk_id for text in texts}, state=ChunkState.READY)
    emptied.exclude(id__in=Message.objects.filter(chunk__in=emptied.values("id"), status=MessageStatus.OPEN).values("chunk_id")).update(state=ChunkState.DONE)


def _check_day(texts: list[Message], at: datetime) -> None:
    """A text that says the day for which it is scheduled is kept as it was written, so it goes on that day."""
    said, goes = (tokens.written(Occasion(at=moment).day) for moment in (texts[0].scheduled_at, at))
    if said != goes and any(said in text.text for text in texts):
        words = _("The text says %(said)s, the day for which it is scheduled, but would go on %(goes)s. Cancel it and write it again.")
        raise CampaignError("other_day", words % {"said": said, "goes": goes})
