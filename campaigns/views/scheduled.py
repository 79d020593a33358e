"""One-off texts for a date and time: the list of what waits, and calling it off."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import Min, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from campaigns.models import Message
from campaigns.services import scheduled
from campaigns.views.actions import Question
from smsapp.common.templatetags.ui import number

MOST = 200  # sends on the list


@require_GET
@permission_required("campaigns.add_message", raise_exception=True)
def waiting(request: HttpRequest) -> HttpResponse:
    """What waits, soonest first: one line for each form that was sent."""
    sends = scheduled.sends(scheduled.for_user(request.user), MOST + 1)
    return render(request, "campaigns/scheduled.html", {"sends": sends[:MOST], "more": len(sends) > MOST, "most": MOST, "place": "campaigns:scheduled"})


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.add_message", raise_exception=True)
def cancel_send(request: HttpRequest, key: UUID) -> HttpResponse:
    """Everything of one form that has not left."""
    return _cancel(request, Message.objects.filter(idempotency_key__startswith=f"{key}:"))


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.add_message", raise_exception=True)
def cancel_text(request: HttpRequest, pk: int) -> HttpResponse:
    """One text, also of a form with several."""
    return _cancel(request, Message.objects.filter(pk=pk))


def _cancel(request: HttpRequest, asked: QuerySet[Message]) -> HttpResponse:
    first = asked.filter(scheduled_at__isnull=False).first()
    if first is None:
        raise Http404
    if not scheduled.may_cancel(request.user, first):
        raise PermissionDenied
    texts = asked & Message.objects.scheduled()
    if not (n := texts.count()):
        messages.error(request, _("Nothing of this waits any more: it has left, or somebody has cancelled it."))
        return redirect("campaigns:scheduled")
    if request.method == "GET":
        context = {"question": _question(n), "at": texts.aggregate(at=Min("scheduled_at"))["at"], "subject": texts[0].subject}
        return render(request, "campaigns/scheduled_cancel.html", context)
    if cancelled := scheduled.cancel(texts, request.user):
        messages.success(request, ngettext("%(n)s text is cancelled.", "%(n)s texts are cancelled.", cancelled) % {"n": number(cancelled)})
    if cancelled < n:
        messages.error(request, _("Sending had begun meanwhile: what has left cannot be called back."))
    return redirect("campaigns:scheduled")


def _question(n: int) -> Question:
    shown = {"count": number(n)}
    return Question(
        title=ngettext("Cancel the %(count)s text not yet gone?", "Cancel the %(count)s texts not yet gone?", n) % shown,
        yes=ngettext("Cancel %(count)s text", "Cancel %(count)s texts", n) % shown,
        no=_("Leave it as it is"),
        sentence=_("To send it at another time, cancel it and write it again."),
        consequences=[(n, ngettext("person will not get this text", "people will not get this text", n))],
    )
