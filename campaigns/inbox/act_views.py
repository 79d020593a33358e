"""Buttons of a thread, all of them posts. A script is told that something changed, and the page looks for news; without one the thread is shown again."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from campaigns.forms.inbox import NoteForm
from campaigns.inbox import acts
from campaigns.inbox.views import address, get_thread, page
from campaigns.models import Conversation, InboundMessage
from campaigns.services.errors import CampaignError
from campaigns.wizard.picker import id_in

CHANGED = "inbox-changed"
View = Callable[..., HttpResponse]


def _done(request: HttpRequest, thread: Conversation, act: Callable[[], Any]) -> HttpResponse:
    try:
        act()
    except CampaignError as error:
        return _refused(request, thread, str(error.message))
    fresh = redirect(address(request, thread))
    return trigger_client_event(HttpResponse(status=204), CHANGED) if request.htmx else fresh  # type: ignore[attr-defined]


def _refused(request: HttpRequest, thread: Conversation, words: str) -> HttpResponse:
    if not request.htmx:  # type: ignore[attr-defined]
        messages.warning(request, words)
        return redirect(address(request, thread))
    answer = trigger_client_event(HttpResponse(status=204), "console:toast", {"text": words, "tone": "error"})
    return trigger_client_event(answer, CHANGED)


def _acts(view: View) -> View:
    return require_POST(permission_required(acts.RIGHT, raise_exception=True)(view))


@_acts
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """What is shown was seen."""
    thread = get_thread(pk)
    return _done(request, thread, lambda: acts.read(thread, id_in(request.POST.get("upto", "")) or 0))


@_acts
def unread(request: HttpRequest, pk: int) -> HttpResponse:
    """To be looked at again: back to the list, for the open thread would be read at once."""
    acts.unread(get_thread(pk))
    return redirect("inbox:list")


@_acts
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """Done."""
    thread = get_thread(pk)
    return _done(request, thread, lambda: acts.finish(thread))


@_acts
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Open again."""
    thread = get_thread(pk)
    return _done(request, thread, lambda: acts.reopen(thread))


@_acts
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """To "me", to somebody by id, or to nobody."""
    thread, to = get_thread(pk), request.POST.get("to", "")
    person = request.user if to == "me" else get_object_or_404(acts.assignable(), pk=id_in(to) or 0) if to else None
    return _done(request, thread, lambda: acts.assign(thread, person))


@_acts
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """A note beside the thread."""
    thread, form = get_thread(pk), NoteForm(request.POST)
    if not form.is_valid():
        return page(request, thread, note=form)
    acts.note(thread, form.cleaned_data["text"], request.user)
    return redirect(address(request, thread))


@_acts
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """What a text means that waits for it."""
    thread = get_thread(pk)
    text = get_object_or_404(InboundMessage, conversation=thread, pk=id_in(request.POST.get("text", "")) or 0)
    return _done(request, thread, lambda: acts.decide(thread, text, stop=request.POST.get("means") == "stop", by=request.user))
