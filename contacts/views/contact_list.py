"""The list of contacts: search, filters, selection."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views import View

from contacts import eligibility, looks, slots
from contacts.filters import SENSELESS, Filters
from contacts.models import Group, Membership
from contacts.models.contact import ContactQuerySet
from contacts.selection import visible_to
from contacts.smart import finding
from contacts.smart.asking import People
from contacts.smart.patience import TookTooLong, by_index, patience
from smsapp.common import listing
from smsapp.common.bidi import isolated

A_BLINK = timedelta(milliseconds=12)
MOST_COUNTED = 10_000  # beyond, "10,000+" says enough to find one's way


class ContactList(PermissionRequiredMixin, View):
    """A page of contacts with what may be done to the chosen ones."""

    permission_required = "contacts.view_contact"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page that the address asks for."""
        filters = Filters.read(request.GET)
        visible = visible_to(request.user)
        try:
            found = table(request, visible, filters)
        except TookTooLong:
            found = nothing_in_time(filters)
        return render(request, "contacts/list.html", {**found, **filter_parts(filters)})


def table(request: HttpRequest, contacts: ContactQuerySet, filters: Filters, *, with_groups: bool = True) -> dict[str, Any]:
    """Those of the contacts who match, as `contacts/_table.html` and the bulk bar want them. Raises TookTooLong."""
    if filters.look_for_some:
        return people_table(request, filters.people(contacts), filters, with_groups=with_groups)
    matching = filters.apply(contacts)
    with by_index():
        page = rows(request, matching, ("sort_name", "id"), with_groups=with_groups)
        count = _count(matching, page) if filters.pairs() else count_capped(matching)
    return {"page": page, "filters": filters, "pairs": filters.pairs(), "count": count, "actions": allowed(request)}


def nothing_in_time(filters: Filters) -> dict[str, Any]:
    """Instead of a table when the database was stopped."""
    return {"page": [], "filters": filters, "pairs": filters.pairs(), "count": {"n": 0, "more": True}, "too_long": True}


def people_table(request: HttpRequest, people: People, filters: Filters, *, with_groups: bool = True) -> dict[str, Any]:
    """The same of people whom words or rules find. Raises TookTooLong."""
    page = finding.page(people, lambda contacts, order: rows(request, contacts, order, with_groups=with_groups))
    count = _count(people.collected if people.are_few else people.walked, page)
    return {"page": page, "filters": filters, "pairs": filters.pairs(), "count": count, "actions": allowed(request)}


def rows(request: HttpRequest, matching: ContactQuerySet, order: Sequence[str], *, with_groups: bool = True) -> listing.Page:
    """A page of contacts, each with the pill that says whether it can be texted."""
    judged = eligibility.judge(matching, marketing=True)
    page = listing.paginate(judged, request, order=order, label=lambda contact: contact.last_name or contact.name)
    groups = Membership.objects.names_of([contact.pk for contact in page]) if with_groups else {}
    for contact in page:
        contact.look, contact.group_names = looks.of_reason(contact.reason), groups.get(contact.pk, [])
    return page


def _count(matching: ContactQuerySet, page: listing.Page) -> dict[str, Any]:
    """The number over the table: of a single page it is known, else it has a blink of time."""
    if not page.next_url and not page.previous_url:
        return {"n": len(page), "more": False}
    try:
        with by_index(), patience(A_BLINK):
            return count_capped(matching)
    except TookTooLong:
        return {"n": len(page), "more": True}


def count_capped(contacts: ContactQuerySet) -> dict[str, Any]:
    """How many, counted up to a bound: {"n": 2184, "more": False}."""
    n = contacts.order_by()[: MOST_COUNTED + 1].count()
    return {"n": min(n, MOST_COUNTED), "more": n > MOST_COUNTED}


def allowed(request: HttpRequest) -> list[slots.ListAction]:
    """What upper apps offer for a selection to this person."""
    return [action for action in slots.list_actions if request.user.has_perm(action.permission)]


def filter_parts(filters: Filters) -> dict[str, Any]:
    """Groups to choose from, and the chips of those in use with the address that drops each."""
    groups = list(Group.objects.filter(archived=False))
    chips = [
        {"words": _("Group: %(name)s") % {"name": isolated(group.name)}, "url": address(filters, without=("group", str(group.pk)))}
        for group in groups if group.pk in filters.groups
    ]  # fmt: skip
    chips += [{"words": _("Tag: %(name)s") % {"name": isolated(tag)}, "url": address(filters, without=("tag", tag))} for tag in filters.tags]
    chips += [{"words": str(SENSELESS[name]), "url": address(filters, without=("senseless", name))} for name in filters.senseless]
    if filters.packed:
        words = filters.rules_problem or _("Rules: %(rules)s") % {"rules": Truncator(filters.rules().words()).chars(80)}
        chips.append({"words": words, "url": address(filters, without=("rules", filters.packed))})
    unknown = filters.groups and not Group.objects.filter(id__in=filters.groups).exists()
    problem = filters.problem or (SENSELESS["group"] if unknown else "")
    return {"groups": groups, "chips": chips, "problem": problem, "search_query": urlencode(filters.pairs())}


def address(filters: Filters, *, without: tuple[str, str]) -> str:
    """The list's address less one filter."""
    query = QueryDict(mutable=True)
    for name, value in filters.pairs():
        if (name, value) != without:
            query.appendlist(name, value)
    return "?" + query.urlencode()
