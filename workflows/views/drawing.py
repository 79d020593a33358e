"""Changes of the drawing: each is a post of its own and saved at once."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from smsapp.common.bidi import isolated
from workflows import rows
from workflows.errors import WorkflowError
from workflows.forms.own import LinkForm, OwnForm
from workflows.graph import Graph, Node
from workflows.models import Workflow
from workflows.recurrence import Rule
from workflows.services import edits, workflows
from workflows.steps import registry
from workflows.views import panel
from workflows.views.canvas import page
from workflows.views.panel import Choice
from workflows.views.picture import Picture

Data = Mapping[str, str]
CHANGES: dict[str, Callable[[Graph, Data], Graph]] = {
    "add": lambda graph, data: edits.add(graph, data.get("kind", ""), data.get("after", ""), data.get("out", "")),
    "copy": lambda graph, data: edits.copy(graph, data.get("step", "")),
    "move": lambda graph, data: edits.move(graph, data.get("step", ""), data.get("after", ""), data.get("out", "")),
    "remove": lambda graph, data: edits.remove(graph, data.get("step", "")),
    "connect": lambda graph, data: edits.connect(graph, data.get("step", ""), data.get("out", ""), *_entrance(data.get("to", ""))),
    "cut": lambda graph, data: edits.connect(graph, data.get("step", ""), data.get("out", ""), ""),
}
WHOLE = {"undo": workflows.undo, "redo": workflows.redo}


def _entrance(text: str) -> tuple[str, str]:
    step, _colon, port = text.partition(":")
    return step, port


def version_of(data: Mapping[str, str]) -> int:
    """What the person saw; nonsense is no version."""
    text = data.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


def back(workflow: Workflow, step: str = "", tab: str = "", at: str = "") -> HttpResponse:
    """To the canvas, with a step or an exit chosen."""
    query = urlencode({name: value for name, value in (("step", step), ("tab", tab), ("at", at)) if value})
    return redirect(reverse("workflows:canvas", args=[workflow.pk]) + (f"?{query}" if query else ""))


@require_POST
@permission_required("workflows.change_workflow", raise_exception=True)
def draw(request: HttpRequest, pk: int) -> HttpResponse:
    """What `do` names."""
    workflow = get_object_or_404(Workflow, pk=pk)
    data, before = request.GET.dict() | request.POST.dict(), workflow.drawing
    command, step = data.get("do", ""), data.get("step", "")
    try:
        if command in WHOLE:
            WHOLE[command](workflow, request.user, version_of(data))
        elif command in CHANGES:
            workflows.draw(workflow, request.user, version_of(data), lambda graph: CHANGES[command](graph, data))
    except WorkflowError as error:
        messages.error(request, error.message)
        return back(workflow, step, at=data.get("at", ""))
    if command == "remove":
        _tell_removed(request, workflow, before.steps[step])
    return back(workflow, _next(before, workflow.drawing, step), at=data.get("at", "") if command == "cut" else "")


def _tell_removed(request: HttpRequest, workflow: Workflow, node: Node) -> None:
    """With a way back."""
    undo = f"{reverse('workflows:draw', args=[workflow.pk])}?{urlencode({'do': 'undo', 'version': workflow.version})}"
    messages.success(request, _("“%(name)s” is removed.") % {"name": isolated(registry.name_of(node))}, extra_tags=f"undo={undo}")


def _next(before: Graph, now: Graph, step: str) -> str:
    """The step to go on with: one that is new or came back, else the same one, else a neighbour of the one that went, else any that is left."""
    gone, new = [one for one in before.steps if one not in now.steps], [one for one in now.steps if one not in before.steps]
    near = [near for one in gone for near in (*(link.source for link in before.into(one)), *(link.target for link in before.out_of(one).values()))]
    rest = [*reversed(now.order)] if gone else []
    return next((one for one in (*new, step, *near, *rest) if one in now.steps), "")


def seen(workflow: Workflow, data: Data, there: Callable[[Graph], bool]) -> Graph:
    """The drawing as it is now; as this person saw it, if somebody has removed since what they are at: what they typed is not to be lost with it."""
    if there(workflow.drawing):
        return workflow.drawing
    kept = workflow.drawings.filter(version=version_of(data)).first()
    return kept.read() if kept else workflow.drawing


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("workflows.view_workflow", raise_exception=True)
def options(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """What a step asks for."""
    workflow = get_object_or_404(Workflow, pk=pk)
    node = seen(workflow, request.POST, Choice(step).stands_on).steps.get(step)
    kind = registry.get(node.kind) if node else None
    if request.method != "POST" or node is None or kind is None:
        return back(workflow, step)
    form = kind.form(request.POST, workflow=workflow, node=node, user=request.user)
    return _changed(request, workflow, Choice(step, form=form), lambda graph: edits.choose(graph, step, form.options()))


@require_POST
@permission_required("workflows.change_workflow", raise_exception=True)
def own(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """A step's own options, apart from what it does."""
    workflow = get_object_or_404(Workflow, pk=pk)
    picture = _picture(seen(workflow, request.POST, Choice(step).stands_on), step=step)
    if picture.chosen is None:
        return back(workflow)
    form = OwnForm(request.POST, picture=picture, cell=picture.chosen)
    return _changed(request, workflow, Choice(step, "step", form=form), form.change)


@require_POST
@permission_required("workflows.change_workflow", raise_exception=True)
def link(request: HttpRequest, pk: int, step: str, out: str) -> HttpResponse:
    """A link, or an exit that leads nowhere yet."""
    workflow = get_object_or_404(Workflow, pk=pk)
    at = f"{step}.{out}"
    picture = _picture(seen(workflow, request.POST, Choice(at=at).stands_on), at=at)
    if picture.chosen_exit is None:
        return back(workflow, step)
    form = LinkForm(request.POST, picture=picture, chosen=picture.chosen_exit)
    return _changed(request, workflow, Choice(at=at, form=form), form.change)


def _picture(graph: Graph, *, step: str = "", at: str = "") -> Picture:
    with rows.together(graph):
        return Picture(graph, run=None, step=step, at=at)


@permission_required("workflows.change_workflow", raise_exception=True)
def _changed(request: HttpRequest, workflow: Workflow, choice: Choice, change: Callable[[Graph], Graph]) -> HttpResponse:
    """Save what a form holds; what was typed stays on the page where it cannot be saved."""

    def checked(graph: Graph) -> Graph:
        if choice.form is None or not choice.form.is_valid():
            raise WorkflowError("form", "")
        return change(graph)

    try:
        workflows.draw(workflow, request.user, version_of(request.POST), checked)
    except WorkflowError as error:
        workflow.refresh_from_db()
        if error.message and choice.stands_on(workflow.drawing):
            messages.error(request, error.message)
        return page(request, workflow, choice)
    return back(workflow, choice.step, choice.tab, choice.at)


@require_POST
@permission_required("workflows.view_workflow", raise_exception=True)
def coming(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """The next runs of a scheduler as it stands in the form, saved or not."""
    workflow = get_object_or_404(Workflow, pk=pk)
    node = workflow.drawing.steps.get(step)
    kind = registry.get(node.kind) if node else None
    if node is None or kind is None or node.kind != "scheduler":
        raise Http404
    form = kind.form(request.POST, workflow=workflow, node=replace(node, options={}), user=request.user)
    rule = Rule.parse(form.cleaned_data["rule"]) if form.is_valid() else None
    wrong = next((problem for problems in form.errors.values() for problem in problems), "")
    return render(request, "workflows/_coming.html", {"coming": panel.coming(workflow, rule, step), "wrong": wrong})
