"""States as screens show them: a word, a tone and an icon."""

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.wording import State
from smsapp.common import dates
from workflows.states import OPEN_BRANCH, RunState, StepState, WorkflowState

WORKFLOWS = {
    state.code: state
    for state in (
        State(WorkflowState.EDITING, WorkflowState.EDITING.label, "", "pencil"),
        State(WorkflowState.RUNNING, WorkflowState.RUNNING.label, "blue", "play-circle"),
        State(OPEN_BRANCH, gettext_lazy("Warning"), "yellow", "exclamation-triangle"),
        State(WorkflowState.PAUSED, WorkflowState.PAUSED.label, "yellow", "pause-circle"),
        State(WorkflowState.FINISHED, WorkflowState.FINISHED.label, "green", "check-circle"),
        State(WorkflowState.STOPPED, WorkflowState.STOPPED.label, "", "stop-circle"),
        State(WorkflowState.ERROR, WorkflowState.ERROR.label, "red", "exclamation-octagon"),
    )
}
RUNS = {
    state.code: state
    for state in (
        State(RunState.RUNNING, RunState.RUNNING.label, "blue", "play-circle"),
        State(RunState.FINISHED, RunState.FINISHED.label, "green", "check-circle"),
        State(RunState.FAILED, RunState.FAILED.label, "red", "exclamation-octagon"),
        State(RunState.STOPPED, RunState.STOPPED.label, "", "stop-circle"),
    )
}
STEPS = {
    state.code: state
    for state in (
        State(StepState.DUE, StepState.DUE.label, "blue", "hourglass-split"),
        State(StepState.HELD, StepState.HELD.label, "blue", "send"),
        State(StepState.DONE, StepState.DONE.label, "green", "check-lg"),
        State(StepState.SKIPPED, StepState.SKIPPED.label, "", "slash-circle"),
        State(StepState.FAILED, StepState.FAILED.label, "red", "exclamation-octagon"),
    )
}  # a step that nothing has reached yet shows none


def span(execution: Any) -> str:
    """A period as people say it: a month, a year, a day, or from when to when."""
    first, last = execution.first, execution.last
    if first == last:
        return dates.said(first, "DATE_FORMAT")
    if (last - first).days > 300:
        return f"{first:%Y}"
    if first.day == 1 and last.month == first.month:
        return date_format(first, "YEAR_MONTH_FORMAT")
    return _("%(first)s to %(last)s") % {"first": dates.said(first, "DATE_FORMAT"), "last": dates.said(last, "DATE_FORMAT")}
