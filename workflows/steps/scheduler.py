"""Scheduler: begins a run at each of its times."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy

from smsapp.common.sentences import Sentence
from smsapp.common.sentences import say as _
from workflows.forms.schedule import ScheduleForm
from workflows.graph import Node
from workflows.models import Workflow
from workflows.recurrence import CLOSEST, Rule, RuleProblem, last_between, occurrences
from workflows.recurrence_words import in_words
from workflows.steps.base import EXECUTION, GO_ON, Done, Result, StepForm, StepKind, Work

LATE = timedelta(minutes=1)  # whoever looks every few seconds is on time


class SchedulerForm(ScheduleForm, StepForm):
    """When; its options are the rule."""

    def __init__(self, *args: Any, workflow: Workflow, node: Node, **kwargs: Any) -> None:
        kwargs.setdefault("initial", self.fields_from(node.options.get("rule"), workflow.time_zone))
        super().__init__(*args, workflow=workflow, node=node, **kwargs)
        del self.fields["empty_goes_on"]  # nobody comes out of it

    def options(self) -> dict[str, Any]:
        """The rule as JSON."""
        return {"rule": self.cleaned_data["rule"]}


class Scheduler(StepKind):
    """Begins runs."""

    kind, label, icon, family, order = "scheduler", gettext_lazy("Scheduler"), "calendar-week", EXECUTION, 10
    about = gettext_lazy(
        "Begins a run at each of its times. A run is left out while the one before still goes on, also while its mailing waits for confirmation."
    )
    form, template = SchedulerForm, "workflows/_step_scheduler.html"
    least, most, begins, timed = 0, 0, True, True

    def times(self, node: Node, after: datetime) -> Iterator[datetime]:
        """As the rule says."""
        return occurrences(_uncounted(node), after)

    def most_runs(self, node: Node) -> int | None:
        """What the rule says, counted from the start of the workflow."""
        return rule_of(node).after

    def says(self, node: Node) -> Any:
        """The rule in words."""
        try:
            return in_words(rule_of(node)) if node.options.get("rule") else self.label
        except RuleProblem as problem:
            return str(problem)

    def problem(self, workflow: Workflow, node: Node) -> Sentence | str:
        """A rule must be chosen and good."""
        if not node.options.get("rule"):
            return _("Choose when the runs begin.")
        try:
            rule_of(node)
        except RuleProblem as problem:
            return problem.message
        return ""

    def perform(self, work: Work) -> Result:
        """Its time has come already when a run exists."""
        return Done({GO_ON: None})


def rule_of(node: Node) -> Rule:
    """Raises RuleProblem."""
    return Rule.parse(node.options["rule"])


def _uncounted(node: Node) -> Rule:
    """How many runs have begun is counted by the engine: a time that passed before the start, or at which a run was left out, is none of them."""
    return replace(rule_of(node), after=None)


def next_after(node: Node, moment: datetime) -> datetime | None:
    """The next time after a moment; None when there is none."""
    return next(occurrences(_uncounted(node), moment), None)


def planned_at(node: Node, next_at: datetime, now: datetime) -> datetime:
    """The time for which a run begins now: of those that passed while nobody looked the last one. `next_at` may have been put off by `next_from`."""
    return last_between(_uncounted(node), next_at - CLOSEST, now) or next_at


def is_late(planned: datetime, now: datetime) -> bool:
    """Whether a run that was planned begins later than a person would notice."""
    return now - planned >= LATE


def next_from(node: Node, planned: datetime, now: datetime) -> datetime | None:
    """When the run after this one begins: at the next time, but after a late run not before ten minutes have passed."""
    following = next_after(node, now)
    return max(following, now + CLOSEST) if following and is_late(planned, now) else following
