"""States as screens show them: a word, a tone and an icon."""

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.statuses import MailingStatus
from campaigns.wording import MAILINGS, State
from smsapp.common import dates
from workflows.states import WARNING, RunState, StepState, WorkflowState


def _looks(states: type[WorkflowState] | type[RunState] | type[StepState], **looks: tuple[str, str]) -> dict[str, State]:
    """Tone and icon of each state by its name; those that are not named show none."""
    return {state.value: State(state, state.label, *looks[state.name]) for state in states if state.name in looks}


WORKFLOWS = _looks(
    WorkflowState, EDITING=("", "pencil"), RUNNING=("blue", "play-circle"), PAUSED=("yellow", "pause-circle"), FINISHED=("green", "check-circle"),
    STOPPED=("", "stop-circle"), ERROR=("red", "exclamation-octagon"),
) | {WARNING: State(WARNING, gettext_lazy("Warning"), "yellow", "exclamation-triangle")}  # fmt: skip
RUNS = _looks(RunState, RUNNING=("blue", "play-circle"), FINISHED=("green", "check-circle"), STOPPED=("", "stop-circle"))
STEPS = _looks(
    StepState, DUE=("blue", "hourglass-split"), HELD=("blue", "send"), DONE=("green", "check-lg"), SKIPPED=("", "slash-circle"),
    FAILED=("red", "exclamation-octagon"),
)  # fmt: skip


def of_run(run: Any, *, waits: bool) -> State:
    """The state of a run; `waits`: a mailing of it is to be confirmed by somebody."""
    return MAILINGS[MailingStatus.READY] if waits and run.state == RunState.RUNNING else RUNS[run.state]


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
