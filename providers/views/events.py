"""What gateways posted, for administrators: the list, one raw request, and applying it once more."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from providers import events
from providers.forms.events import EventFilters
from providers.models import WebhookEvent
from providers.services import replays
from providers.services.replays import Replayed
from smsapp.common import listing
from smsapp.common.readable import number, person_time

RIGHT = "providers.change_webhookevent"


@require_GET
@permission_required("providers.view_webhookevent", raise_exception=True)
def listed(request: HttpRequest) -> HttpResponse:
    """Newest first."""
    filters = EventFilters(request.GET)
    found = filters.events().select_related("provider").order_by()
    page = listing.paginate(found, request, order=("-id",), label=lambda event: person_time(event.received_at))
    context = {"page": page, "rows": events.shown(list(page)), "filters": filters, "may_replay": request.user.has_perm(RIGHT)}
    context |= {"any_at_all": bool(page) or WebhookEvent.objects.exists(), "most": replays.MOST, "searched": events.SEARCHED}
    return render(request, "providers/events.html", context)


@require_GET
@permission_required("providers.view_webhookevent", raise_exception=True)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One raw request, its secrets masked."""
    event = get_object_or_404(WebhookEvent.objects.select_related("provider"), pk=pk)
    context = {"event": event, "shown": events.shown([event])[0], "fields": events.fields_of(event), "may_replay": request.user.has_perm(RIGHT)}
    return render(request, "providers/event.html", context)


@require_POST
@permission_required(RIGHT, raise_exception=True)
def replay(request: HttpRequest) -> HttpResponse:
    """Apply those ticked, or all that match, once more."""
    ids = _asked(request.POST)
    if not ids:
        messages.error(request, _("No event is ticked that could be applied again. Tick at least one."))
    else:
        _tell(request, replays.replay(ids, request.user))
    return redirect(_back(request))


def _asked(posted: Mapping[str, Any]) -> list[int]:
    if posted.get("all") == "1":
        found = EventFilters(posted).events().filter(state__in=events.OPEN_TO_REPLAY)
        return list(found.order_by("-id").values_list("id", flat=True)[: replays.MOST])
    return [int(value) for value in posted.getlist("event") if value.isascii() and value.isdigit() and len(value) < 19]  # type: ignore[attr-defined]


def _tell(request: HttpRequest, found: Replayed) -> None:
    if n := found.queued:
        words = ngettext("%(n)s report is applied again.", "%(n)s reports are applied again.", n)
        messages.success(request, f"{words % {'n': number(n)}} {_('Reload this page in a moment.')}")
    if n := found.applied:
        messages.success(request, ngettext("%(n)s incoming text was applied.", "%(n)s incoming texts were applied.", n) % {"n": number(n)})
    if n := found.failed:
        words = ngettext("%(n)s incoming text still makes no sense.", "%(n)s incoming texts still make no sense.", n)
        messages.warning(request, words % {"n": number(n)})
    if found == Replayed():
        messages.warning(request, _("They were applied meanwhile: nothing is left to do."))


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/"):
        return wanted
    pairs = EventFilters(request.POST).pairs
    return reverse("providers:events") + (f"?{urlencode(pairs)}" if pairs else "")
