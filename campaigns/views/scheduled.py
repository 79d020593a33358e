"""One-off texts for a date and time: the list of what waits, calling it off, and giving it another time."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import Min, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from campaigns.forms.schedule import MomentFields, zone
from campaigns.models import Message
from campaigns.services import scheduled
from campaigns.services.errors import CampaignError
from campaigns.views import quiet
from campaigns.views.actions import Question
from campaigns.wizard.moments import zone_name
from smsapp.common import phone
from smsapp.common.readable import number

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
    if (texts := _waiting(request, asked)) is None:
        return redirect("campaigns:scheduled")
    n = texts.count()
    if request.method == "GET":
        context = {"question": _question(n), "at": texts.aggregate(at=Min("scheduled_at"))["at"], "subject": texts[0].subject}
        return render(request, "campaigns/scheduled_cancel.html", context)
    if cancelled := scheduled.cancel(texts, request.user):
        messages.success(request, ngettext("%(n)s text is cancelled.", "%(n)s texts are cancelled.", cancelled) % {"n": number(cancelled)})
    if cancelled < n:
        messages.error(request, _("Sending had begun meanwhile: what has left cannot be called back."))
    return redirect("campaigns:scheduled")


def _waiting(request: HttpRequest, asked: QuerySet[Message]) -> QuerySet[Message] | None:
    """What of it waits, for whoever may call it off; None, with a word, when nothing does any more."""
    first = asked.filter(scheduled_at__isnull=False).first()
    if first is None:
        raise Http404
    if not scheduled.may_cancel(request.user, first):
        raise PermissionDenied
    texts = asked & Message.objects.scheduled()
    if texts.exists():
        return texts
    messages.error(request, _("Nothing of this waits any more: it has left, or somebody has cancelled it."))
    return None


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.add_message", raise_exception=True)
def change_send(request: HttpRequest, key: UUID) -> HttpResponse:
    """Another time for everything of one form that has not left."""
    return _change(request, Message.objects.filter(idempotency_key__startswith=f"{key}:"), str(key))


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.add_message", raise_exception=True)
def change_text(request: HttpRequest, pk: int) -> HttpResponse:
    """Another time for one text, also of a form with several."""
    text = get_object_or_404(Message, pk=pk)
    return _change(request, Message.objects.filter(pk=pk), text.idempotency_key or "")


def _change(request: HttpRequest, asked: QuerySet[Message], key: str) -> HttpResponse:
    if (texts := _waiting(request, asked)) is None:
        return redirect("campaigns:scheduled")
    first, n = texts.order_by("scheduled_at", "id")[0], texts.count()
    planned = timezone.localtime(first.scheduled_at)
    form, asleep = MomentFields(request.POST or None, initial={"day": planned.date(), "hour": planned.time()}), None
    if form.is_valid():
        asleep = quiet.asleep(_readers(texts), form.cleaned_data["moment"]) if "quiet" not in request.POST else None
        if not asleep and (answer := _changed(request, form, texts, key)):
            return answer
    back = reverse("campaigns:sent", args=[scheduled.form_of(first.idempotency_key or key)])
    context = {"form": form, "at": first.scheduled_at, "subject": first.subject, "n": n, "zone": zone_name(zone()), "back": back, "asleep": asleep}
    return render(request, "campaigns/scheduled_time.html", context)


def _readers(texts: QuerySet[Message]) -> list[quiet.Reader]:
    """A text reaches the number that it was written for, whoever has it by now."""
    rows = list(texts.order_by("id").select_related("contact"))
    return [quiet.Reader(row.number, row.contact.name if row.contact else phone.display(row.number)) for row in rows]


def _changed(request: HttpRequest, form: MomentFields, texts: QuerySet[Message], key: str) -> HttpResponse | None:
    """Back to the list once it is kept; None when the form says what is wrong."""
    moment, n = form.cleaned_data["moment"], texts.count()
    try:
        changed = scheduled.change_time(texts, request.user, moment.at, key=key)
    except CampaignError as error:
        form.add_error("hour" if error.code == "past" else None, error.message)
        return None
    if changed:
        words = ngettext("%(n)s text has another time.", "%(n)s texts have another time.", changed) % {"n": number(changed)}
        messages.success(request, " ".join(filter(None, [words, moment.note])))
    if changed < n:
        messages.error(request, _("Sending had begun meanwhile: what has left cannot be called back."))
    return redirect("campaigns:scheduled")


def _question(n: int) -> Question:
    shown = {"count": number(n)}
    return Question(
        title=ngettext("Cancel the %(count)s text not yet gone?", "Cancel the %(count)s texts not yet gone?", n) % shown,
        yes=ngettext("Cancel %(count)s text", "Cancel %(count)s texts", n) % shown,
        no=_("Leave it as it is"),
        sentence=_("To send it at another time, change its time instead."),
        consequences=[(n, ngettext("person will not get this text", "people will not get this text", n))],
    )
