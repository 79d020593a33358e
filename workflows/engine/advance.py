"""The one door of runs: each step is carried out in one transaction with all that follows from it, so it happens once whatever dies.

A worker that dies has written nothing; whoever looks next finds the step where it was. What a step does outside of the database it leaves to rows
that others work on, such as a mailing to be prepared.
"""

import logging
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import Error as DatabaseFault
from django.db import OperationalError, connection, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_noop

from smsapp.common import clock, sentences
from smsapp.common.sentences import Count
from smsapp.common.sentences import say as _
from workflows.engine import log as lines
from workflows.graph import IGNORE, Graph, Link, Node
from workflows.models import Arrival, Run, StepRun, Workflow
from workflows.services import left_over
from workflows.signals import run_finished
from workflows.states import OPEN_STEPS, WORKFLOW_MOVES, RunState, StepState, WorkflowState
from workflows.steps import registry
from workflows.steps.base import Came, Done, Later, Result, StepError, Work

log = logging.getLogger(__name__)
MOST_TRIES = 5  # workers that died of a step
BROKE = gettext_noop("The console itself failed in this step. Resume to try again; if it fails once more, the log of the worker tells an administrator why.")
BROKE_BEGIN = gettext_noop("No run could begin at its time: the console itself failed. Resume to go on; the log of the worker tells an administrator why.")
GAVE_UP = gettext_noop("The console gave this step up after %(times)s tries that broke off. Let it choose fewer people, then resume.")


def advance(run_id: int, now: datetime | None = None) -> None:
    """Carry out whatever is due in a run, until nothing is."""
    while (found := _begin_next(run_id, moment := now or clock.now())) is not None:
        try:
            if not carry_out(found, moment):
                return
        except DatabaseFault:
            _forgive(found)
            raise


def _forgive(step_id: int) -> None:
    """A connection that was lost is not the step's fault, so that this try does not count; nothing else of it was written."""
    if not connection.is_usable():
        connection.close()
        StepRun.objects.filter(pk=step_id, tries__gt=0).update(tries=F("tries") - 1)


def due(now: datetime) -> QuerySet[StepRun]:
    """Steps whose time has come, in workflows that are in progress."""
    waiting = StepRun.objects.filter(state__in=[StepState.DUE, StepState.HELD], due_at__lte=now)
    return waiting.filter(run__state=RunState.RUNNING, run__workflow__state=WorkflowState.RUNNING)


def _begin_next(run_id: int, now: datetime) -> int | None:
    """The next step to carry out. That somebody began is written down first: a step that kills its workers shows itself."""
    with transaction.atomic():
        rows = due(now).filter(run=run_id).select_related("run__workflow").order_by("due_at", "id")
        free = [row for row in rows.select_for_update(of=("self",), skip_locked=True) if row.step not in row.run.workflow.suspended]
        if not free:
            return None
        StepRun.objects.filter(pk=free[0].pk).update(tries=F("tries") + 1)
        return free[0].pk


@transaction.atomic
def carry_out(step_id: int, now: datetime) -> bool:
    """One step with all that follows; False when somebody else has it, or it is no longer due."""
    row = due(now).filter(pk=step_id).select_for_update(of=("self",), skip_locked=True).select_related("run__workflow", "run__drawing").first()
    if row is None:
        return False
    graph = row.run.drawing.read()
    node = graph.steps[row.step]
    row.began_at = row.began_at or now
    if row.tries > MOST_TRIES:
        _failed(row, graph, node, now, _(GAVE_UP) % {"times": MOST_TRIES})
        return True
    try:
        with transaction.atomic():
            result = _performed(row, graph, node, now)
    except StepError as problem:
        _failed(row, graph, node, now, problem.message)
    except OperationalError:
        raise  # the database went away: the tick tries again
    except Exception:
        if not connection.is_usable():
            raise  # so it went away too
        log.exception("step broke", extra={"step": row.step, "run": row.run_id})
        _failed(row, graph, node, now, _(BROKE))
    else:
        _went_well(row, graph, node, now, result)
    return True


def _performed(row: StepRun, graph: Graph, node: Node, now: datetime) -> Result:
    kind = registry.get(node.kind)
    if kind is None:
        raise StepError("unknown_kind", _("This kind of step does not exist (any longer). Remove it."))
    came = _arrivals(row.run, graph, row.step)
    live = [Came(link.port, link.source, arrival.people) for link, arrival in came if arrival.live]
    facts = {"missing": len(came) - len(live), "kept": row.kept, "hurried": row.hurried, "planned": _planned(row.run, graph, row.step)}
    return kind.perform(Work(row.run.workflow, row.run, node, live, now, joined=graph.out_of(row.step).keys(), **facts))


def _planned(run: Run, graph: Graph, step: str) -> datetime | None:
    """The time for which a scheduler began the run, until something has waited."""
    waited = any(kind.takes_time for one in graph.before(step) if (kind := registry.get(graph.steps[one].kind)))
    return None if waited else run.due_at


def _arrivals(run: Run, graph: Graph, step: str) -> list[tuple[Link, Arrival]]:
    """What has come to a step so far, with the links, in the order of the drawing."""
    came = {(arrival.step, arrival.out): arrival for arrival in run.arrivals.select_related("people")}
    return [(link, came[link.source, link.out]) for link in graph.into(step) if (link.source, link.out) in came]


def _went_well(row: StepRun, graph: Graph, node: Node, now: datetime, result: Result) -> None:
    if result.note:
        lines.note(row.run.workflow, result.note, run=row.run, step=row.step)
    if isinstance(result, Later):
        row.state, row.due_at, row.kept, row.tries = StepState.HELD if result.held else StepState.DUE, result.at, dict(result.kept), 0
        row.save(update_fields=["state", "due_at", "kept", "tries", "began_at"])
        return
    row.state, row.ended_at, row.problem, row.problem_in = StepState.DONE, now, "", []
    row.save(update_fields=["state", "ended_at", "began_at", "problem", "problem_in"])
    if not _leave(row.run, graph, node, now, result):
        close_if_over(row.run, now)


def _leave(run: Run, graph: Graph, node: Node, now: datetime, result: Done) -> bool:
    """Something leaves by each way out, if only the news that nothing will. Whether a step is due by this: then the run goes on."""
    goes_on = False
    for out in registry.known_shape(node).outs:
        people = result.outs.get(out)
        live = out in result.counts or (out in result.outs and (people is None or people.size > 0 or bool(node.options.get("empty_goes_on"))))
        size = people.size if people else result.counts.get(out)
        arrival = Arrival.objects.create(run=run, step=node.id, out=out, live=live, people=people if live else None, size=size)
        if link := graph.out_of(node.id).get(out):
            goes_on |= _reach(run, graph, link, arrival, now)
    return goes_on


def _reach(run: Run, graph: Graph, link: Link, arrival: Arrival, now: datetime) -> bool:
    """Something came to a step: once all of it has, the step is due, or is not taken. Two that come at one moment do so one after the other."""
    step = link.target
    row = StepRun.objects.select_for_update().filter(run=run, step=step, state=StepState.COMING).first()
    came = _all_that_comes(run, graph, link, arrival) if row else None
    if row is None or came is None:
        return False
    live = [(link, arrival) for link, arrival in came if arrival.live]
    node, kind = graph.steps[step], registry.get(graph.steps[step].kind)
    if not live or (kind and kind.waits_for_all and len(live) < len(came)):
        row.state, row.ended_at = StepState.SKIPPED, now
        row.save(update_fields=["state", "ended_at"])
        return _leave(run, graph, node, now, Done())
    main = kind.ports[0][0] if kind else "in"
    sizes = [arrival.size for link, arrival in live if link.port == main and arrival.size is not None]
    row.state, row.due_at, row.came_in = StepState.DUE, now, sum(sizes) if sizes else None
    row.save(update_fields=["state", "due_at", "came_in"])
    return True


def _all_that_comes(run: Run, graph: Graph, link: Link, arrival: Arrival) -> list[tuple[Link, Arrival]] | None:
    """What has come to the end of a link, this arrival among it; None while something of this run is missing."""
    if len(graph.into(link.target)) == 1:
        return [(link, arrival)]
    covered = {*run.steps.values_list("step", flat=True)}
    came = _arrivals(run, graph, link.target)
    return came if len(came) == sum(other.source in covered for other in graph.into(link.target)) else None


def _failed(row: StepRun, graph: Graph, node: Node, now: datetime, why: Any) -> None:
    """The step's own rule says whether its branch ends or the workflow stops; too many errors in a row stop it in any case."""
    workflow = Workflow.objects.select_for_update().get(pk=row.run.workflow_id)
    workflow.errors_in_a_row += 1
    lines.note(workflow, why, run=row.run, step=row.step, is_error=True)
    ignored = node.errors == IGNORE and workflow.errors_in_a_row < workflow.error_limit
    told = sentences.for_every_reader("problem", why)
    row.state, row.ended_at = StepState.SKIPPED if ignored else StepState.FAILED, now
    StepRun.objects.filter(pk=row.pk).update(state=row.state, ended_at=now, began_at=row.began_at, **told)
    workflow.save(update_fields=["errors_in_a_row"])
    if ignored:
        if not _leave(row.run, graph, node, now, Done()):
            close_if_over(row.run, now)
        return
    _stand(workflow, _("“%(step)s”: %(why)s") % {"step": registry.name_of(node), "why": why})


def break_off(workflow: Workflow) -> None:
    """A workflow whose runs cannot begin stands in error, where somebody sees it."""
    lines.note(workflow, _(BROKE_BEGIN), is_error=True)
    _stand(workflow, _(BROKE_BEGIN))


def _stand(workflow: Workflow, why: Any) -> None:
    move(workflow, WorkflowState.ERROR, **sentences.for_every_reader("problem", why))


def close_if_over(run: Run, now: datetime) -> None:
    """A run without open steps is finished, and with its last run a workflow that nothing will begin again. Workflows are held before their runs."""
    Workflow.objects.select_for_update().get(pk=run.workflow_id)
    locked = Run.objects.select_for_update().filter(pk=run.pk, state=RunState.RUNNING).first()
    if locked is None or locked.steps.filter(state__in=OPEN_STEPS).exists():
        return
    locked.state, locked.finished_at = RunState.FINISHED, now
    locked.left_over = sum(arrival.size or 0 for arrival in left_over.of(locked))
    locked.save(update_fields=["state", "finished_at", "left_over"])
    words = _("Run %(number)s is over.") % {"number": locked.number}
    if locked.left_over:
        words = _("Run %(number)s is over. %(count)s people are left where nothing follows.") % {"number": locked.number, "count": Count(locked.left_over)}
    lines.note(locked.workflow, words, run=locked)
    if not locked.steps.exclude(problem="").exists():
        Workflow.objects.filter(pk=locked.workflow_id).update(errors_in_a_row=0)
    finish_if_over(locked.workflow_id, now)
    run_finished.send(sender=Run, run=locked, now=now)


def finish_if_over(workflow_id: int, now: datetime) -> None:
    """Nothing is under way and nothing will begin."""
    workflow = Workflow.objects.select_for_update().get(pk=workflow_id)
    if workflow.state != WorkflowState.RUNNING or workflow.runs.filter(state=RunState.RUNNING).exists():
        return
    if workflow.schedules.filter(next_at__isnull=False).exists() or _listens(workflow):
        return
    move(workflow, WorkflowState.FINISHED, finished_at=now)


def _listens(workflow: Workflow) -> bool:
    """Something outside may begin a run."""
    graph = workflow.started.read() if workflow.started else Graph()
    return any(kind.listens for node in graph.steps.values() if (kind := registry.get(node.kind)))


def move(workflow: Workflow, target: WorkflowState, *, only_from: Collection[WorkflowState] = (), **fields: Any) -> bool:
    """Change the state of a workflow if it may; True for the one caller who did."""
    allowed = [start for start, ends in WORKFLOW_MOVES.items() if target in ends and (not only_from or start in only_from)]
    fields = {"problem": "", "problem_in": [], **fields}
    return bool(Workflow.objects.filter(pk=workflow.pk, state__in=allowed).update(state=target, updated_at=clock.now(), **fields))
