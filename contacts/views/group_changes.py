"""Create, rename, archive and delete groups."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from contacts.forms.group import GroupForm
from contacts.models import Group
from contacts.services import groups
from contacts.services.errors import ContactsError
from contacts.views.done import say, warn


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.add_group", raise_exception=True)
def create(request: HttpRequest) -> HttpResponse:
    """A new group."""
    return _form_page(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.change_group", raise_exception=True)
def edit(request: HttpRequest, group_id: int) -> HttpResponse:
    """Another name or description."""
    return _form_page(request, get_object_or_404(Group, pk=group_id))


def _form_page(request: HttpRequest, group: Group | None) -> HttpResponse:
    form = GroupForm(request.POST or None, initial={"name": group.name, "description": group.description} if group else None)
    if form.is_valid():
        try:
            saved = groups.save_group(Group.objects.get(pk=group.pk) if group else None, **form.cleaned_data)
        except ContactsError as problem:
            form.add_error(problem.field, str(problem.message))
        else:
            say(request, _("%(name)s is saved.") % {"name": saved.name})
            return redirect("contacts:group", saved.pk)
    return render(request, "contacts/group_form.html", {"form": form, "group": group})


@require_POST
@permission_required("contacts.change_group", raise_exception=True)
def archive(request: HttpRequest, group_id: int) -> HttpResponse:
    """Hide the group from choices, or bring it back."""
    group = get_object_or_404(Group, pk=group_id)
    groups.archive(group, archived=request.POST.get("archived") != "0")
    words = _("%(name)s is archived. Its members stay.") if group.archived else _("%(name)s can be chosen again.")
    say(request, words % {"name": group.name})
    return redirect("contacts:group", group.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.delete_group", raise_exception=True)
def delete(request: HttpRequest, group_id: int) -> HttpResponse:
    """Say what happens, then delete for good."""
    group = get_object_or_404(Group, pk=group_id)
    if request.method != "POST":
        return render(request, "contacts/group_delete.html", {"group": group, "size": group.memberships.count()})
    try:
        groups.delete(group)
    except ContactsError as problem:
        warn(request, problem.message)
        return redirect("contacts:group", group.pk)
    say(request, _("%(name)s is deleted. Its members are still contacts.") % {"name": group.name})
    return redirect("contacts:groups")
