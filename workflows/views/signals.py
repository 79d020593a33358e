"""Programs that begin a run: the address is the proof, and each signal step has its own."""

import hmac
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from smsapp.common.secrets import keyed_hash
from workflows.engine import wake
from workflows.errors import WorkflowError
from workflows.models import Workflow

LENGTH = 40  # characters of the key: 160 bits


def address(workflow_id: int, step: str) -> str:
    """Where a program posts to, without the host. Whoever has it can begin runs, and nothing else."""
    return reverse("workflows:signal", args=[workflow_id, f"{step}/{_key(workflow_id, step)}/"])


@login_not_required
@csrf_exempt  # a program has no session to ride on
def signal(request: HttpRequest, pk: int, where: str) -> JsonResponse:
    """202 with the number of the run; 409 with the reason why none began; 404 for whoever has not got the address; 405 for what is no POST."""
    if request.method != "POST":
        answer = _refused("method", _("Send a POST to this address, without a body."), 405)
        answer["Allow"] = "POST"
        return answer
    step, _slash, key = where.removesuffix("/").partition("/")
    known = hmac.compare_digest(key.encode(), _key(pk, step).encode())
    workflow = Workflow.objects.filter(pk=pk).first() if known else None
    if workflow is None:
        return _refused("unknown_address", _("Nobody listens at this address. Copy it anew from the step in the workflow."), 404)
    begun = wake.signal(workflow, step)
    if isinstance(begun, WorkflowError):
        return _refused(begun.code, begun.message, 409)
    return JsonResponse({"run": begun.number}, status=202)


def _refused(code: str, words: Any, status: int) -> JsonResponse:
    return JsonResponse({"code": code, "error": str(words)}, status=status)


def _key(workflow_id: int, step: str) -> str:
    return keyed_hash("workflow signal", f"{workflow_id}:{step}")[:LENGTH]
