"""The pages of the inbox: the list, a thread beside it, and its answer. Both look for news by themselves: nothing new costs no page."""

import uuid
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.composing import acts as composing
from campaigns.composing.acts import Acted
from campaigns.composing.component import Composer
from campaigns.composing.readers import OfThread, limit_for
from campaigns.composing.written import Written
from campaigns.forms.inbox import NoteForm, ReplyForm
from campaigns.forms.keys import renew_key
from campaigns.inbox import about, acts, answering, lists, opened, threads
from campaigns.inbox.answering import Way
from campaigns.models import Conversation
from campaigns.services.errors import CampaignError
from campaigns.texts import Texts

SEEN = "X-Seen"  # header: the stamp of what a page shows
MOST_PEOPLE = 200  # to choose from when a thread is given to somebody
PARTS = ("text", "template", "template_seen", "key")  # fields that a template may change; never from whom the answer comes


@require_safe
@permission_required(lists.RIGHT, raise_exception=True)
def inbox(request: HttpRequest) -> HttpResponse:
    """The list alone."""
    return page(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(lists.RIGHT, raise_exception=True)
def thread(request: HttpRequest, pk: int) -> HttpResponse:
    """A thread beside the list; what is posted is its answer."""
    found = get_thread(pk)
    if request.method != "POST":
        return page(request, found)
    if not request.user.has_perm(acts.REPLY_RIGHT):
        raise PermissionDenied
    return _answer(request, found)


def get_thread(pk: int) -> Conversation:
    """With what its page shows, else 404."""
    return get_object_or_404(Conversation.objects.select_related("contact", "assigned_to"), pk=pk)


def page(request: HttpRequest, found: Conversation | None, **context: Any) -> HttpResponse:
    """The whole page, or 204 to a page that shows all of it already."""
    filters = lists.Filters.read(request.GET)
    listed, shown = lists.listed(request, filters), opened.open_(found, request.GET) if found else None
    stamp = lists.digest(listed.stamp, shown.stamp if shown else "")
    if request.method == "GET" and request.headers.get(SEEN) == stamp:
        return HttpResponse(status=204)
    context |= {"filters": filters, "listed": listed, "shown": shown, "thread": found, "stamp": stamp, "may_act": request.user.has_perm(acts.RIGHT)}
    context["live_url"] = _live_url(request, listed, shown)
    if found:
        people = acts.assignable()[:MOST_PEOPLE] if context["may_act"] else []
        blocked = bool(shown and (shown.refusal[0] or shown.to_decide))
        context |= {"about": about.about(found, blocked=blocked), "note": context.get("note", NoteForm()), "people": people}
        context |= _reply_parts(request, found, context)
    return render(request, "inbox/inbox.html", context)


def _live_url(request: HttpRequest, listed: lists.Listed, shown: opened.Opened | None) -> str:
    """Where the page asks for news; pages further back ask for none."""
    if not listed.is_first or "before" in request.GET:
        return ""
    if shown is None:
        return reverse("inbox:list") + listed.filters.address
    base = address(request, shown.thread)
    return f"{base}{'&' if '?' in base else '?'}lines={shown.asked}" if shown.asked > threads.PAGE else base


def _reply_parts(request: HttpRequest, found: Conversation, context: dict[str, Any]) -> dict[str, Any]:
    """The box below the lines, for those who may answer where an answer can go."""
    way = answering.way(found)
    if not request.user.has_perm(acts.REPLY_RIGHT) or context["shown"].refusal[0] or way.provider is None:
        return {"way": way}
    form = context.get("form") or ReplyForm(initial={"key": uuid.uuid4(), "origin": way.origin})
    readers = OfThread.of(found, request.user, Written.of(form))
    return {"form": form, "way": way, "composer": Composer.on(request, form, readers, context.get("acted"))}


def address(request: HttpRequest, found: Conversation) -> str:
    """The thread's page with the list beside it as it was."""
    return reverse("inbox:thread", args=[found.pk]) + lists.Filters.read(request.GET).address


# --- the answer ---


def _answer(request: HttpRequest, found: Conversation) -> HttpResponse:
    if (acted := composing.act(request, PARTS)) is not None:
        _in_their_language(acted, found)
        return page(request, found, form=ReplyForm(initial=acted.initial), acted=acted)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return page(request, found, form=form)
    if "quiet" not in request.POST and (asleep := answering.asleep(found)):
        return page(request, found, form=form, asleep=asleep)
    return _send(request, found, form, Way("", *form.cleaned_data["origin"]))


def _in_their_language(acted: Acted, found: Conversation) -> None:
    """Of a template in several languages, what this person reads."""
    texts = Written.read(acted.data).texts
    if acted.data.get("do", "").startswith("template"):
        acted.data["text"] = texts.said_to(found.person.language if found.person else "")


def _send(request: HttpRequest, found: Conversation, form: ReplyForm, way: Way) -> HttpResponse:
    data = form.cleaned_data
    assert way.provider is not None  # the form has checked it
    try:
        acts.reply(
            found, by=request.user, provider=way.provider, sender=way.sender, text=Texts(data["text"]).text, key=str(data["key"]), template=data["template"],
            most_segments=limit_for(request.user, way.provider),
        )  # fmt: skip
    except CampaignError as error:
        if error.code == "already_sent":
            renew_key(form)
        form.add_error("text", error.message)
        return page(request, get_thread(found.pk), form=form)
    return redirect(address(request, found))
