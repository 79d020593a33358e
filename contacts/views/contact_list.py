"""The list of contacts: search, filters, selection."""

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views import View

from contacts import eligibility, looks, slots
from contacts.filters import Filters
from contacts.models import Group
from contacts.models.contact import ContactQuerySet
from contacts.selection import visible_to
from smsapp.common import listing

MOST_COUNTED = 10_000  # beyond, "10,000+" says enough to find one's way


class ContactList(PermissionRequiredMixin, View):
    """A page of contacts with what may be done to the chosen ones."""

    permission_required = "contacts.view_contact"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page that the address asks for."""
        filters = Filters.read(request.GET)
        context = {**table(request, filters.apply(visible_to(request.user)), filters), **filter_parts(filters)}
        return render(request, "contacts/list.html", context)


def table(request: HttpRequest, matching: ContactQuerySet, filters: Filters, *, with_groups: bool = True) -> dict[str, Any]:
    """A page of contacts as `contacts/_table.html` and the bulk bar want them."""
    rows = eligibility.judge(matching, marketing=True)
    if with_groups:
        rows = rows.prefetch_related("memberships__group")
    page = listing.paginate(rows, request, order=("sort_name", "id"), label=lambda contact: contact.last_name or contact.name)
    for contact in page:
        contact.look = looks.of_reason(contact.reason)
    return {"page": page, "filters": filters, "pairs": filters.pairs(), "count": count_capped(matching), "actions": allowed(request)}


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
        {"words": _("Group: %(name)s") % {"name": group.name}, "url": address(filters, without=("group", str(group.pk)))}
        for group in groups if group.pk in filters.groups
    ]  # fmt: skip
    chips += [{"words": _("Tag: %(name)s") % {"name": tag}, "url": address(filters, without=("tag", tag))} for tag in filters.tags]
    if filters.packed:
        words = filters.problem or _("Rules: %(rules)s") % {"rules": Truncator(filters.rules().words()).chars(80)}
        chips.append({"words": words, "url": address(filters, without=("rules", filters.packed))})
    return {"groups": groups, "chips": chips, "search_query": urlencode(filters.pairs())}


def address(filters: Filters, *, without: tuple[str, str]) -> str:
    """The list's address less one filter."""
    query = QueryDict(mutable=True)
    for name, value in filters.pairs():
        if (name, value) != without:
            query.appendlist(name, value)
    return "?" + query.urlencode()
