"""Create, rename, archive and delete groups."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from contacts.forms.group import GroupForm, NewGroupForm
from contacts.models import Group
from contacts.services import groups, smart_groups
from contacts.services.errors import ContactsError
from contacts.views.done import say, warn
from smsapp.common.bidi import isolated


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.add_group", raise_exception=True)
def create(request: HttpRequest) -> HttpResponse:
    """A new group: a static one is made, for a smart one the builder asks for the rules first."""
    form = NewGroupForm(request.POST or None)
    if form.is_valid():
        kind = form.cleaned_data["kind"]
        named = {name: form.cleaned_data[name] for name in ("name", "description")}
        try:
            if kind == Group.Kind.SMART:
                smart_groups.check_name(named["name"])
                return redirect(f"{reverse('contacts:search')}?{urlencode(named)}")
            return _saved(request, groups.save_group(None, **named))
        except ContactsError as problem:
            form.add_error(problem.field, str(problem.message))
    return render(request, "contacts/group_form.html", {"form": form, "kind": form["kind"].value()})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.change_group", raise_exception=True)
def edit(request: HttpRequest, group_id: int) -> HttpResponse:
    """Another name or description."""
    group = get_object_or_404(Group, pk=group_id)
    form = GroupForm(request.POST or None, initial={"name": group.name, "description": group.description})
    if form.is_valid():
        try:
            return _saved(request, groups.save_group(Group.objects.get(pk=group.pk), **form.cleaned_data))
        except ContactsError as problem:
            form.add_error(problem.field, str(problem.message))
    return render(request, "contacts/group_form.html", {"form": form, "group": group})


def _saved(request: HttpRequest, group: Group) -> HttpResponse:
    say(request, _("%(name)s is saved.") % {"name": isolated(group.name)})
    return redirect("contacts:group", group.pk)


@require_POST
@permission_required("contacts.change_group", raise_exception=True)
def archive(request: HttpRequest, group_id: int) -> HttpResponse:
    """Hide the group from choices, or bring it back; rules that ask for it go on doing so."""
    group = get_object_or_404(Group, pk=group_id)
    groups.archive(group, archived=request.POST.get("archived") != "0")
    words = _("%(name)s is archived. Its members stay.") if group.archived else _("%(name)s can be chosen again.")
    say(request, words % {"name": isolated(group.name)})
    if group.archived and (readers := smart_groups.readers(group)):
        warn(request, _("The rules of these smart groups still ask for it: %(groups)s.") % {"groups": readers})
    for use in groups.uses(group) if group.archived else ():
        if use.archived:
            warn(request, use.archived)
    return redirect("contacts:group", group.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.delete_group", raise_exception=True)
def delete(request: HttpRequest, group_id: int) -> HttpResponse:
    """Say what happens, then delete for good."""
    group = get_object_or_404(Group, pk=group_id)
    if request.method != "POST":
        facts = {"size": group.memberships.count(), "why_not": groups.needed(group), "uses": groups.uses(group)}
        return render(request, "contacts/group_delete.html", {"group": group} | facts)
    try:
        groups.delete(group)
    except ContactsError as problem:
        warn(request, problem.message)
        return redirect("contacts:group", group.pk)
    say(request, _("%(name)s is deleted. Its members are still contacts.") % {"name": isolated(group.name)})
    return redirect("contacts:groups")
