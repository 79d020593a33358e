"""Into groups and out of them: one contact from its page, many from a list."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from contacts import selection
from contacts.models import Group, Membership
from contacts.services import groups, many
from contacts.services.errors import ContactsError
from contacts.smart import counting
from contacts.views.contact_page import get_contact
from contacts.views.done import say, warn
from contacts.views.go_back import go_back, list_behind
from smsapp.common.bidi import isolated


@require_POST
@permission_required("contacts.change_group", raise_exception=True)
def join(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Add one contact to the posted group."""
    contact = get_contact(request, contact_id)
    group = _posted_group(request)
    if group:
        groups.add_members(group, [contact.pk], author=request.user)
        say(request, _("%(name)s is in %(group)s.") % {"name": contact.name, "group": isolated(group.name)})
    return go_back(request, "contacts:contact_groups", contact.pk)


@require_POST
@permission_required("contacts.change_group", raise_exception=True)
def leave(request: HttpRequest, contact_id: int, group_id: int) -> HttpResponse:
    """Take one contact out of a group."""
    contact = get_contact(request, contact_id)
    group = get_object_or_404(Group, pk=group_id)
    groups.remove_members(group, [contact.pk], author=request.user)
    say(request, _("%(name)s is no longer in %(group)s.") % {"name": contact.name, "group": isolated(group.name)} + _stay_out(group))
    return go_back(request, "contacts:contact_groups", contact.pk)


@require_POST
@permission_required("contacts.change_group", raise_exception=True)
def add_chosen(request: HttpRequest) -> HttpResponse:
    """Ask which group the chosen people join, then add them."""
    try:
        group = _posted_group(request) or _new_group(request)
    except ContactsError as problem:
        return _ask(request, _fillable(), adding=True, problem=problem.message)
    if group and group.is_smart:
        warn(request, _("%(group)s is a smart group: its rules find its members. Choose a static group, or make a new one.") % {"group": isolated(group.name)})
    elif group:
        return _move(request, group, adding=True)
    return _ask(request, _fillable(), adding=True)


def _fillable() -> QuerySet[Group]:
    """Groups that people fill: a smart one finds its members, and takes single ones by hand from a contact's page."""
    return Group.objects.filter(archived=False, kind=Group.Kind.STATIC)


@require_POST
@permission_required("contacts.change_group", raise_exception=True)
def remove_chosen(request: HttpRequest) -> HttpResponse:
    """Ask which group the chosen people leave, then remove them."""
    if group := _posted_group(request):
        return _move(request, group, adding=False)
    chosen = selection.chosen(request.POST, request.user)
    theirs = Membership.objects.filter(group=OuterRef("pk"), contact__in=chosen)
    return _ask(request, Group.objects.filter(Exists(theirs)), adding=False)


def _move(request: HttpRequest, group: Group, *, adding: bool) -> HttpResponse:
    """At once, or by a worker where they are many."""
    chosen = selection.chosen(request.POST, request.user)
    if request.POST.get("all") == "1" and many.are_many(counting.count(chosen)):
        many.start(selection.fields(request.POST), author=request.user, adding=adding, group=group)
        say(request, _("They are many: a worker moves them now. This page tells how far it is."))
        return redirect("contacts:group", group.pk)
    moved = (groups.add_members if adding else groups.remove_members)(group, chosen, author=request.user)
    joined = ngettext("%(n)s contact joined %(group)s.", "%(n)s contacts joined %(group)s.", moved)
    left = ngettext("%(n)s contact left %(group)s.", "%(n)s contacts left %(group)s.", moved)
    say(request, (joined if adding else left) % {"n": moved, "group": isolated(group.name)} + ("" if adding else _stay_out(group)))
    return redirect("contacts:group", group.pk)


def _stay_out(group: Group) -> str:
    return " " + _("Whoever is taken out of a smart group by hand stays out.") if group.is_smart else ""


def _ask(request: HttpRequest, among: Any, *, adding: bool, problem: Any = "") -> HttpResponse:
    counted = counting.count(selection.chosen(request.POST, request.user))
    if counted.n == 0:
        warn(request, _("Nobody is chosen. Tick some contacts first."))
        return redirect("contacts:list")
    context = {"counted": counted, "groups": among.order_by("name"), "pairs": selection.fields(request.POST), "adding": adding}
    context |= {"back": list_behind(request), "problem": problem, "name": request.POST.get("name", "")[:100]}
    return render(request, "contacts/choose_group.html", context)


def _posted_group(request: HttpRequest) -> Group | None:
    text = request.POST.get("to", "")
    return get_object_or_404(Group, pk=int(text)) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _new_group(request: HttpRequest) -> Group | None:
    """The static group that the form names, made now. Raises ContactsError."""
    if request.POST.get("to") != "new" or not request.user.has_perm("contacts.add_group"):
        return None
    name = request.POST.get("name", "").replace("\0", "").strip()[:100]
    if not name:
        raise ContactsError("no_name", _("Give the new group a name."), "name")
    return groups.save_group(None, name=name)
