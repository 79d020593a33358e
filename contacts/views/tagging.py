"""One tag given to the people chosen in a list, or taken from them; where they are many, a page tells how far a worker is."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from contacts import selection
from contacts.forms.tags import TagForm
from contacts.models import PeopleChange
from contacts.services import many, tags
from contacts.services.errors import ContactsError
from contacts.tags import MOST
from contacts.views.done import say, warn
from contacts.views.go_back import list_behind
from smsapp.common.bidi import isolated


@require_POST
@permission_required("contacts.change_contact", raise_exception=True)
def tag_chosen(request: HttpRequest) -> HttpResponse:
    """Ask for the tag, then give it to the chosen people or take it from them."""
    chosen = selection.chosen(request.POST, request.user)
    form = TagForm(request.POST if "do" in request.POST else None)
    try:
        count = tags.check_size(chosen)
        if count > tags.AT_ONCE and form.is_valid():
            return _by_a_worker(request, form.cleaned_data["word"])
        if count and form.is_valid():
            return (_take if request.POST["do"] == "remove" else _give)(request, chosen, form.cleaned_data["word"])
    except ContactsError as problem:
        warn(request, problem.message)
        return redirect("contacts:list")
    if not count:
        warn(request, _("Nobody is chosen. Tick some contacts first."))
        return redirect("contacts:list")
    context = {"form": form, "count": count, "pairs": selection.fields(request.POST), "known_tags": tags.suggestions()}
    context |= {"many": count > tags.AT_ONCE, "back": list_behind(request)}
    return render(request, "contacts/choose_tag.html", context)


def _by_a_worker(request: HttpRequest, tag: str) -> HttpResponse:
    adding = request.POST["do"] != "remove"
    tag = tags.one(tag) if adding else "".join(tags.cleaned([tag]))
    change = many.start(selection.fields(request.POST), author=request.user, adding=adding, tag=tag)
    return redirect("contacts:people_change", change.pk)


def _give(request: HttpRequest, chosen: Any, tag: str) -> HttpResponse:
    tag = tags.one(tag)
    given, full = tags.add(chosen, tag, author=request.user)
    say(request, ngettext("%(n)s contact got the tag %(tag)s.", "%(n)s contacts got the tag %(tag)s.", given) % {"n": given, "tag": isolated(tag)})
    if full:
        sentence = ngettext("%(n)s contact has %(most)s tags already and got no other.", "%(n)s contacts have %(most)s tags already and got no other.", full)
        warn(request, sentence % {"n": full, "most": MOST})
    return redirect(list_of(tag))


def _take(request: HttpRequest, chosen: Any, tag: str) -> HttpResponse:
    lost = tags.remove(chosen, tag, author=request.user)
    say(request, ngettext("%(n)s contact lost the tag %(tag)s.", "%(n)s contacts lost the tag %(tag)s.", lost) % {"n": lost, "tag": isolated(tag)})
    return redirect("contacts:list")


def list_of(tag: str) -> str:
    """Address of everybody who has the tag."""
    query = QueryDict(mutable=True)
    query["tag"] = tag
    return f"{reverse('contacts:list')}?{query.urlencode()}"


@require_safe
@permission_required("contacts.change_contact", raise_exception=True)
def people_change(request: HttpRequest, change_id: int) -> HttpResponse:
    """How a worker gets on with a tag; the part that refreshes itself, or the page around it."""
    change = get_object_or_404(PeopleChange.objects.exclude(tag=""), pk=change_id)
    template = "contacts/_people_change.html" if request.htmx else "contacts/people_change.html"  # type: ignore[attr-defined]
    return render(request, template, {"change": change, "most": MOST, "everybody": list_of(change.tag)})
