"""Request confirmation before sending messages, for one mailing of a workflow."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns.statuses import DRAFTS
from workflows.engine import wake
from workflows.errors import WorkflowError
from workflows.models import Send
from workflows.services import sends


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("campaigns.change_mailing", raise_exception=True)
def confirmation(request: HttpRequest, mailing: int) -> HttpResponse:
    """The box; whoever may not send and unticks it is told why it stays."""
    send = get_object_or_404(Send.objects.select_related("mailing", "parent", "workflow"), mailing=mailing)
    problem = ""
    if request.method == "POST":
        try:
            sends.ask_or_not(send, request.user, asks="confirm" in request.POST)
        except WorkflowError as error:
            problem = str(error.message)
        else:
            wake.look(mailing)
            _say(request, Send.objects.select_related("mailing", "parent", "run__workflow").get(pk=send.pk))
            return redirect("campaigns:mailing", mailing)
    context = {"send": send, "mailing": send.mailing, "problem": problem, "over": send.mailing.status not in DRAFTS}
    return render(request, "workflows/confirmation.html", context, status=422 if problem else 200)


def _say(request: HttpRequest, send: Send) -> None:
    """What the mailing does now, and why it waits all the same."""
    if send.confirm:
        messages.success(request, _("The mailing waits for confirmation."))
    elif why := sends.why_waits(send):
        messages.warning(request, why)
    else:
        messages.success(request, _("The mailing goes as soon as it is prepared."))
