"""What happened: the log, the runs, one run on the canvas, and the people who left a step."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe

from campaigns.statuses import MailingStatus
from contacts.selection import visible_to
from smsapp.common import listing
from workflows import rows, wording
from workflows.models import Arrival, Run, Workflow
from workflows.states import StepState
from workflows.steps import registry
from workflows.texts import tell
from workflows.views.canvas import head
from workflows.views.picture import Picture


def _head(workflow: Workflow) -> dict[str, Any]:
    return head(workflow, workflow.runs.order_by("-number").first())


@require_safe
@permission_required("workflows.view_workflow", raise_exception=True)
def log(request: HttpRequest, pk: int) -> HttpResponse:
    """Newest first; of one step only, if it is named."""
    workflow = get_object_or_404(Workflow.objects.select_related("campaign", "started"), pk=pk)
    names, step = _names(workflow), request.GET.get("step", "")
    lines = workflow.log.select_related("run", "author")
    if step in names:
        lines = lines.filter(step=step)
    page = listing.paginate(lines, request, order=("-id",), label=lambda line: localtime(line.at).strftime("%d.%m. %H:%M"))
    for line in page:
        line.step_name = names.get(line.step, "")
    return render(request, "workflows/log.html", _head(workflow) | {"page": page, "here": "log", "of_step": names.get(step, ""), "step": step})


def _names(workflow: Workflow) -> dict[str, str]:
    graph = workflow.drawing
    with rows.together(graph):
        return {node.id: registry.name_of(node) for node in graph.steps.values()}


@require_safe
@permission_required("workflows.view_workflow", raise_exception=True)
def runs(request: HttpRequest, pk: int) -> HttpResponse:
    """Newest first."""
    workflow = get_object_or_404(Workflow.objects.select_related("campaign", "started"), pk=pk)
    over = Q(steps__state__in=[StepState.DONE, StepState.SKIPPED])
    counted = workflow.runs.annotate(steps_all=Count("steps"), steps_over=Count("steps", filter=over))
    page = listing.paginate(counted, request, order=("-number",), label=lambda run: run.number)
    waiting = {run.pk for run in Run.objects.filter(pk__in=[run.pk for run in page], sends__mailing__status=MailingStatus.READY)}
    for run in page:
        run.look = wording.of_run(run, waits=run.pk in waiting)
    return render(request, "workflows/runs.html", _head(workflow) | {"page": page, "here": "runs"})


@require_safe
@permission_required("workflows.view_workflow", raise_exception=True)
def run(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The drawing that it was made of, with its own states and counts."""
    found = get_object_or_404(Run.objects.select_related("workflow__campaign", "workflow__started", "drawing__author"), workflow=pk, number=number)
    graph = found.drawing.read()
    with rows.together(graph):
        picture = Picture(graph, run=found, step=request.GET.get("step", ""))
    left = [(cell, one) for cell in picture.cells for one in cell.exits if one.arrival]
    waits = found.sends.filter(mailing__status=MailingStatus.READY).exists()
    context = {"this": found, "this_look": wording.of_run(found, waits=waits), "picture": picture, "cell": picture.chosen, "left": left, "here": "runs"}
    return render(request, "workflows/run.html", _head(found.workflow) | context)


@require_safe
@permission_required(["workflows.view_workflow", "contacts.view_contact"], raise_exception=True)
def people(request: HttpRequest, pk: int, number: int, arrival_id: int) -> HttpResponse:
    """Who left a step by one of its exits, as far as they still exist."""
    arrival = get_object_or_404(Arrival.objects.select_related("run__workflow", "run__drawing", "people"), pk=arrival_id, run__workflow=pk, run__number=number)
    them = visible_to(request.user)
    if arrival.people:
        was, became = arrival.people.living()
        them = them.filter(Q(id__in=was) | Q(id__in=became))
    else:
        them = them.none()
    page = listing.paginate(them, request, order=("sort_name", "id"), label=lambda person: person.list_name)
    node = arrival.run.drawing.read().steps.get(arrival.step)
    context = {"workflow": arrival.run.workflow, "run": arrival.run, "arrival": arrival, "page": page, "step_name": registry.name_of(node) if node else ""}
    context["more"] = tell(arrival, list(page))
    return render(request, "workflows/people.html", context)
