"""Everybody logs in first; language and time zone of the person; no copies of what they saw."""

import zoneinfo
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import middleware
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme

from smsapp.common.models import Organisation


class LoginRequiredMiddleware(middleware.LoginRequiredMiddleware):
    """Django's; a fragment that asks without a session sends the whole page to the login, not the login into a corner of the page."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponse:  # type: ignore[override]
        """The way to the login."""
        response = super().handle_no_permission(request, view_func)
        if request.headers.get("HX-Request") != "true":
            return response
        page = request.headers.get("HX-Current-URL", "")
        own = url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()}, require_https=request.is_secure())
        where = urlsplit(page).path if own else "/"
        return HttpResponse(status=204, headers={"HX-Redirect": f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': where})}"})


class PreferencesMiddleware:
    """Activates the person's language (else the cookie's, else the browser's) and time zone (else the organisation's)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = getattr(request.user, "language", "") or translation.get_language_from_request(request)
        with translation.override(language), timezone.override(_zone_of(request)):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class PrivateMiddleware:
    """What somebody signed in was shown stays in no cache and behind no Back button of the next person; static files are not asked here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        private = request.user.is_authenticated  # before somebody logs out
        response = self.get_response(request)
        if private:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _zone_of(request: HttpRequest) -> zoneinfo.ZoneInfo:
    """A name that this machine does not know costs nobody a page."""
    name = getattr(request.user, "time_zone", "")
    if not name and request.user.is_authenticated:
        name = Organisation.objects.values_list("time_zone", flat=True).first()
    try:
        return zoneinfo.ZoneInfo(name or settings.TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")
