"""Gateways call in crowds: their posts go straight to the view, past sessions, languages and whatever else belongs to pages."""

from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotFound
from django.urls import Resolver404, resolve

PREFIX = "/hooks"


class HooksMiddleware:
    """Answers what is under /hooks/; everything else goes on as ever."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(f"{PREFIX}/"):
            return self.get_response(request)
        try:
            match = resolve(request.path_info[len(PREFIX) :], "providers.hooks")
            response = _on_a_living_connection(lambda: match.func(request, *match.args, **match.kwargs))
        except (Resolver404, Http404):
            response = HttpResponseNotFound("nobody calls here", content_type="text/plain")
        response.headers["Content-Security-Policy"] = "default-src 'self'"
        response.headers["Content-Length"] = str(len(response.content))  # in one piece, on a connection that is kept
        return response


def _on_a_living_connection(view: Callable[[], HttpResponse]) -> HttpResponse:
    """Without the question whether the connection lives, which costs as much as the report itself: a dead one shows, and all is done again on a
    new one. What was stored already is stored once."""
    if connection.in_atomic_block:
        return view()
    connection.health_check_done = True  # type: ignore[attr-defined]  # Django's own flag of this request
    try:
        return view()
    except (OperationalError, InterfaceError):
        connection.close()
        return view()
