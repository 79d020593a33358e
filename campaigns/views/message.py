"""One text: what was written, to whom, through which gateway, and what became of it."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from campaigns import route_words, template_uses, trials, troubles
from campaigns.models import Message, UnknownText
from campaigns.services import again, quiet_hours, scheduled, unknowns
from campaigns.statuses import MessageStatus
from campaigns.views import retry
from campaigns.views.people import decorate_messages
from campaigns.views.unknown import offered
from contacts import lone_numbers
from contacts.models import Activity
from smsapp.common.secrets import sign_reference


@permission_required("campaigns.view_message", raise_exception=True)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """All that is known of a message."""
    related = ("mailing", "mailing__campaign", "mailing__author", "mailing__template", "mailing__template_version", "provider", "author", "template", "routing")
    message = get_object_or_404(Message.objects.with_stage().select_related(*related), pk=pk)
    decorate_messages([message])
    author = message.author or (message.mailing.author if message.mailing else None)
    activity = Activity.objects.filter(kind=Activity.Kind.SMS_SENT, source=message.pk).first()
    context = {"message": message, "author": author, "activity": activity, "test": trials.trial_of(message), "source": template_uses.source_of(message)}
    context["may_cancel"] = message.scheduled_at and message.status == MessageStatus.OPEN and scheduled.may_cancel(request.user, message)
    context |= _unknown(message) if message.status == MessageStatus.UNKNOWN else {}
    context |= {"answers": unknowns.answers_to(message), "once_more": again.copy_of(message), "first_try": message.again_of}
    if message.status in troubles.FAILED:
        trouble = troubles.of(message.reason, message.stage)  # type: ignore[attr-defined]
        is_blocked = trouble.hard and bool(lone_numbers.refusals([message.number]))
        context |= {"trouble": trouble, "may_retry": not is_blocked and retry.may(request.user, message) and not again.of_all(message)}
    context["way"] = route_words.why(message.routing.facts if message.routing else None)
    context["quiet_until"] = quiet_hours.holds_until(message)
    context["reference"] = sign_reference(message.pk)
    context["time_changes"] = scheduled.changes_of([message]).get(message.pk, [])
    return render(request, "campaigns/message.html", context)


def _unknown(message: Message) -> dict[str, object]:
    """What the notice about an unknown text needs; one that was sent again waits for nobody."""
    waits = UnknownText.objects.filter(message=message.pk).exists()
    return {"waits": waits, "choices": offered() if waits else []}
