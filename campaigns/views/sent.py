"""What came of a one-off form: queued or scheduled, for whom, and where each text is."""

import uuid
from datetime import timedelta

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from campaigns import wording
from campaigns.forms.schedule import zone
from campaigns.models import Message
from campaigns.services import scheduled
from campaigns.views.people import decorate_messages
from campaigns.wizard.moments import twice, zone_name
from contacts.models import Activity

FOLLOW = timedelta(minutes=10)  # so long after it began the page asks for news
NEAR = timedelta(minutes=1)  # before the time of a scheduled text it asks more often


@require_GET
@permission_required("campaigns.add_message", raise_exception=True)
def sent(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The states change by themselves until nothing moves. For its author, and for those who may call it off."""
    of_form = Message.objects.filter(idempotency_key__startswith=f"{key}:")
    queued = list(of_form.with_stage().select_related("provider").order_by("id"))
    if not queued or not _may_see(request, queued[0]):
        raise Http404
    decorate_messages(queued)
    activities = dict(Activity.objects.filter(kind=Activity.Kind.SMS_SENT, source__in=[message.pk for message in queued]).values_list("source", "id"))
    for message in queued:
        message.activity_id = activities.get(message.pk)  # type: ignore[attr-defined]
    waiting = sum(message.stage == "scheduled" for message in queued)
    note = twice(at, zone()) if waiting and (at := queued[0].scheduled_at) else ""
    context = {"queued": queued, "key": key, "poll": _poll(queued, waiting), "waiting": waiting, "zone": zone_name(zone()), "note": note}
    context["time_changes"] = scheduled.changes_of([queued[0]]).get(queued[0].pk, [])
    return render(request, "campaigns/_sent.html" if request.htmx else "campaigns/sent.html", context)  # type: ignore[attr-defined]


def _may_see(request: HttpRequest, message: Message) -> bool:
    return message.author_id == request.user.pk or (message.scheduled_at is not None and scheduled.may_cancel(request.user, message))


def _poll(queued: list[Message], waiting: int) -> str:
    """How often the page asks again; empty when nothing moves by itself."""
    since = timezone.now() - (queued[0].scheduled_at or queued[0].created_at)
    if waiting:
        return "2s" if since > -NEAR else "20s"
    return "2s" if since < FOLLOW and any(message.stage in wording.MOVING for message in queued) else ""  # type: ignore[attr-defined]
