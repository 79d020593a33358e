"""Changes of the drawing: each is a post of its own and saved at once."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from workflows.errors import WorkflowError
from workflows.graph import Graph
from workflows.models import Workflow
from workflows.services import edits, workflows
from workflows.steps import registry
from workflows.views.canvas import page

CHANGES: dict[str, Callable[[Graph, Mapping[str, str]], Graph]] = {
    "add": lambda graph, data: edits.add(graph, data.get("kind", ""), data.get("after", ""), data.get("out", "")),
    "copy": lambda graph, data: edits.copy(graph, data.get("step", "")),
    "remove": lambda graph, data: edits.remove(graph, data.get("step", "")),
    "connect": lambda graph, data: edits.connect(graph, data.get("step", ""), data.get("out", ""), *_entrance(data.get("to", ""))),
    "name": lambda graph, data: _joined(edits.name(graph, data.get("step", ""), data.get("label", ""), data.get("errors", "")), data),
}
WHOLE = {"undo": workflows.undo, "redo": workflows.redo}


def _entrance(text: str) -> tuple[str, str]:
    step, _colon, port = text.partition(":")
    return step, port


def _joined(graph: Graph, data: Mapping[str, str]) -> Graph:
    """Where each exit leads, as the panel posts it."""
    step = data.get("step", "")
    for out in registry.known_shape(graph.steps[step]).outs:
        if f"to-{out}" in data:
            graph = edits.connect(graph, step, out, *_entrance(data[f"to-{out}"]))
    return graph


def version_of(data: Mapping[str, str]) -> int:
    """What the person saw; nonsense is no version."""
    text = data.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


def back(workflow: Workflow, step: str = "", tab: str = "") -> HttpResponse:
    """To the canvas, with a step chosen."""
    query = urlencode({name: value for name, value in (("step", step), ("tab", tab)) if value})
    return redirect(reverse("workflows:canvas", args=[workflow.pk]) + (f"?{query}" if query else ""))


@require_POST
@permission_required("workflows.change_workflow", raise_exception=True)
def draw(request: HttpRequest, pk: int) -> HttpResponse:
    """What `do` names."""
    workflow = get_object_or_404(Workflow, pk=pk)
    command, step, before = request.POST.get("do", ""), request.POST.get("step", ""), {*workflow.drawing.steps}
    data = request.POST.dict()
    try:
        if command in WHOLE:
            WHOLE[command](workflow, request.user, version_of(data))
        elif command in CHANGES:
            workflows.draw(workflow, request.user, version_of(data), lambda graph: CHANGES[command](graph, data))
    except WorkflowError as error:
        messages.error(request, error.message)
        return back(workflow, step)
    new = [one for one in workflow.drawing.steps if one not in before] if command in ("add", "copy") else []
    return back(workflow, new[0] if new else step, "step" if command == "name" else "")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("workflows.view_workflow", raise_exception=True)
def options(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """What a step asks for."""
    workflow = get_object_or_404(Workflow, pk=pk)
    node = workflow.drawing.steps.get(step)
    kind = registry.get(node.kind) if node else None
    if request.method != "POST" or node is None or kind is None:
        return back(workflow, step)
    return _choose(request, workflow, kind.form(request.POST, workflow=workflow, node=node, user=request.user))


@permission_required("workflows.change_workflow", raise_exception=True)
def _choose(request: HttpRequest, workflow: Workflow, form: Any) -> HttpResponse:
    step = form.node.id
    if not form.is_valid():
        return page(request, workflow, step, form)
    chosen = form.options()
    try:
        workflows.draw(workflow, request.user, version_of(request.POST), lambda graph: edits.choose(graph, step, chosen))
    except WorkflowError as error:
        messages.error(request, error.message)
    return back(workflow, step)
