"""Calls that staff log: what is kept in `Activity.extra`, and how it looks."""

from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contacts.models import Activity
from contacts.slots import ActivityView
from smsapp.common import phone


class Direction(models.TextChoices):
    """Who called."""

    OUT = "out", gettext_lazy("We called")
    IN = "in", gettext_lazy("They called")


class Outcome(models.TextChoices):
    """How it ended."""

    REACHED = "reached", gettext_lazy("Talked")
    MESSAGE = "message", gettext_lazy("Left a message")
    NO_ANSWER = "no_answer", gettext_lazy("No answer")
    BUSY = "busy", gettext_lazy("Busy")
    WRONG = "wrong", gettext_lazy("Wrong number")


TONES = {Outcome.REACHED: "green", Outcome.WRONG: "red"}
ICONS = {Direction.OUT: "telephone-outbound", Direction.IN: "telephone-inbound"}
TITLES = {Direction.OUT: gettext_lazy("Call to %(number)s"), Direction.IN: gettext_lazy("Call from %(number)s")}


def facts(*, direction: str, outcome: str, number: str, minutes: int | None) -> dict[str, Any]:
    """What `extra` keeps: {"direction": "out", "outcome": "reached", "number": "+33…" or "", "minutes": 12 or None}."""
    return {"direction": direction, "outcome": outcome, "number": number, "minutes": minutes}


def views(activities: list[Activity]) -> dict[int, ActivityView]:
    """The looks of logged calls."""
    return {activity.pk: _view(activity) for activity in activities}


def _view(activity: Activity) -> ActivityView:
    kept = activity.extra or {}
    direction = Direction(kept["direction"]) if kept.get("direction") in Direction.values else Direction.OUT
    outcome = Outcome(kept["outcome"]) if kept.get("outcome") in Outcome.values else None
    number, minutes = phone.display(kept.get("number") or ""), kept.get("minutes")
    length = ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes} if minutes else ""
    return ActivityView(
        title=activity.subject or (str(TITLES[direction]) % {"number": number} if number else ""),
        text=activity.details,
        icon=ICONS[direction],
        tone=TONES.get(outcome, "") if outcome else "",
        status_label=outcome.label if outcome else "",
        meta=[part for part in (str(direction.label), number, length) if part],
        facts=[(label, value) for label, value in ((_("Direction"), direction.label), (_("Number"), number), (_("Length"), length)) if value],
    )
