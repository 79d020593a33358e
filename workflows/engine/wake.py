"""What begins by itself: schedulers whose time has come, steps that are due, runs at the end of another workflow's."""

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from smsapp.common import clock
from smsapp.common.ring import ring
from workflows import tasks
from workflows.engine.advance import due, finish_if_over
from workflows.engine.start import begin
from workflows.errors import WorkflowError
from workflows.models import Run, Schedule, StepRun, Workflow
from workflows.services import sends
from workflows.states import StepState, WorkflowState
from workflows.steps.scheduler import next_after

MOST = 200  # runs at a tick; the next one finds the rest


def tick(now: datetime | None = None) -> None:
    """Begin what is due, and tell workers of steps that nobody was told about."""
    moment = now or clock.now()
    for schedule in Schedule.objects.filter(next_at__lte=moment, workflow__state=WorkflowState.RUNNING).values_list("pk", flat=True)[:MOST]:
        fire(schedule, moment)
    for run in due(moment).order_by("due_at").values_list("run", flat=True).distinct()[:MOST]:
        ring(tasks.advance_run, run)


@transaction.atomic
def fire(schedule_id: int, now: datetime) -> bool:
    """Begin the run of a scheduler. However many of its times passed while nobody looked, it is one run; two that look at once begin one."""
    row = Schedule.objects.select_for_update(skip_locked=True).filter(pk=schedule_id, next_at__lte=now).first()
    if row is None:
        return False
    workflow = Workflow.objects.select_for_update().get(pk=row.workflow_id)
    if workflow.state != WorkflowState.RUNNING or workflow.started is None:
        return False
    node = workflow.started.read().steps[row.step]
    began = begin(workflow, row.step, now, due_at=row.next_at)
    row.next_at = next_after(node, now)
    row.save(update_fields=["next_at"])
    finish_if_over(workflow.pk, now)
    return began is not None


@transaction.atomic
def look(mailing_id: int) -> None:
    """A mailing moved: the step that waits for it is due once the transaction is over. What a worker has in its hands is let be; it looks again."""
    for run, step in sends.open_sends(mailing_id):
        waiting = StepRun.objects.filter(run=run, step=step, state=StepState.HELD).select_for_update(skip_locked=True).values_list("pk", flat=True)
        StepRun.objects.filter(pk__in=list(waiting)).update(due_at=Now())
        ring(tasks.advance_run, run)


@transaction.atomic
def signal(workflow: Workflow, step: str) -> Run | None:
    """A program asks for a run; None while one that it asked for goes on. Raises WorkflowError where nobody listens."""
    row = Workflow.objects.select_for_update().select_related(None).get(pk=workflow.pk)
    node = row.started.read().steps.get(step) if row.started and row.state == WorkflowState.RUNNING else None
    if node is None or node.kind != "external_signal" or node.options.get("by") != "api":
        raise WorkflowError("not_listening", _("The workflow is not in progress, or does not wait for a signal here."))
    return begin(row, step, clock.now())


def follow(finished_workflow: int, now: datetime) -> None:
    """Begin runs of workflows that wait for the end of this one. Called in the transaction that closed the run."""
    for pk in Workflow.objects.at_work().exclude(pk=finished_workflow).values_list("pk", flat=True):
        workflow = Workflow.objects.select_for_update().get(pk=pk)
        if workflow.state != WorkflowState.RUNNING or workflow.started is None:
            continue
        for node in workflow.started.read().steps.values():
            if node.kind == "external_signal" and node.options.get("workflow_ended") == finished_workflow:
                begin(workflow, node.id, now)
