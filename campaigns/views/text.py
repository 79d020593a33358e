"""What a text that is being written asks for: its figures and preview at every pause, and templates to choose from."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from campaigns.composing import offers, posted
from campaigns.composing.component import Composer
from campaigns.composing.showing import Place
from campaigns.composing.written import Written


@require_POST
@login_required
def count(request: HttpRequest) -> HttpResponse:
    """Counter, preview and cost of what a composer's form holds: the server's figures are the truth."""
    written = Written.read(request.POST)
    composer = Composer(request.user, posted.read(request, written), written, place=Place.read(request.POST))
    return render(request, "campaigns/_composed.html", {"composer": composer})


@require_POST
@login_required
def cost(request: HttpRequest) -> HttpResponse:
    """What all texts cost, where it takes a while to count them."""
    written = Written.read(request.POST)
    found = posted.read(request, written)
    found.total(wait=True)
    return render(request, "campaigns/_composer_cost.html", {"composer": Composer(request.user, found, written)})


@require_GET
@login_required
def template_choices(request: HttpRequest) -> HttpResponse:
    """Templates by name, for the picker."""
    if not posted.may_write(request.user):
        raise PermissionDenied
    q = request.GET.get("q_template", "")
    return render(request, "campaigns/_template_choices.html", {"found": offers.templates(q), "q": q.strip(), "most": offers.MOST_TEMPLATES})
