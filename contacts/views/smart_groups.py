"""A smart group's own buttons: refresh now, who was taken out by hand, let back in."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.models import Group
from contacts.selection import visible_to
from contacts.services import smart_groups
from contacts.views.done import say
from smsapp.common import listing
from smsapp.common.bidi import isolated


def get_smart_group(group_id: int) -> Group:
    """The smart group, or 404."""
    return get_object_or_404(Group, pk=group_id, kind=Group.Kind.SMART)


@require_POST
@permission_required("contacts.change_group", raise_exception=True)
def refresh(request: HttpRequest, group_id: int) -> HttpResponse:
    """Look for the members now."""
    group = get_smart_group(group_id)
    smart_groups.refresh_now(group)
    return redirect("contacts:group", group.pk)


@require_safe
@permission_required("contacts.view_group", raise_exception=True)
def taken_out(request: HttpRequest, group_id: int) -> HttpResponse:
    """Who was taken out by hand, by whom and when."""
    group = get_smart_group(group_id)
    removals = group.removals.filter(contact__in=visible_to(request.user)).select_related("contact", "author")
    page = listing.paginate(removals, request, order=("-id",), label=lambda removal: removal.contact.list_name)
    return render(request, "contacts/taken_out.html", {"group": group, "page": page})


@require_POST
@permission_required("contacts.change_group", raise_exception=True)
def let_back_in(request: HttpRequest, group_id: int, contact_id: int) -> HttpResponse:
    """One of them may come back."""
    group = get_smart_group(group_id)
    contact = get_object_or_404(visible_to(request.user), pk=contact_id)
    if smart_groups.let_back_in(group, [contact.pk]):
        say(request, _("%(name)s may come back: the rules of %(group)s decide.") % {"name": contact.name, "group": isolated(group.name)})
    return redirect("contacts:group_taken_out", group.pk)
