"""Programs that begin a run: the address is the proof, and each signal step has its own."""

import hmac

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from smsapp.common.secrets import keyed_hash
from workflows.engine import wake
from workflows.errors import WorkflowError
from workflows.models import Workflow

LENGTH = 40  # characters of the key: 160 bits


def address(workflow_id: int, step: str) -> str:
    """Where a program posts to, without the host. Whoever has it can begin runs, and nothing else."""
    return reverse("workflows:signal", args=[workflow_id, step, _key(workflow_id, step)])


@login_not_required
@csrf_exempt  # a program has no session to ride on
@require_POST
def signal(request: HttpRequest, pk: int, step: str, key: str) -> JsonResponse:
    """202 with the number of the run; 409 with the reason why none began; 404 for whoever has not got the address."""
    if not hmac.compare_digest(key.encode(), _key(pk, step).encode()):
        raise Http404
    workflow = Workflow.objects.filter(pk=pk).first()
    if workflow is None:
        raise Http404
    try:
        run = wake.signal(workflow, step)
    except WorkflowError as problem:
        return JsonResponse({"code": problem.code, "error": str(problem.message)}, status=409)
    if run is None:
        return JsonResponse({"code": "goes_on", "error": _("The run before still goes on. Wait until it is over.")}, status=409)
    return JsonResponse({"run": run.number}, status=202)


def _key(workflow_id: int, step: str) -> str:
    return keyed_hash("workflow signal", f"{workflow_id}:{step}")[:LENGTH]
