"""A workflow's page: the canvas, the palette, the panel of what is chosen; and what moves on it while it is open."""

import hashlib
from itertools import groupby
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from workflows import rows, wording
from workflows.engine import start
from workflows.models import Run, Workflow
from workflows.services import presence, sends, workflows
from workflows.states import STARTABLE, WARNING
from workflows.steps import registry
from workflows.steps.base import FAMILIES
from workflows.views import behind, panel
from workflows.views.panel import Choice
from workflows.views.picture import Picture


@require_safe
@permission_required("workflows.view_workflow", raise_exception=True)
def canvas(request: HttpRequest, pk: int) -> HttpResponse:
    """The drawing as it is now, with the states and counts of the last run."""
    return page(request, _workflow(pk), Choice.of(request.GET))


def _workflow(pk: int) -> Workflow:
    return get_object_or_404(Workflow.objects.select_related("campaign", "started"), pk=pk)


def page(request: HttpRequest, workflow: Workflow, choice: Choice) -> HttpResponse:
    """The same with a form that came back."""
    run, drawing = last_run(workflow), may_draw(request, workflow)
    with rows.together(workflow.drawing):
        picture = _picture(workflow, run, choice)
        beside = panel.of(request, workflow, picture, choice)
    context = head(workflow, run) | {"picture": picture, "palette": palette(), "may_draw": drawing} | beside
    context |= {"can_undo": workflows.can_undo(workflow), "can_redo": workflows.can_redo(workflow)}
    context |= _meanwhile(request, workflow, run, picture)
    return render(request, "workflows/canvas.html", context, status=422 if choice.form else 200)


def last_run(workflow: Workflow) -> Run | None:
    """The one whose states and counts are shown."""
    return workflow.runs.order_by("-number").first()


def may_draw(request: HttpRequest, workflow: Workflow) -> bool:
    """Whether this person may change the drawing."""
    return request.user.has_perm("workflows.change_workflow") and not workflow.archived


def _picture(workflow: Workflow, run: Run | None, choice: Choice) -> Picture:
    """Nothing is wrong with a canvas on which nothing stands yet."""
    graph = workflow.drawing
    problems = start.problems(workflow) if graph.steps else []
    return Picture(graph, run=run, step=choice.step, at=choice.at, problems=problems, suspended=workflow.suspended)


def head(workflow: Workflow, run: Run | None) -> dict[str, Any]:
    """What each page of a workflow begins with."""
    stands, before = workflow.stands, workflow.keeping_back
    holding = sends.holding(before) if before else None
    return {
        "workflow": workflow, "look": wording.WORKFLOWS[stands], "run": run, "next_at": workflow.next_at(),
        "startable": workflow.state in STARTABLE, "behind": behind.of(workflow) if stands == WARNING else None,
        "keeping_back": before, "goes_on": sends.goes_on(before, holding) if before else "", "holding": holding,
    }  # fmt: skip


def palette() -> list[tuple[Any, list[Any]]]:
    """Kinds of steps by family."""
    return [(FAMILIES[family], list(kinds)) for family, kinds in groupby(registry.kinds().values(), key=lambda kind: kind.family)]


# --- live ---


@require_safe
@permission_required("workflows.view_workflow", raise_exception=True)
def live(request: HttpRequest, pk: int) -> HttpResponse:
    """What has moved since the window looked; 204 while nothing has. A drawing that somebody else changed is told of, and shown when the person asks."""
    workflow = _workflow(pk)
    if may_draw(request, workflow):
        presence.note(workflow, request.user)
    run, choice = last_run(workflow), Choice.of(request.GET)
    with rows.together(workflow.drawing):
        picture = _picture(workflow, run, choice)
    meanwhile = _meanwhile(request, workflow, run, picture)
    if meanwhile["mark"] == request.GET.get("mark"):
        return HttpResponse(status=204)
    changed = request.GET.get("seen") != str(workflow.version)
    told = workflows.last_author(workflow, request.user) if changed else ""
    spoken = not request.GET.get("mark", "").startswith(f"{workflow.state}-")
    context = head(workflow, run) | meanwhile | {"picture": picture, "may_draw": may_draw(request, workflow), "changed": changed, "told": told}
    return render(request, "workflows/_live.html", context | {"spoken": spoken, "seen": request.GET.get("seen", "")})


def _meanwhile(request: HttpRequest, workflow: Workflow, run: Run | None, picture: Picture) -> dict[str, Any]:
    """Who else has it open, and a mark of all that a window shows and that may move."""
    others = presence.others(workflow, request.user)
    moving = [workflow.version, workflow.archived, workflow.suspended, workflow.problem, run and (run.pk, run.kept_back), others, picture.standing]
    digest = hashlib.sha256(repr(moving).encode()).hexdigest()[:16]
    return {"others": others, "mark": f"{workflow.state}-{digest}"}
