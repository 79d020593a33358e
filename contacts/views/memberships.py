"""Into groups and out of them: one contact from its page, many from a list."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from contacts import selection
from contacts.models import Group
from contacts.services import groups
from contacts.views.contact_page import get_contact
from contacts.views.done import say, warn
from contacts.views.go_back import go_back


@require_POST
@permission_required("contacts.change_group", raise_exception=True)
def join(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Add one contact to the posted group."""
    contact = get_contact(request, contact_id)
    group = _posted_group(request)
    if group:
        groups.add_members(group, [contact.pk], author=request.user)
        say(request, _("%(name)s is in %(group)s.") % {"name": contact.name, "group": group.name})
    return go_back(request, "contacts:contact_groups", contact.pk)


@require_POST
@permission_required("contacts.change_group", raise_exception=True)
def leave(request: HttpRequest, contact_id: int, group_id: int) -> HttpResponse:
    """Take one contact out of a group."""
    contact = get_contact(request, contact_id)
    group = get_object_or_404(Group, pk=group_id)
    groups.remove_members(group, [contact.pk], author=request.user)
    say(request, _("%(name)s is no longer in %(group)s.") % {"name": contact.name, "group": group.name})
    return go_back(request, "contacts:contact_groups", contact.pk)


@require_POST
@permission_required("contacts.change_group", raise_exception=True)
def add_chosen(request: HttpRequest) -> HttpResponse:
    """Ask which group the chosen people join, then add them."""
    chosen = selection.chosen(request.POST, request.user)
    if group := _posted_group(request):
        joined = groups.add_members(group, chosen, author=request.user)
        words = ngettext("%(n)s contact joined %(group)s.", "%(n)s contacts joined %(group)s.", joined)
        say(request, words % {"n": joined, "group": group.name})
        return redirect("contacts:group", group.pk)
    return _ask(request, chosen, Group.objects.filter(archived=False), adding=True)


@require_POST
@permission_required("contacts.change_group", raise_exception=True)
def remove_chosen(request: HttpRequest) -> HttpResponse:
    """Ask which group the chosen people leave, then remove them."""
    chosen = selection.chosen(request.POST, request.user)
    if group := _posted_group(request):
        gone = groups.remove_members(group, chosen, author=request.user)
        words = ngettext("%(n)s contact left %(group)s.", "%(n)s contacts left %(group)s.", gone)
        say(request, words % {"n": gone, "group": group.name})
        return redirect("contacts:group", group.pk)
    return _ask(request, chosen, Group.objects.filter(memberships__contact__in=chosen).distinct(), adding=False)


def _ask(request: HttpRequest, chosen: Any, among: Any, *, adding: bool) -> HttpResponse:
    count = chosen.count()
    if not count:
        warn(request, _("Nobody is chosen. Tick some contacts first."))
        return redirect("contacts:list")
    context = {"count": count, "groups": among.order_by("name"), "pairs": selection.fields(request.POST), "adding": adding}
    return render(request, "contacts/choose_group.html", context)


def _posted_group(request: HttpRequest) -> Group | None:
    text = request.POST.get("to", "")
    return get_object_or_404(Group, pk=int(text)) if text.isascii() and text.isdigit() and len(text) < 19 else None
