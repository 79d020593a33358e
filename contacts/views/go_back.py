"""Back to where a small form stood."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme


def go_back(request: HttpRequest, otherwise: str, *args: Any) -> HttpResponse:
    """To the posted `next` when it is one of our pages, else to the named one."""
    to = request.POST.get("next", "")
    safe = to.startswith("/") and url_has_allowed_host_and_scheme(to, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return redirect(to) if safe else redirect(otherwise, *args)
