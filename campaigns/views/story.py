"""The story of a mailing: what happened, when and by whom, each event told by what came before it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns import wording
from campaigns.models import Mailing, MailingEvent
from campaigns.services import schedules
from campaigns.statuses import MailingStatus

MOST = 20  # events that are told


@dataclass(frozen=True, slots=True)
class Line:
    """An event in words; `planned` is the time that was chosen with it, `instead_of` the one before."""

    at: datetime
    words: Any
    author: Any
    note: str
    planned: datetime | None = None
    instead_of: datetime | None = None


def of(mailing: Mailing) -> list[Line]:
    """Newest first."""
    events = list(mailing.events.select_related("author")[: MOST + 1])
    return [_line(event, events[place + 1 :]) for place, event in enumerate(events[:MOST])]


def _line(event: MailingEvent, earlier: list[MailingEvent]) -> Line:
    before = earlier[0].status if earlier else ""
    words, instead_of = wording.EVENTS[event.status], None
    if before == MailingStatus.PAUSED and event.status in (MailingStatus.SCHEDULED, MailingStatus.SENDING):
        words = wording.RESUMED
    elif before == event.status == MailingStatus.SCHEDULED:
        words, instead_of = wording.TIME_CHANGED, next((found.scheduled_for for found in earlier if found.scheduled_for), None)
    elif before == event.status in schedules.UNDER_WAY:
        words = wording.LIMIT_CHANGED
    return Line(event.at, words, event.author, event.remark, event.scheduled_for, instead_of)
