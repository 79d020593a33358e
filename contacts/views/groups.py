"""The list of groups, and a group's page with its members."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_safe

from contacts import group_sizes, looks, slots
from contacts.filters import Filters
from contacts.models import Group
from contacts.models.folding import named
from contacts.selection import visible_to
from contacts.services import many
from contacts.smart import due, rules
from contacts.smart.nesting import Nesting
from contacts.smart.patience import TookTooLong
from contacts.smart.problems import RulesProblem
from contacts.views.contact_list import nothing_in_time, table
from smsapp.common import listing


class GroupList(PermissionRequiredMixin, View):
    """Groups with their size, archived ones apart."""

    permission_required = "contacts.view_group"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        """A page of groups; sizes of this page's groups only."""
        archived = request.GET.get("archived") == "1"
        q = request.GET.get("q", "").replace("\0", "").strip()[:100]
        found = named(Group.objects.filter(archived=archived), q)
        page = listing.paginate(found, request, order=("name", "id"), label=lambda group: group.name)
        sizes = group_sizes.of([group.pk for group in page])
        for group in page:
            group.size, group.look = sizes.get(group.pk), looks.of_group(group)
        context = {"page": page, "archived": archived, "q": q, "any_archived": archived or Group.objects.filter(archived=True).exists()}
        return render(request, "contacts/groups.html", context)


@require_safe
@permission_required("contacts.view_group", raise_exception=True)
def members(request: HttpRequest, group_id: int) -> HttpResponse:
    """Who is in the group; of a smart one also its rules, its state and how each came in."""
    group = get_object_or_404(Group, pk=group_id)
    if group.is_smart:
        due.look(group)
    asked = Filters.read(request.GET)
    filters = Filters(q=asked.q, groups=(group.pk,), senseless=asked.senseless)
    try:
        context = table(request, visible_to(request.user), filters, with_groups=False)
    except TookTooLong:
        context = nothing_in_time(filters)
    context |= {"group": group, "group_actions": _actions(request, group), "readers": Nesting().readers_of(group.pk), **state_of(group)}
    context["empty"], context["narrowed"] = not context["page"], bool(filters.q or filters.senseless)
    if group.is_smart:
        context |= _rules(group) | {"taken_out": group.removals.filter(contact__in=visible_to(request.user)).exists()}
        _tell_how_they_came(group, context["page"])
    return render(request, "contacts/group.html", context)


@require_safe
@permission_required("contacts.view_group", raise_exception=True)
def state(request: HttpRequest, group_id: int) -> HttpResponse:
    """How far a refresh, or a change of many members, is."""
    group = get_object_or_404(Group, pk=group_id)
    context = {"group": group, "again": True, "empty": request.GET.get("empty") == "1", **state_of(group)}
    answer = render(request, "contacts/_group_state.html", context)
    if context["empty"] and not context["moving"]:
        answer["HX-Refresh"] = "true"  # nobody was shown so far: nothing is lost
    return answer


def state_of(group: Group) -> dict[str, Any]:
    """What `contacts/_group_state.html` wants."""
    change = many.latest(group)
    under_way = group.is_smart and group.state in (Group.State.WAITING, Group.State.REFRESHING)
    return {"change": change, "moving": under_way or bool(change and change.is_open), "look": looks.of_group(group)}


def _rules(group: Group) -> dict[str, Any]:
    try:
        return {"outline": rules.parse(group.rules).outline()}
    except RulesProblem as problem:
        return {"rules_problem": str(problem)}


def _tell_how_they_came(group: Group, page: listing.Page) -> None:
    by_hand = set(group.memberships.filter(contact__in=[contact.pk for contact in page], by_hand=True).values_list("contact_id", flat=True))
    for contact in page:
        contact.came = _("by hand") if contact.pk in by_hand else _("by the rules")


def _actions(request: HttpRequest, group: Group) -> list[dict[str, Any]]:
    return [
        {"label": action.label, "icon": action.icon, "url": action.url(group), "why_not": action.disabled_reason(request)}
        for action in slots.group_actions
        if request.user.has_perm(action.permission)
    ]
