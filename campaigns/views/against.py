"""Plan and actual: what was confirmed beside what came of it, with every difference explained."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns import wording
from campaigns.models import Mailing
from campaigns.plans import Plan
from campaigns.services.figures import Figures
from campaigns.statuses import MessageStatus
from campaigns.wizard import forecasts
from campaigns.wizard.plan import duration

Cause = tuple[int, str, int]  # status, reason, texts
LATE = timedelta(minutes=1)  # a plan is not more exact


@dataclass(frozen=True, slots=True)
class Difference:
    """People who were planned and got no text so far, and why; or texts that are `more` than planned."""

    label: Any
    people: int
    url: str
    more: bool = False


@dataclass(frozen=True, slots=True)
class Spent:
    """How long it took, in seconds: sending, or being kept from it; waiting for quiet hours, as was to be; and what is later than the plan."""

    sending: int
    waited: int
    to_wait: int
    late: int

    @classmethod
    def of(cls, mailing: Mailing, plan: Plan, until: datetime) -> "Spent | None":
        """From its beginning until a moment; None before that."""
        if (start := mailing.started_at) is None:
            return None
        course = forecasts.Course.of(plan, start, give_up_after=mailing.give_up_after)
        waited, to_wait, late = course.waited(until), course.waited(course.ends), until - course.ends
        return cls(_seconds(until - start - waited), _seconds(waited), _seconds(to_wait), _seconds(late) if late > LATE else 0)


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


@dataclass(frozen=True, slots=True)
class Against:
    """The plan that somebody confirmed, and how it stands."""

    plan: Plan
    texts: int
    segments: int
    cost: Decimal | None
    time: Spent | None
    differences: list[Difference]
    over: bool  # nothing moves any more

    @property
    def planned_duration(self) -> str:
        """In words."""
        return duration(self.plan.seconds)

    @property
    def actual_duration(self) -> str:
        """In words, without what it waited for quiet hours; empty before it began."""
        return duration(self.time.sending) if self.time else ""

    @property
    def waited(self) -> tuple[str, str] | None:
        """For quiet hours, as planned and so far, in words; None where it neither had to nor did."""
        return (duration(self.time.to_wait), duration(self.time.waited)) if self.time and (self.time.to_wait or self.time.waited) else None

    @property
    def late(self) -> str:
        """How much later than planned it is or was, in words; empty where it is not."""
        return duration(self.time.late) if self.time and self.time.late else ""

    @property
    def as_planned(self) -> bool:
        """Everybody was texted, for what it was to cost."""
        return self.over and self.texts == self.plan.recipients and self.segments == self.plan.segments


def of(mailing: Mailing, found: Figures, now: datetime, causes: Callable[[], list[Cause]]) -> Against | None:
    """`causes` is asked for where texts did not leave. None for a mailing that nobody confirmed, that has not begun, or that was before plans were kept."""
    plan = Plan.read(mailing.planned)
    if plan is None or mailing.confirmed_at is None or not (mailing.started_at or mailing.finished_at):
        return None
    time = Spent.of(mailing, plan, mailing.finished_at or now)
    over = mailing.finished_at is not None and not found.open
    return Against(plan, found.texted, found.charged_segments, plan.cost_of(found.charged_segments), time, _differences(mailing, plan, found, causes), over)


def _differences(mailing: Mailing, plan: Plan, found: Figures, causes: Callable[[], list[Cause]]) -> list[Difference]:
    page = reverse("campaigns:messages", args=[mailing.pk])
    lines = [Difference(*line) for line in _late(causes() if found.skipped or found.failed else [], page)]
    lines += [Difference(_("Cancelled before they left"), found.cancelled, f"{page}?stage=cancelled")] if found.cancelled else []
    lines += [Difference(_("Still to go"), found.open, f"{page}?stage={'prepared' if found.prepared else 'queued'}")] if found.open else []
    lines += [Difference(_("Sent again by somebody"), found.again, f"{page}?again=1", more=True)] if found.again else []
    if (gone := plan.recipients - found.people) > 0:
        left_out = f"{reverse('campaigns:left_out', args=[mailing.pk])}?reason=merged"
        lines.append(Difference(_("Merged with another recipient after the plan was made"), gone, left_out))
    return lines


def _late(causes: list[Cause], page: str) -> list[tuple[Any, int, str]]:
    lines = []
    for status, reason, people in causes:
        if status == MessageStatus.SKIPPED:
            label = _("Left out just before sending: %(reason)s") % {"reason": wording.reason(reason)}
            lines.append((label, people, f"{page}?stage=skipped&reason={reason}"))
        elif status == MessageStatus.FAILED:
            label = _("Failed: %(reason)s") % {"reason": wording.reason(reason, "failed") if reason else "–"}
            lines.append((label, people, f"{page}?stage=failed&reason={reason}"))
    return lines
