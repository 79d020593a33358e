"""A workflow's page: the canvas, the palette, the panel of the chosen step."""

from itertools import groupby
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from smsapp.common import clock
from workflows import wording
from workflows.engine import start
from workflows.models import Run, Workflow
from workflows.recurrence import RuleProblem, next_runs
from workflows.services import workflows
from workflows.services.sends import SENDS
from workflows.states import STARTABLE
from workflows.steps import registry
from workflows.steps.base import FAMILIES, StepForm
from workflows.steps.scheduler import rule_of
from workflows.views import signals
from workflows.views.picture import Cell, Picture, leads


@require_safe
@permission_required("workflows.view_workflow", raise_exception=True)
def canvas(request: HttpRequest, pk: int) -> HttpResponse:
    """The drawing as it is now, with the states and counts of the last run."""
    workflow = get_object_or_404(Workflow.objects.select_related("campaign", "started"), pk=pk)
    return page(request, workflow, request.GET.get("step", ""))


def page(request: HttpRequest, workflow: Workflow, step: str, form: StepForm | None = None) -> HttpResponse:
    """The same with a form that came back."""
    run = workflow.runs.order_by("-number").first()
    picture = Picture(workflow.drawing, run=run, step=step, problems=_problems(workflow), suspended=workflow.suspended)
    context = head(workflow, run) | {"picture": picture, "palette": palette(), "tab": request.GET.get("tab", "")}
    context |= {"can_undo": workflows.can_undo(workflow), "can_redo": workflows.can_redo(workflow), "may_draw": may_draw(request, workflow)}
    if picture.chosen and picture.chosen.node.kind == "external_signal" and request.user.has_perms([SENDS, "workflows.run_workflow"]):
        context["signal_address"] = request.build_absolute_uri(signals.address(workflow.pk, picture.chosen.node.id))
    if picture.chosen:
        context |= _panel(request, workflow, picture, picture.chosen, form)
    return render(request, "workflows/canvas.html", context, status=422 if form else 200)


def may_draw(request: HttpRequest, workflow: Workflow) -> bool:
    """Whether this person may change the drawing."""
    return request.user.has_perm("workflows.change_workflow") and not workflow.archived


def _problems(workflow: Workflow) -> list[Any]:
    """Nothing is wrong with a canvas on which nothing stands yet."""
    return start.problems(workflow) if workflow.drawing.steps else []


def head(workflow: Workflow, run: Run | None) -> dict[str, Any]:
    """What each page of a workflow begins with."""
    coming = workflow.schedules.exclude(next_at=None).order_by("next_at").first()
    return {
        "workflow": workflow, "look": wording.WORKFLOWS[workflow.stands], "run": run, "next_at": coming.next_at if coming else None,
        "startable": workflow.state in STARTABLE,
    }  # fmt: skip


def palette() -> list[tuple[Any, list[Any]]]:
    """Kinds of steps by family."""
    return [(FAMILIES[family], list(kinds)) for family, kinds in groupby(registry.kinds().values(), key=lambda kind: kind.family)]


def _panel(request: HttpRequest, workflow: Workflow, picture: Picture, cell: Cell, form: StepForm | None) -> dict[str, Any]:
    context: dict[str, Any] = {"cell": cell, "leads": leads(picture.graph, cell)}
    context["left"] = [(out, picture.arrivals[cell.node.id, out.name]) for out in cell.exits if (cell.node.id, out.name) in picture.arrivals]
    if cell.kind:
        context |= cell.kind.tells(cell.node)
        context["form"] = form or cell.kind.form(workflow=workflow, node=cell.node, user=request.user)
    if cell.node.kind == "scheduler" and cell.node.options.get("rule"):
        try:
            rule = rule_of(cell.node)
            context |= {"coming": next_runs(rule, clock.now()), "zone": rule.zone}
        except RuleProblem:
            pass  # the step says what is wrong with it
    return context
