"""An open thread as its page shows it: lines with their days and words, texts to decide about, and whether it can be answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.inbox import answering, lists, threads
from campaigns.inbox.threads import PAGE, Line
from campaigns.models import AutomaticReply, Conversation, InboundMessage
from smsapp.common import dates

MOST_LINES = 1_000  # on one page; older ones have pages of their own
Action, Review = InboundMessage.Action, InboundMessage.Review
SILENT = (Action.NONE, Action.REVIEW)  # the box above the reply says it


@dataclass(frozen=True, slots=True)
class Shown:
    """A line, the day that begins with it, and what a received text was taken for."""

    line: Line
    day: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """One thread; `upto` is the last received text that is shown."""

    thread: Conversation
    lines: list[Shown]
    asked: int
    older: str  # address of more lines, behind the path; empty when these are all
    to_decide: list[InboundMessage]
    refusal: tuple[str, str]  # code and sentence
    stamp: str

    @property
    def upto(self) -> int:
        """The last received text that is shown."""
        return max((shown.line.inbound.pk for shown in self.lines if shown.line.inbound), default=0)


def open_(thread: Conversation, data: Any) -> Opened:
    """As an address asks for it: `lines` to show, or those `before` a moment."""
    asked, before = _asked(data), _moment(data)
    lines = threads.read(thread, before=before, most=asked + 1)
    more, lines = len(lines) > asked, lines[-asked:]
    to_decide = list(InboundMessage.objects.waiting().filter(conversation=thread).order_by("id")) if thread.needs_review else []
    refusal = answering.refusal(thread)
    facts = (thread.last_at, thread.unread, thread.state, thread.assigned_to_id, thread.needs_review, thread.contact_id, refusal[0])
    stamp = lists.digest(facts, [(line.at, line.state and line.state.code, line.inbound and line.inbound.review) for line in lines])
    return Opened(thread, _worded(lines), asked, _older(lines, asked) if more else "", to_decide, refusal, stamp)


def _asked(data: Any) -> int:
    number = data.get("lines", "")
    return min(max(int(number), PAGE), MOST_LINES) if number.isascii() and number.isdigit() and len(number) < 6 else PAGE


def _moment(data: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(data.get("before", ""))
    except ValueError:
        return None
    return moment if timezone.is_aware(moment) else None


def _older(lines: list[Line], asked: int) -> str:
    return f"lines={min(asked + 2 * PAGE, MOST_LINES)}" if asked < MOST_LINES else f"before={lines[0].at.astimezone(tz=None).isoformat()}".replace("+", "%2B")


def _worded(lines: list[Line]) -> list[Shown]:
    texts = [line.inbound.pk for line in lines if line.inbound]
    answered = dict(AutomaticReply.objects.filter(inbound__in=texts).values_list("inbound", "cause"))
    shown, last = [], None
    for line in lines:
        day = timezone.localtime(line.at).date()
        shown.append(Shown(line, _day(line.at) if day != last else "", _told(line.inbound, answered) if line.inbound else ""))
        last = day
    return shown


def _day(at: datetime) -> str:
    here, today = timezone.localtime(at), timezone.localdate()
    if here.date() == today:
        return _("Today")
    return dates.said(here, "l j F" if here.year == today.year else "l j F Y")


def _told(text: InboundMessage, answered: Mapping[int, str]) -> str:
    """What it was taken for, and what a person decided about it."""
    if text.review in (Review.STOP, Review.NOT_STOP):
        decided = _("Means stop, decided by %(name)s") if text.review == Review.STOP else _("An ordinary reply, decided by %(name)s")
        return decided % {"name": text.reviewed_by} if text.reviewed_by else _("Means stop")
    if text.action in SILENT:
        return ""
    confirmed = text.pk in answered
    if text.action == Action.OPT_OUT:
        return _("Stopped, confirmed") if confirmed else _("Stopped")
    if text.action == Action.OPT_IN:
        return _("Started again, confirmed") if confirmed else _("Started again")
    return _("Taken for: %(meaning)s") % {"meaning": text.get_action_display()}
