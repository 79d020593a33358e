"""Possible duplicates: what the look found, how far it is, and what people say of it."""

import re
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db import connection
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_POST, require_safe

from contacts.duplicates import nearby, rounds, telling
from contacts.filters import LONGEST, number_matching, search
from contacts.models import Duplicate, NotDuplicate, PhoneNumber
from contacts.models.duplicate import DuplicateLook
from contacts.models.folding import fold
from contacts.selection import visible_to
from contacts.services import duplicates, merge
from contacts.services.errors import ContactsError
from contacts.smart.patience import TookTooLong, patience
from contacts.views.contact_list import A_BLINK, count_capped
from contacts.views.contact_page import get_contact
from contacts.views.done import say, warn
from contacts.views.go_back import go_back
from contacts.views.merging import address
from smsapp.common import listing

SHOWN = 3  # people named in a line
MOST_FOUND = 500  # people of a search whose finds are looked up
MOST_COUNTED = 1_000
COUNTS = "SELECT {kinds}"
COUNT = "(SELECT count(*) FROM (SELECT 1 FROM contacts_duplicate WHERE kind = '{kind}' AND set_aside_at IS NULL LIMIT {most}) AS counted)"


class DuplicateList(PermissionRequiredMixin, View):
    """Finds, the surest first."""

    permission_required = "contacts.merge_contacts"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page that the address asks for."""
        kind, aside = request.GET.get("kind", ""), request.GET.get("aside") == "1"
        q = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
        finds = Duplicate.objects.filter(set_aside_at__isnull=False) if aside else Duplicate.objects.to_look_at()
        if kind in Duplicate.Kind.values:
            finds = finds.filter(kind=kind)
        if q:
            finds = finds.filter(_matching(request, q))
        page = listing.paginate(finds, request, order=("id",) if aside else ("-confidence", "id"), label=lambda find: find.get_kind_display())
        context: dict[str, Any] = {"page": page, "rows": _rows(request, page.items), "kind": kind, "q": q, "aside": aside, "kinds": _kinds()}
        context |= {"look": DuplicateLook.current(), "steps": len(rounds.KINDS), "any_aside": Duplicate.objects.filter(set_aside_at__isnull=False).exists()}
        context["since"] = _changed_since(request, context["look"])
        return render(request, "contacts/duplicates.html", context)


def _changed_since(request: HttpRequest, look: DuplicateLook) -> dict[str, Any] | None:
    """How many contacts the last look has not seen as they are now."""
    if look.started_at is None:
        return None
    try:
        with patience(A_BLINK):
            return count_capped(visible_to(request.user).filter(updated_at__gt=look.started_at))
    except TookTooLong:
        return {"n": 0, "more": True}


def _matching(request: HttpRequest, q: str) -> Q:
    """By what they share, or by anybody in them; a few digits fit half of all people, so that the number shared says more."""
    if by_digits := number_matching(q):
        owners = PhoneNumber.objects.filter(by_digits).values_list("contact_id", flat=True)
        return Q(key__contains=re.sub(r"\D", "", q).lstrip("0")) | Q(contacts__overlap=list(owners[:MOST_FOUND]))
    people = search(visible_to(request.user), q).values_list("id", flat=True)
    return Q(key__contains=fold(q)) | Q(contacts__overlap=list(people[:MOST_FOUND]))


def _kinds() -> list[tuple[str, Any, int, bool]]:
    """(kind, words, how many up to a bound, more) in one query."""
    kinds = [COUNT.format(kind=kind, most=MOST_COUNTED + 1) for kind in Duplicate.Kind.values]
    with connection.cursor() as cursor:
        cursor.execute(COUNTS.format(kinds=", ".join(kinds)))
        counts = cursor.fetchone()
    return [(str(kind), label, min(n, MOST_COUNTED), n > MOST_COUNTED) for (kind, label), n in zip(Duplicate.Kind.choices, counts, strict=True)]


def _rows(request: HttpRequest, finds: list[Duplicate]) -> list[dict[str, Any]]:
    """Each find with the people to name; one whose people were deleted meanwhile is left out."""
    wanted = {id_ for find in finds for id_ in find.contacts[: merge.MOST]}
    people = {contact.pk: contact for contact in visible_to(request.user).filter(id__in=wanted)}
    rows = []
    for find in finds:
        alive = [people[id_] for id_ in find.contacts[: merge.MOST] if id_ in people]
        small = find.size <= merge.MOST
        size = len(alive) if small else find.size
        if size > 1:
            who = telling.names(alive)
            url = address([person.pk for person in alive]) if small else ""
            named = [(person, who[person.pk]) for person in alive[:SHOWN]]
            rows.append({"find": find, "people": named, "more": size - min(len(alive), SHOWN), "size": size, "url": url})
    return rows


@require_POST
@permission_required("contacts.merge_contacts", raise_exception=True)
def look(request: HttpRequest) -> HttpResponse:
    """Look over all contacts again."""
    if not duplicates.look_again():
        warn(request, _("A look is under way already. What it finds shows here by itself."))
    return redirect("contacts:duplicates")


@require_safe
@permission_required("contacts.merge_contacts", raise_exception=True)
def progress(request: HttpRequest) -> HttpResponse:
    """How far the look is; the whole page anew once it is through."""
    row = DuplicateLook.current()
    response = render(request, "contacts/_duplicates_progress.html", {"look": row, "steps": len(rounds.KINDS)})
    if not row.at_work:
        response["HX-Refresh"] = "true"
    return response


@require_safe
@permission_required("contacts.merge_contacts", raise_exception=True)
def detail(request: HttpRequest, duplicate_id: int) -> HttpResponse:
    """A find with more people than can be compared at once: choose some of them."""
    find = get_object_or_404(Duplicate, pk=duplicate_id)
    people = list(visible_to(request.user).filter(id__in=find.contacts).order_by("sort_name", "id"))
    if 1 < len(people) == find.size <= merge.MOST:
        return redirect(address([person.pk for person in people]))
    return render(request, "contacts/duplicate.html", {"find": find, "people": people, "most": merge.MOST})


@require_POST
@permission_required("contacts.merge_contacts", raise_exception=True)
def set_aside(request: HttpRequest, duplicate_id: int) -> HttpResponse:
    """Hide a find that says nothing, or bring it back."""
    find = get_object_or_404(Duplicate, pk=duplicate_id)
    aside = request.POST.get("aside") != "0"
    duplicates.set_aside(find, aside=aside, author=request.user)
    say(request, _("Set aside. It stays so when the console looks again.") if aside else _("It is back in the list."))
    return redirect("contacts:duplicates")


@require_POST
@permission_required("contacts.merge_contacts", raise_exception=True)
def tell_apart(request: HttpRequest) -> HttpResponse:
    """These are different people: the ticked ones, or `one` and the pressed `other`."""
    values = [request.POST.get("one", ""), request.POST["other"]] if "other" in request.POST else request.POST.getlist("contact")[:50]
    ids = [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19]
    try:
        duplicates.tell_apart(list(visible_to(request.user).filter(id__in=ids).values_list("id", flat=True)), author=request.user)
    except ContactsError as problem:
        warn(request, problem.message)
    else:
        say(request, _("Noted: these are different people. Nobody is asked again."))
    return go_back(request, "contacts:duplicates")


@require_safe
@permission_required("contacts.view_contact", raise_exception=True)
def possible(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Who may be the same person as one contact, and a search for anybody else to merge with."""
    contact, visible = get_contact(request, contact_id), visible_to(request.user)
    q = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    others = list(search(visible, q).exclude(pk=contact.pk).order_by("sort_name", "id")[:10]) if q else []
    apart = NotDuplicate.objects.filter(Q(first=contact) | Q(second=contact)).select_related("first", "second", "author").order_by("-at")[:50]
    told = [{"row": row, "person": row.second if row.first_id == contact.pk else row.first} for row in apart]
    context = {"contact": contact, "near": nearby.of(contact, visible), "q": q, "others": others, "told": told}
    return render(request, "contacts/possible_duplicates.html", context)


@require_POST
@permission_required("contacts.merge_contacts", raise_exception=True)
def reconsider(request: HttpRequest, contact_id: int, other_id: int) -> HttpResponse:
    """Take back that two contacts are two people."""
    contact = get_contact(request, contact_id)
    if duplicates.reconsider(contact.pk, other_id):
        say(request, _("Taken back: they may be one person again."))
    return redirect("contacts:possible", contact.pk)
