"""The list of groups, and a group's page with its members."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views import View
from django.views.decorators.http import require_safe

from contacts import eligibility, group_sizes, looks, slots
from contacts.filters import Filters
from contacts.models import Group
from contacts.selection import visible_to
from contacts.views.contact_list import allowed, count_capped
from smsapp.common import listing


class GroupList(PermissionRequiredMixin, View):
    """Groups with their size, archived ones apart."""

    permission_required = "contacts.view_group"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        """A page of groups; sizes of this page's groups only."""
        archived = request.GET.get("archived") == "1"
        q = request.GET.get("q", "").replace("\0", "").strip()[:100]
        found = Group.objects.filter(archived=archived, name__icontains=q)
        page = listing.paginate(found, request, order=("name", "id"), label=lambda group: group.name)
        sizes = group_sizes.of([group.pk for group in page])
        for group in page:
            group.size = sizes.get(group.pk)
        context = {"page": page, "archived": archived, "q": q, "any_archived": archived or Group.objects.filter(archived=True).exists()}
        return render(request, "contacts/groups.html", context)


@require_safe
@permission_required("contacts.view_group", raise_exception=True)
def members(request: HttpRequest, group_id: int) -> HttpResponse:
    """Who is in the group."""
    group = get_object_or_404(Group, pk=group_id)
    filters = Filters(q=Filters.read(request.GET).q, groups=(group.pk,))
    matching = filters.apply(visible_to(request.user))
    rows = eligibility.judge(matching, marketing=True)
    page = listing.paginate(rows, request, order=("sort_name", "id"), label=lambda contact: contact.last_name or contact.name)
    for contact in page:
        contact.look = looks.of_reason(contact.reason)
    context: dict[str, Any] = {"group": group, "page": page, "filters": filters, "pairs": filters.pairs(), "count": count_capped(matching)}
    context |= {"actions": allowed(request), "group_actions": _actions(request, group)}
    return render(request, "contacts/group.html", context)


def _actions(request: HttpRequest, group: Group) -> list[dict[str, Any]]:
    return [
        {"label": action.label, "icon": action.icon, "url": action.url(group), "why_not": action.disabled_reason(request)}
        for action in slots.group_actions
        if request.user.has_perm(action.permission)
    ]
