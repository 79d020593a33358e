"""Texts of which nobody knows whether they left: what waits for an answer, and what a person answers.

A report or a look-up may settle a text at the same moment as a person, or as two of them: whoever holds its row first wins, and the others
are told what it is by then.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from auditlog.models import LogEntry
from django.db import transaction
from django.db.models import QuerySet, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import Message, UnknownText
from campaigns.services import again, transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import MessageStatus
from smsapp.common import audit

MOST = 5_000  # texts that one answer settles, and SECONDS after which it stops between two batches: who has more is told what is left
SECONDS = 5.0
BATCH = 250
YOUNG = timedelta(minutes=2)


class Choice(TextChoices):
    """What a person says of an unknown text; the value is also the word in the address."""

    SENT = "sent", _("Was sent")
    AGAIN = "again", _("Send again")
    GIVE_UP = "give-up", _("Give up")


NOTED = {Choice.SENT: "settled as sent", Choice.AGAIN: "sent again", Choice.GIVE_UP: "given up"}  # in the audit log


@dataclass(slots=True)
class Settled:
    """What came of an answer: how many were settled, what others had become meanwhile, whom nobody may text again and why."""

    done: int = 0
    meanwhile: Counter[MessageStatus] = field(default_factory=Counter)
    sent_again: int = 0  # by somebody else, meanwhile
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def late(self) -> int:
        """Those that somebody or something else had settled before."""
        return sum(self.meanwhile.values()) + self.sent_again


def settle(ids: Sequence[int], choice: Choice, by: Any) -> Settled:
    """Give the answer of a person to unknown texts, in batches with a transaction each; no more than `MOST`, for no longer than `SECONDS`."""
    found, ends = Settled(), time.monotonic() + SECONDS
    for batch in _batches(sorted(set(ids))[:MOST]):
        if time.monotonic() > ends:
            break
        _settle(batch, choice, by, found)
    return found


def _batches(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


@transaction.atomic
def _settle(ids: list[int], choice: Choice, by: Any, found: Settled) -> None:
    held = _hold(ids)
    if choice is Choice.AGAIN:
        done = again.send(held, by, found.refused)
    else:
        done = [(message, {"cause": message.reason, "gateway": message.detail}) for message in held]
        transitions.move_messages([_outcome(message, choice) for message in held])
    audit.note_many(done, NOTED[choice], by)
    found.done += len(done)
    _look_at_the_others(set(ids) - {message.pk for message in held}, found)


def _hold(ids: list[int]) -> list[Message]:
    """Those that still wait, their rows locked in the order of their ids: a report that comes now waits for us, or we for it."""
    rows = Message.objects.filter(id__in=ids, status=MessageStatus.UNKNOWN).order_by("id").select_for_update(of=("self",))
    held = again.with_their_own(rows)
    waiting = set(UnknownText.objects.filter(message__in=[message.pk for message in held]).values_list("message_id", flat=True))
    return [message for message in held if message.pk in waiting]


def _outcome(message: Message, choice: Choice) -> Outcome:
    if choice is Choice.SENT:
        return Outcome(message.pk, MessageStatus.SENT)
    return Outcome(message.pk, MessageStatus.FAILED, reason="given_up", detail=message.detail)


def _look_at_the_others(ids: set[int], found: Settled) -> None:
    for status in Message.objects.filter(id__in=ids).values_list("status", flat=True):
        if status == MessageStatus.UNKNOWN:
            found.sent_again += 1
        else:
            found.meanwhile[MessageStatus(status)] += 1


# --- what pages show ---


def waiting_count(**which: Any) -> int:
    """How many wait; one more than `MOST` stands for more than that."""
    return UnknownText.objects.filter(**which)[: MOST + 1].count()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person once said of a text."""

    choice: Choice
    by: Any
    at: datetime


def answers_to(message: Message) -> list[Answer]:
    """Who settled this text, newest first, from the audit log."""
    words = {noted: choice for choice, noted in NOTED.items()}
    entries = LogEntry.objects.get_for_object(message).select_related("actor").order_by("-timestamp")
    return [Answer(words[word], entry.actor, entry.timestamp) for entry in entries for word in entry.changes_dict if word in words]


def old_ones() -> QuerySet[UnknownText]:
    """Those that neither an early report nor the first look-ups have settled."""
    return UnknownText.objects.filter(since__lt=timezone.now() - YOUNG)
