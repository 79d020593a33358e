"""One-off texts for a date and time: what waits, who may call it off, and calling it off before it leaves."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import CharField, Count, F, Func, Min, QuerySet, Value

from campaigns.models import Chunk, Message
from campaigns.services import transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import ChunkState, MessageStatus
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
    """Cancel those that no worker has begun with; how many. The lock on its chunk decides between us and a worker, who passes over it."""
    ready = Chunk.objects.filter(id__in=list(texts.order_by().values_list("chunk_id", flat=True)), state=ChunkState.READY)
    chunks = [chunk.pk for chunk in ready.select_for_update().order_by("id")]
    waiting = texts.filter(chunk__in=chunks, position__gte=F("chunk__started_up_to")).order_by("id")
    cancelled = transitions.move_messages([Outcome(message.pk, MessageStatus.CANCELLED, reason="cancelled") for message in waiting])
    emptied = Chunk.objects.filter(id__in=chunks).exclude(id__in=Message.objects.filter(chunk__in=chunks, status=MessageStatus.OPEN).values("chunk_id"))
    emptied.update(state=ChunkState.DONE)
    if first := Message.objects.filter(id__in=cancelled).order_by("id").first():
        audit.note(first, "cancelled", by, texts=len(cancelled))
    return len(cancelled)
