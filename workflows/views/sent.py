"""What an SMS step has sent: its executions by period, each with its mailings and their totals."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from campaigns import wording
from campaigns.models import MailingTally
from campaigns.statuses import ACCEPTED
from smsapp.common import listing
from workflows.models import Send, Workflow
from workflows.steps import registry
from workflows.steps.sms import content_of


@require_safe
@permission_required("workflows.view_workflow", raise_exception=True)
def dashboard(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Its text, and every send with its execution, newest first."""
    workflow = get_object_or_404(Workflow.objects.select_related("campaign"), pk=pk)
    sends = Send.objects.filter(workflow=workflow, step=step).select_related("mailing", "execution", "run")
    page = listing.paginate(sends, request, order=("-id",), label=lambda send: send.mailing.name)
    texted = _texted(send.mailing_id for send in page)
    for send in page:
        send.state, send.texted = wording.MAILINGS[send.mailing.status], texted.get(send.mailing_id, 0)
    node = workflow.drawing.steps.get(step)
    named = {"name": registry.name_of(node), "content": content_of(node)} if node else {"name": step, "content": None}
    return render(request, "workflows/sms.html", {"workflow": workflow, "page": page, "step": step, **named})


def _texted(mailings: Iterable[int]) -> dict[int, int]:
    """Texts that a gateway accepted, or may have, by mailing."""
    rows: Any = MailingTally.objects.filter(mailing__in=list(mailings), status__in=ACCEPTED)
    return dict(rows.values_list("mailing").annotate(Sum("messages")))
