"""What begins by itself: schedulers whose time has come, steps that are due, runs at the end of another workflow's."""

import logging
from datetime import datetime

from django.db import OperationalError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from smsapp.common import clock
from smsapp.common.ring import ring
from workflows import tasks
from workflows.engine.advance import break_off, due, finish_if_over
from workflows.engine.start import begin, begin_at_once, leave_out, why_not
from workflows.errors import WorkflowError
from workflows.graph import Graph
from workflows.models import Run, Schedule, StepRun, Workflow
from workflows.services import sends
from workflows.states import StepState, WorkflowState
from workflows.steps.external_signal import by_program
from workflows.steps.scheduler import next_from, planned_at

log = logging.getLogger(__name__)

MOST = 200  # runs at a tick; the next one finds the rest


def tick(now: datetime | None = None) -> None:
    """Begin what is due, and tell workers of steps that nobody was told about."""
    moment = now or clock.now()
    for schedule in Schedule.objects.filter(next_at__lte=moment, workflow__state=WorkflowState.RUNNING).values_list("pk", flat=True)[:MOST]:
        _fire_or_tell(schedule, moment)
    for run in due(moment).order_by("due_at").values_list("run", flat=True).distinct()[:MOST]:
        ring(tasks.advance_run, run)


@transaction.atomic
def fire(schedule_id: int, now: datetime) -> bool:
    """Begin the run of a scheduler. However many of its times passed while nobody looked, it is one run; two that look at once begin one."""
    due_now = Schedule.objects.filter(pk=schedule_id, next_at__lte=now)
    workflow = Workflow.objects.select_for_update(of=("self",)).filter(schedules__in=due_now).first()  # before its schedules, as who stops it does
    row = due_now.select_for_update().first()
    if workflow is None or row is None or row.next_at is None or workflow.state != WorkflowState.RUNNING:
        return False
    node = _running(workflow).steps[row.step]
    planned = planned_at(node, row.next_at, now)
    began = begin(workflow, row.step, now, due_at=planned)
    if began and row.left:
        row.left -= 1
    row.next_at = None if row.left == 0 else next_from(node, planned, now)
    row.save(update_fields=["next_at", "left"])
    if row.next_at is None:
        finish_if_over(workflow.pk, now)
    return began is not None


def _fire_or_tell(schedule_id: int, now: datetime) -> None:
    """What breaks one workflow is told there, and keeps no other one from beginning."""
    try:
        fire(schedule_id, now)
    except OperationalError:
        raise  # the database went away: the next tick tries again
    except Exception:
        log.exception("schedule broke", extra={"schedule": schedule_id})
        break_off(Schedule.objects.select_related("workflow").get(pk=schedule_id).workflow)


def _running(workflow: Workflow) -> Graph:
    """The drawing that its runs are made of."""
    return workflow.started.read() if workflow.started else Graph()


@transaction.atomic
def look(mailing_id: int) -> None:
    """A mailing moved: the step that waits for it is due once the transaction is over. What a worker has in its hands is let be; it looks again."""
    for run, step in sends.open_sends(mailing_id):
        waiting = StepRun.objects.filter(run=run, step=step, state=StepState.HELD).select_for_update(skip_locked=True).values_list("pk", flat=True)
        StepRun.objects.filter(pk__in=list(waiting)).update(due_at=Now())
        ring(tasks.advance_run, run)


@transaction.atomic
def signal(workflow: Workflow, step: str) -> Run | WorkflowError:
    """A program asks for a run, or is told why none begins."""
    row = Workflow.objects.select_for_update().select_related(None).get(pk=workflow.pk)
    if row.archived:
        return WorkflowError("archived", _("The workflow is in the archive."))
    if row.state != WorkflowState.RUNNING:
        return WorkflowError(*_DEAF[WorkflowState(row.state)])
    node = _running(row).steps.get(step)
    if node is None or not by_program(node):
        return WorkflowError("not_listening", _("No program is awaited at this step, as the workflow was started."))
    if words := why_not(row, step):
        leave_out(row, step, words)
        return WorkflowError("suspended" if step in row.suspended else "goes_on", words)
    return begin_at_once(row, step, clock.now())


_DEAF = {
    WorkflowState.EDITING: ("not_started", gettext_lazy("The workflow has not been started.")),
    WorkflowState.PAUSED: ("paused", gettext_lazy("The workflow is paused.")),
    WorkflowState.ERROR: ("error", gettext_lazy("The workflow stopped at an error.")),
    WorkflowState.STOPPED: ("stopped", gettext_lazy("The workflow was stopped.")),
    WorkflowState.FINISHED: ("finished", gettext_lazy("The workflow is finished.")),
}


def follow(run: Run, now: datetime) -> None:
    """Begin runs of workflows that wait for the end of this run's. Called in the transaction that closed it; who answers for it answers for those too."""
    waits = {"by": "workflow", "workflow_ended": run.workflow_id}
    following = Workflow.objects.at_work().filter(started__graph__steps__contains=[{"kind": "external_signal", "options": waits}]).order_by("pk")
    for workflow in following.select_for_update(of=("self",)):  # no others: of two that end at one moment neither must wait for the other
        for node in _running(workflow).steps.values():
            if node.kind == "external_signal" and waits.items() <= node.options.items():
                begin(workflow, node.id, now, by=sends.who_answers(run))
