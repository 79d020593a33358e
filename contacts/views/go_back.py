"""Back to where a small form or a selection stood."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from contacts.filters import Filters


def go_back(request: HttpRequest, otherwise: str, *args: Any) -> HttpResponse:
    """To the posted `next` when it is one of our pages, else to the named one."""
    to = request.POST.get("next", "")
    safe = to.startswith("/") and url_has_allowed_host_and_scheme(to, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return redirect(to) if safe else redirect(otherwise, *args)


def list_behind(request: HttpRequest) -> str:
    """Address of the search or list that posted a selection, with its filters."""
    filters = Filters.read(request.POST)
    only_rules = bool(filters.packed) and filters == Filters(packed=filters.packed)
    return f"{reverse('contacts:search' if only_rules else 'contacts:list')}?{urlencode(filters.pairs())}".rstrip("?")
