"""A person's own settings: profile, theme, language."""

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from smsapp.accounts import addresses
from smsapp.accounts.forms import ProfileForm
from smsapp.accounts.models import User
from smsapp.roles import LABELS

YEAR = 365 * 24 * 3600


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    """Profile and security."""
    user = cast(User, request.user)
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            saved = form.save()
            addresses.forget_former(saved)
        with translation.override(saved.language or translation.get_language_from_request(request)):
            messages.success(request, _("Your settings are saved"))
        return redirect("profile:edit")
    roles = [LABELS.get(name, name) for name in user.groups.order_by("name").values_list("name", flat=True)]
    return render(request, "profile/edit.html", {"form": form, "roles": roles}, status=422 if form.is_bound else 200)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the device."""
    choice = request.POST.get("theme", "")
    if choice not in User.Theme.values:
        return HttpResponseBadRequest(_("Choose auto, light or dark."))
    User.objects.filter(pk=request.user.pk).update(theme=choice)
    return HttpResponse(status=204) if request.headers.get("X-Requested-With") == "fetch" else redirect(_way_back(request))


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """The person's language; before logging in it is kept in a cookie."""
    code = request.POST.get("language", "")
    if code not in dict(settings.LANGUAGES):
        return HttpResponseBadRequest(_("Choose en or fr."))
    if request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(language=code)
    response = redirect(_way_back(request))
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, code, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, httponly=True)
    return response


def _way_back(request: HttpRequest) -> str:
    """Where the person was: only an address of ours."""
    target = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return target if own else reverse("home")
