"""Home, search, health and error pages: they ask the apps and compute nothing."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from smsapp import health, welcome
from smsapp.common.slots import home_cards, search_sources
from smsapp.watch import metrics as figures

SEARCH_LENGTH = 100


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits for this person, in cards that the apps fill, and what to do next."""
    cards = [card for make in home_cards if (card := make(request))]
    context = {
        "main": [card for card in cards if not card.get("side")],
        "side": [card for card in cards if card.get("side")],
        "welcome": welcome.for_person(request),
    }
    return render(request, "home.html", context)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Everything that the apps find for one text."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:SEARCH_LENGTH]
    parts: list[dict[str, Any]] = []
    for source in search_sources if text else ():
        if hits := source(request, text):
            parts.append({"title": getattr(source, "title", ""), "hits": hits})
    return render(request, "search.html", {"search_text": text, "parts": parts})


@require_safe
def own_settings(request: HttpRequest) -> HttpResponse:
    """The profile, where one's e-mail address is changed."""
    return redirect("profile:edit")


@login_not_required
@require_GET
@never_cache
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_GET
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, migrations and broker, each in words; 503 when one of them is missing."""
    found = health.recent.get()
    return JsonResponse(found.as_dict(), status=200 if found.ready else 503)


@login_not_required
@require_GET
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for a monitor: to this machine itself, or to whoever has the token."""
    if not figures.may_read(request):
        return HttpResponse("Send METRICS_TOKEN as a bearer token; without one, only this machine itself may ask.\n", status=403, content_type="text/plain")
    return HttpResponse(figures.text(), content_type=figures.CONTENT_TYPE)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: what is missing and who can give it."""
    return render(request, "403.html", {"reason": str(exception or "")}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: what may have happened and the ways on."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: stands alone, without database, session or context processors."""
    return HttpResponse(render_to_string("500.html"), status=500)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that came back without its mark: cookies off, or the page was open for too long."""
    return render(request, "403_csrf.html", status=403)
