"""Pages of a contact that was merged lead on to whom it became."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from contacts.views.contact_page import Merged


def _address(request: HttpRequest, winner: int) -> str:
    """The same page of the winner; a contact is named by the path, else by `contact`."""
    match = request.resolver_match
    if match and "contact_id" in match.kwargs:
        return reverse(match.view_name, kwargs={**match.kwargs, "contact_id": winner})
    asked = request.GET.copy()
    asked["contact"] = str(winner)
    return f"{request.path}?{asked.urlencode()}"


class ForwardMergedMiddleware:
    """Turns `Merged`, which every page about one contact raises, into a redirect to the same page of the winner."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        """What was posted is not done: the person looks at the winner first."""
        if not isinstance(problem, Merged) or request.resolver_match is None:
            return None
        facts = {"name": problem.loser.name, "winner": problem.winner.name}
        if request.method in ("GET", "HEAD"):
            messages.info(request, _("%(name)s was merged into %(winner)s, whose page this is.") % facts)
            return redirect(_address(request, problem.winner.pk))
        messages.warning(request, _("%(name)s was merged into %(winner)s meanwhile. Nothing was changed; do it here if it is still right.") % facts)
        return redirect("contacts:detail", problem.winner.pk)
