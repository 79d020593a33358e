"""States of workflows, of their runs and of a run's steps. Pure."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class WorkflowState(TextChoices):
    """Where a workflow is."""

    EDITING = "editing", _("Editing")
    RUNNING = "running", _("In progress")
    PAUSED = "paused", _("Paused")
    FINISHED = "finished", pgettext_lazy("a workflow", "Finished")
    STOPPED = "stopped", _("Stopped")
    ERROR = "error", _("Error")


class RunState(TextChoices):
    """Where one execution is."""

    RUNNING = "running", _("In progress")
    FINISHED = "finished", pgettext_lazy("a run", "Finished")
    STOPPED = "stopped", _("Stopped")


class StepState(TextChoices):
    """Where a step of a run is. DUE may be carried out from its time on; HELD waits for something outside, such as a mailing."""

    COMING = "coming", _("Not reached yet")
    DUE = "due", _("Waiting")
    HELD = "held", _("Going on")
    DONE = "done", _("Done")
    SKIPPED = "skipped", _("Not taken")
    FAILED = "failed", _("Error")


# Told of a workflow whose last run left people where nothing follows, or one of whose runs keeps the next from beginning; it is not stored.
WARNING = "warning"
STARTABLE = (WorkflowState.EDITING, WorkflowState.FINISHED, WorkflowState.STOPPED, WorkflowState.ERROR)
ALIVE = (WorkflowState.RUNNING, WorkflowState.PAUSED, WorkflowState.ERROR)  # has runs that may go on
OPEN_STEPS = (StepState.COMING, StepState.DUE, StepState.HELD, StepState.FAILED)

_W = WorkflowState
WORKFLOW_MOVES: dict[WorkflowState, frozenset[WorkflowState]] = {
    _W.EDITING: frozenset({_W.RUNNING}),
    _W.RUNNING: frozenset({_W.PAUSED, _W.FINISHED, _W.STOPPED, _W.ERROR}),
    _W.PAUSED: frozenset({_W.RUNNING, _W.STOPPED}),
    _W.ERROR: frozenset({_W.RUNNING, _W.STOPPED}),
    _W.FINISHED: frozenset({_W.RUNNING}),
    _W.STOPPED: frozenset({_W.RUNNING}),
}
