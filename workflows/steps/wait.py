"""Wait: go on after some time. The row has the time; nothing sleeps."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, ngettext_lazy

from smsapp.common.sentences import Sentence
from smsapp.common.sentences import say as _
from workflows.graph import Node
from workflows.models import Workflow
from workflows.steps.base import EXECUTION, GO_ON, Done, Later, Result, StepForm, StepKind, Work

MINUTES, HOURS, DAYS = "minutes", "hours", "days"
UNITS = [(MINUTES, gettext_lazy("minutes")), (HOURS, gettext_lazy("hours")), (DAYS, gettext_lazy("days"))]
LENGTHS = {
    MINUTES: ngettext_lazy("%(n)s minute", "%(n)s minutes", "n"), HOURS: ngettext_lazy("%(n)s hour", "%(n)s hours", "n"),
    DAYS: ngettext_lazy("%(n)s day", "%(n)s days", "n"),
}  # fmt: skip
LONGEST = timedelta(days=366)


class WaitForm(StepForm):
    """How long."""

    amount = forms.IntegerField(label=gettext_lazy("Wait for"), min_value=1, max_value=100_000, initial=1)
    unit = forms.ChoiceField(label=gettext_lazy("Unit"), choices=UNITS, initial=DAYS)

    def clean(self) -> dict[str, Any]:
        """At most a year."""
        values = super().clean() or {}
        if "amount" in values and "unit" in values and timedelta(**{values["unit"]: values["amount"]}) > LONGEST:
            self.add_error("amount", gettext_lazy("Wait for a year at most."))
        return values


class Wait(StepKind):
    """Holds people back for a while."""

    kind, label, icon, family, order = "wait", gettext_lazy("Wait"), "hourglass", EXECUTION, 20
    about = gettext_lazy("Lets people go on after some time. Days end at the same time of day, also when the clocks change.")
    form = WaitForm
    takes_time = True

    def says(self, node: Node) -> Any:
        """How long."""
        words = LENGTHS.get(str(node.options.get("unit")))
        return words % {"n": node.options["amount"]} if words and node.options.get("amount") else self.label

    def problem(self, workflow: Workflow, node: Node) -> Sentence | str:
        """A time must be chosen."""
        return "" if node.options.get("amount") else _("Say how long to wait.")

    def perform(self, work: Work) -> Result:
        """The first look sets the time, the second one lets go."""
        if "until" not in work.kept:
            until = _after(work)
            return Later(until, {"until": until.isoformat()})
        until = datetime.fromisoformat(work.kept["until"])
        return Later(until, work.kept) if until > work.now and not work.hurried else Done({GO_ON: work.people})


def _after(work: Work) -> datetime:
    amount, unit = int(work.options["amount"]), str(work.options["unit"])
    if unit != DAYS:
        return work.now + timedelta(**{unit: amount})
    return (work.now.astimezone(work.zone) + timedelta(days=amount)).astimezone(work.now.tzinfo)  # by the clock on the wall
