"""Start, pause, resume, restart, stop; run and suspend single steps."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.views.actions import Question
from smsapp.common.bidi import isolated
from workflows.engine import start
from workflows.errors import WorkflowError
from workflows.models import Workflow
from workflows.services import sends
from workflows.states import RunState
from workflows.views.drawing import back

ACTIONS: dict[str, tuple[Callable[[Workflow, Any], Any], Any]] = {
    "start": (start.start, gettext_lazy("The workflow is started.")),
    "pause": (start.pause, gettext_lazy("The workflow is paused: what is under way ends, nothing new begins.")),
    "resume": (start.resume, gettext_lazy("The workflow goes on.")),
    "restart": (start.restart, gettext_lazy("The workflow is started anew.")),
    "stop": (start.stop, gettext_lazy("The workflow is stopped.")),
}
ASKED = ("restart", "stop")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("workflows.run_workflow", raise_exception=True)
def run(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """What ends runs asks first."""
    workflow = get_object_or_404(Workflow, pk=pk)
    if action not in ACTIONS:
        raise Http404
    if request.method != "POST":
        return _ask(request, workflow, action) if action in ASKED else back(workflow)
    act, done = ACTIONS[action]
    try:
        act(workflow, request.user)
    except WorkflowError as error:
        messages.error(request, error.message)
        return back(workflow, error.step)
    messages.success(request, done)
    return back(workflow)


def _ask(request: HttpRequest, workflow: Workflow, action: str) -> HttpResponse:
    name = {"name": isolated(workflow.label)}
    consequences = _consequences(workflow)
    if action == "stop":
        sentence = _("A stopped workflow cannot be resumed. What was sent stays sent. Whoever may send can cancel a confirmed mailing on its own page.")
        question = Question(_("Stop “%(name)s”?") % name, _("Stop for good"), _("Keep it going"), sentence, consequences)
    else:
        sentence = _("It begins with the drawing as it is now.")
        question = Question(_("Start “%(name)s” anew?") % name, _("Restart"), _("Leave it as it is"), sentence, consequences)
    template = "campaigns/_confirm.html" if request.htmx else "workflows/question.html"  # type: ignore[attr-defined]
    return render(request, template, {"workflow": workflow, "question": question, "url": request.path, "action": {"danger": True}})


def _consequences(workflow: Workflow) -> list[tuple[int, str]]:
    """(how many, what becomes of them), of those there are."""
    going, waiting, confirmed = workflow.runs.filter(state=RunState.RUNNING).count(), sends.unconfirmed(workflow), sends.going_on(workflow)
    told = [
        (going, ngettext("run ends where it is", "runs end where they are", going)),
        (waiting, ngettext("mailing that nobody has confirmed is called off", "mailings that nobody has confirmed are called off", waiting)),
        (confirmed, ngettext("confirmed mailing goes on", "confirmed mailings go on", confirmed)),
    ]
    return [(count, words) for count, words in told if count]


STEPS: dict[str, tuple[Callable[[Workflow, str, Any], Any], Any]] = {
    "run-now": (start.run_now, ""),  # it says what happened
    "suspend": (lambda workflow, step, by: start.suspend(workflow, step, by), gettext_lazy("The step is suspended: nobody passes it.")),
    "release": (lambda workflow, step, by: start.suspend(workflow, step, by, suspended=False), gettext_lazy("The step lets people pass again.")),
}


@require_POST
@permission_required("workflows.run_workflow", raise_exception=True)
def step(request: HttpRequest, pk: int, step: str, action: str) -> HttpResponse:
    """One step."""
    workflow = get_object_or_404(Workflow, pk=pk)
    if action not in STEPS:
        raise Http404
    act, done = STEPS[action]
    try:
        told = act(workflow, step, request.user)
        messages.success(request, done or told)
    except WorkflowError as error:
        messages.error(request, error.message)
    return back(workflow, step)
