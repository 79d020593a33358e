"""Start, pause, resume, stop and restart a workflow; begin a run by hand, at a time, or at a signal."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext, gettext_lazy, ngettext

from smsapp.common import clock
from smsapp.common.ring import ring
from smsapp.common.sentences import Count, Sentence
from smsapp.common.sentences import say as _
from workflows import tasks
from workflows.engine import log as lines
from workflows.engine.advance import finish_if_over, move
from workflows.errors import WorkflowError
from workflows.graph import Graph, Node, Problem, check
from workflows.models import Drawing, Run, Schedule, StepRun, Workflow
from workflows.services import sends
from workflows.states import ALIVE, STARTABLE, RunState, StepState, WorkflowState
from workflows.steps import registry
from workflows.steps.scheduler import is_late


def problems(workflow: Workflow, now: datetime | None = None) -> list[Problem]:
    """Everything that keeps a workflow from being started: of its drawing, then of each step's options."""
    graph = workflow.drawing
    lacking = [problem for node in graph.steps.values() for problem in _lacks(workflow, node)]
    over = [] if workflow.state in ALIVE else _over(graph, {problem.step for problem in lacking}, now or clock.now())
    return [*check(graph, registry.shape), *lacking, *over, *_signs(graph)]


def _lacks(workflow: Workflow, node: Node) -> list[Problem]:
    words = registry.lacks(workflow, node)
    return [Problem(node.id, "options", _("%(words)s") % {"words": words})] if words else []


def _over(graph: Graph, known: set[str], now: datetime) -> list[Problem]:
    """Steps that begin runs at times of their own, and would begin none any more."""
    return [
        Problem(node.id, "over", _("All its times have passed. Choose a later one."))
        for node in graph.steps.values()
        if node.id not in known and (kind := registry.get(node.kind)) and kind.timed and next(kind.times(node, now), None) is None
    ]


def _signs(graph: Graph) -> list[Problem]:
    """Steps that need people, and can only be reached by a mere sign to go on."""
    carries = _carriers(graph)
    return [
        Problem(node.id, "no_people", _("Nobody can reach this step: no step before it chooses people. Put a query or a group before it."))
        for node in graph.steps.values()
        if (kind := registry.get(node.kind)) and kind.needs_people and graph.into(node.id)
        and not any(link.source in carries for link in graph.into(node.id))
    ]  # fmt: skip


def _carriers(graph: Graph) -> set[str]:
    """Steps out of which people come."""
    found: set[str] = set()
    for step in graph.order:
        kind = registry.get(graph.steps[step].kind)
        if kind and (kind.makes_people or any(link.source in found for link in graph.into(step))):
            found.add(step)
    return found


@transaction.atomic
def start(workflow: Workflow, by: Any, now: datetime | None = None) -> Workflow:
    """Begin: at the times of its schedulers, at signals, or, where neither is drawn, at once. Raises WorkflowError."""
    row = _held(workflow, to_stop=True)
    if row.archived:
        raise WorkflowError("archived", gettext("This workflow is in the archive. Take it out of the archive first."))
    if row.state not in STARTABLE:
        raise WorkflowError("started", gettext("This workflow is already in progress."))
    moment = now or clock.now()
    if found := problems(row, moment):
        first, more = found[0], len(found) - 1
        rest = ngettext("%(count)s more thing is to be mended.", "%(count)s more things are to be mended.", more) % {"count": more} if more else ""
        raise WorkflowError(first.code, f"{first.message} {rest}".strip(), first.step)
    if row.state == WorkflowState.ERROR:
        _stop(row, by)
        row.refresh_from_db()
    drawing = current_drawing(row, by)
    row.schedules.all().delete()
    move(row, WorkflowState.RUNNING, started=drawing, started_at=moment, started_by=by, resumed_by=by, finished_at=None, errors_in_a_row=0)
    lines.note(row, _("The workflow was started with version %(version)s.") % {"version": drawing.version}, by=by)
    row.refresh_from_db()
    graph = drawing.read()
    begins = [(node, kind) for node in graph.steps.values() if (kind := registry.get(node.kind)) and kind.begins]
    for node, kind in begins:
        if kind.timed:
            Schedule.objects.create(workflow=row, step=node.id, next_at=next(kind.times(node, moment), None), left=kind.most_runs(node))
    if not begins:
        begin(row, "", moment, by=by)
    finish_if_over(row.pk, moment)
    workflow.refresh_from_db()
    return workflow


def current_drawing(row: Workflow, by: Any) -> Drawing:
    """The drawing as it is now, as a version of its own."""
    found = row.drawings.filter(version=row.version).first()
    return found or Drawing.objects.create(workflow=row, version=row.version, author=by, graph=row.graph, base=row.version)


def begin(row: Workflow, step: str, now: datetime, *, due_at: datetime | None = None, by: Any = None) -> Run | None:
    """One run, of a workflow that is held; None while `why_not` says something."""
    if words := why_not(row, step):
        leave_out(row, step, words)
        if due_at:
            row.runs.filter(state=RunState.RUNNING, begin=step).update(kept_back=F("kept_back") + 1)
        return None
    if due_at and row.runs.filter(begin=step, due_at=due_at).exists():
        return None  # the clock was put back since
    return begin_at_once(row, step, now, due_at=due_at, by=by)


def leave_out(row: Workflow, step: str, why: Sentence | str) -> None:
    """A run that does not begin, for what `why_not` said."""
    lines.note(row, _("A run was left out.") + why, step=step)


def begin_at_once(row: Workflow, step: str, now: datetime, *, due_at: datetime | None = None, by: Any = None, by_hand: bool = False) -> Run:
    """One run, of a workflow that is held, for who has asked `why_not`. `by_hand`: somebody did not wait for its time."""
    assert row.started is not None
    graph = row.started.read()
    number = (row.runs.aggregate(most=Max("number"))["most"] or 0) + 1
    run = Run.objects.create(workflow=row, drawing=row.started, number=number, begin=step, due_at=due_at, by=by)
    covered = graph.covered(step, registry.known_shape)
    StepRun.objects.bulk_create(_step_of(run, graph, one, covered, now) for one in graph.order if one in covered)
    words = (_("Run %(number)s began by hand: “Run now”.") if by_hand else _("Run %(number)s began.")) % {"number": number}
    if due_at and is_late(due_at, now):
        words = _("Run %(number)s began late: it chooses people as if it were %(when)s.") % {"number": number, "when": due_at}
    lines.note(row, words, run=run, step=step, by=by)
    ring(tasks.advance_run, run.pk)
    return run


def why_not(row: Workflow, step: str) -> Sentence | str:
    """What keeps a run from beginning at a step: its suspension, or the run before, which still goes on."""
    if step in row.suspended:
        return _("The step where it would begin is suspended.")
    before = row.runs.filter(state=RunState.RUNNING, begin=step).first()
    return sends.goes_on(before, sends.holding(before)) if before else ""


def _step_of(run: Run, graph: Graph, step: str, covered: set[str], now: datetime) -> StepRun:
    """A step to which nothing of this run leads is due at once."""
    free = not any(link.source in covered for link in graph.into(step))
    return StepRun(run=run, step=step, kind=graph.steps[step].kind, state=StepState.DUE if free else StepState.COMING, due_at=now if free else None)


@transaction.atomic
def pause(workflow: Workflow, by: Any) -> Workflow:
    """What is being carried out ends, nothing new begins."""
    return _moved(workflow, WorkflowState.PAUSED, by, _("The workflow was paused."), gettext("Only a workflow in progress can be paused."))


@transaction.atomic
def resume(workflow: Workflow, by: Any) -> Workflow:
    """Go on; steps that failed are tried again, and a time that passed meanwhile counts once."""
    row = _held(workflow)
    if not move(row, WorkflowState.RUNNING, only_from=[WorkflowState.PAUSED, WorkflowState.ERROR], errors_in_a_row=0, resumed_by=by):
        raise WorkflowError("not_paused", gettext("This workflow is not paused."))
    failed = StepRun.objects.filter(run__workflow=row, run__state=RunState.RUNNING, state=StepState.FAILED)
    failed.update(state=StepState.DUE, due_at=clock.now(), tries=0, problem="", problem_in=[], ended_at=None)
    lines.note(row, _("The workflow goes on."), by=by)
    for run in row.runs.filter(state=RunState.RUNNING):
        ring(tasks.advance_run, run.pk)
    workflow.refresh_from_db()
    return workflow


@transaction.atomic
def stop(workflow: Workflow, by: Any) -> Workflow:
    """End for good what goes on; what nobody has confirmed is called off, what somebody has goes on, and what was sent stays sent."""
    row = _held(workflow, to_stop=True)
    if row.state not in (WorkflowState.RUNNING, WorkflowState.PAUSED, WorkflowState.ERROR):
        raise WorkflowError("not_started", gettext("This workflow is not in progress."))
    _stop(row, by)
    workflow.refresh_from_db()
    return workflow


@transaction.atomic
def restart(workflow: Workflow, by: Any) -> Workflow:
    """Stop, and start with the drawing as it is now."""
    row = _held(workflow, to_stop=True)
    if row.state in (WorkflowState.RUNNING, WorkflowState.PAUSED, WorkflowState.ERROR):
        _stop(row, by)
    return start(workflow, by)


def _stop(row: Workflow, by: Any) -> None:
    moment, called_off = clock.now(), sends.call_off(row, by)
    row.runs.filter(state=RunState.RUNNING).update(state=RunState.STOPPED, finished_at=moment)
    row.schedules.all().delete()
    move(row, WorkflowState.STOPPED, finished_at=moment)
    words = _("The workflow was stopped.")
    if called_off:
        words = _("The workflow was stopped. Mailings that nobody had confirmed were called off: %(count)s.") % {"count": Count(called_off)}
    lines.note(row, words, by=by)


def _moved(workflow: Workflow, target: WorkflowState, by: Any, said: Any, refusal: str) -> Workflow:
    row = _held(workflow)
    if not move(row, target):
        raise WorkflowError("not_moved", refusal)
    lines.note(row, said, by=by)
    workflow.refresh_from_db()
    return workflow


def _held(workflow: Workflow, *, to_stop: bool = False) -> Workflow:
    if to_stop:
        sends.hold(workflow)
    return Workflow.objects.select_for_update().select_related(None).get(pk=workflow.pk)


# --- single steps ---


@transaction.atomic
def suspend(workflow: Workflow, step: str, by: Any, *, suspended: bool = True) -> Workflow:
    """Nobody passes a suspended step; what waits there goes on when it is let go."""
    row = _held(workflow)
    if step not in row.drawing.steps:
        raise WorkflowError("no_step", gettext("This step no longer exists."))
    rest = [one for one in row.suspended if one != step]
    row.suspended = sorted({*rest, step}) if suspended else rest
    if not suspended:
        row.resumed_by = by
    row.save(update_fields=["suspended", "resumed_by", "updated_at"])
    lines.note(row, _("The step was suspended.") if suspended else _("The step goes on."), step=step, by=by)
    if not suspended:
        _wake(row, step, by)
    workflow.refresh_from_db()
    return workflow


@transaction.atomic
def run_now(workflow: Workflow, step: str, by: Any) -> str:
    """What waits at a step goes on at once; where runs begin, one begins. The answer says what happened. Raises WorkflowError."""
    row = _held(workflow)
    if row.state != WorkflowState.RUNNING:
        raise WorkflowError("not_started", _NOT_NOW.get(WorkflowState(row.state)) or gettext("Only steps of a workflow in progress can be run."))
    node = row.started.read().steps.get(step) if row.started else None
    if node is None and step in row.drawing.steps:
        raise WorkflowError("new_step", gettext("This step was drawn after the start, so no run has it yet. Restart to use it."))
    if node and registry.known_shape(node).begins:
        if words := why_not(row, step):
            raise WorkflowError("goes_on", words)
        run = begin_at_once(row, step, clock.now(), by=by, by_hand=True)
        return gettext("Run %(number)s has begun.") % {"number": run.number}
    if step in row.suspended:
        raise WorkflowError("suspended", gettext("The step is suspended: nobody passes it. Let people pass again first."))
    if not (woken := _wake(row, step, by)):
        raise WorkflowError("nothing_waits", gettext("Nothing waits at this step."))
    lines.note(row, _("What waited here was told to go on at once: “Run now”."), step=step, by=by)
    held = next((one.run for one in woken if one.state == StepState.HELD), None)
    return str(sends.goes_on(held, sends.holding(held))) if held else gettext("What waited at the step goes on.")


_NOT_NOW = {
    WorkflowState.PAUSED: gettext_lazy("The workflow is paused: nothing new begins. Resume it first."),
    WorkflowState.ERROR: gettext_lazy("The workflow stopped at an error. Resume it: then the step that failed is tried again."),
}


def _wake(row: Workflow, step: str, by: Any) -> list[StepRun]:
    """Who waited. What a worker has in its hands is let be: it is under way, and its worker may want this workflow next."""
    waiting = StepRun.objects.filter(run__workflow=row, run__state=RunState.RUNNING, step=step, state__in=[StepState.DUE, StepState.HELD])
    free = list(waiting.select_related("run").select_for_update(of=("self",), skip_locked=True))
    StepRun.objects.filter(pk__in=[found.pk for found in free]).update(due_at=clock.now(), hurried=True, hurried_by=by)
    for found in free:
        ring(tasks.advance_run, found.run_id)
    return free
