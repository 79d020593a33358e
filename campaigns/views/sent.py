"""What came of a one-off form: queued or scheduled, for whom, and where each text is."""

import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_GET

from campaigns import wording
from campaigns.forms.schedule import zone
from campaigns.models import Message
from campaigns.services import scheduled
from campaigns.views.people import decorate_messages
from campaigns.wizard.moments import twice, zone_name
from contacts.models import Activity
from smsapp.common.readable import number

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
    context["headline"] = headline(message.stage for message in queued)  # type: ignore[attr-defined]
    return render(request, "campaigns/_sent_again.html" if request.htmx else "campaigns/sent.html", context)  # type: ignore[attr-defined]


def headline(stages: Iterable[str]) -> str:
    """What has become of the texts so far, in one line."""
    counts = Counter(_GROUPS.get(stage, stage) for stage in stages)
    everything, left = counts.total(), sum(counts[group] for group in ("scheduled", "queued", "sending"))
    if len(counts) == 1:
        group, n = next(iter(counts.items()))
        return _ALL[group] % {"n": n, "shown": number(n)}  # type: ignore[no-any-return]
    sent = counts["sent"] + counts["delivered"]
    if sent == everything:
        return _ALL["sent"] % {"n": sent, "shown": number(sent)}  # type: ignore[no-any-return]
    names = {"sent": number(sent), "all": number(everything), "left": number(left)}
    if left:
        return _("%(sent)s of %(all)s texts were sent, %(left)s still to go") % names
    return _("%(sent)s of %(all)s texts were sent") % names


_GROUPS = {"prepared": "queued", "undelivered": "missed", "failed": "missed", "skipped": "missed"}
_ALL: dict[str, Any] = {  # that all of them are in one state
    "scheduled": ngettext_lazy("%(shown)s text is scheduled", "%(shown)s texts are scheduled", "n"),
    "queued": ngettext_lazy("%(shown)s text is queued", "%(shown)s texts are queued", "n"),
    "sending": ngettext_lazy("%(shown)s text is being sent", "%(shown)s texts are being sent", "n"),
    "sent": ngettext_lazy("%(shown)s text was sent", "%(shown)s texts were sent", "n"),
    "delivered": ngettext_lazy("%(shown)s text was delivered", "%(shown)s texts were delivered", "n"),
    "missed": ngettext_lazy("%(shown)s text did not arrive", "%(shown)s texts did not arrive", "n"),
    "unknown": ngettext_lazy("Nobody knows whether %(shown)s text was sent", "Nobody knows whether %(shown)s texts were sent", "n"),
    "cancelled": ngettext_lazy("%(shown)s text was cancelled", "%(shown)s texts were cancelled", "n"),
}


def _may_see(request: HttpRequest, message: Message) -> bool:
    return message.author_id == request.user.pk or (message.scheduled_at is not None and scheduled.may_cancel(request.user, message))


def _poll(queued: list[Message], waiting: int) -> str:
    """How often the page asks again; empty when nothing moves by itself."""
    since = timezone.now() - (queued[0].scheduled_at or queued[0].created_at)
    if waiting:
        return "2s" if since > -NEAR else "20s"
    return "2s" if since < FOLLOW and any(message.stage in wording.MOVING for message in queued) else ""  # type: ignore[attr-defined]
