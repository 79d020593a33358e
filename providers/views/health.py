"""The state of each gateway, and the lever of its lane."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from providers import slots
from providers.health import cards
from providers.models import Provider
from providers.services import providers
from smsapp.common.sentences import say as _


@permission_required("providers.view_provider", raise_exception=True)
@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """All providers with the state of their lanes."""
    links = [link for link in slots.page_links if request.user.has_perm(link.permission)]
    context = {"cards": cards(timezone.now()), "public_address": settings.PUBLIC_BASE_URL, "links": links}
    return render(request, "providers/health.html", context)


@permission_required("providers.change_provider", raise_exception=True)
@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a lane; texts wait."""
    provider = get_object_or_404(Provider, pk=pk)
    reason = _("Paused by %(person)s.") % {"person": getattr(request.user, "get_full_name", str)() or request.user.get_username()}
    if providers.pause_lane(pk, reason, by=request.user):
        messages.success(request, _("%(provider)s is paused. Its texts wait.") % {"provider": provider})
    return redirect("providers:health")


@permission_required("providers.change_provider", raise_exception=True)
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a lane run again."""
    provider = get_object_or_404(Provider, pk=pk)
    if providers.resume_lane(pk, by=request.user):
        messages.success(request, _("%(provider)s is running again.") % {"provider": provider})
    return redirect("providers:health")
