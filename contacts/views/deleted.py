"""Deleted contacts: their list, and the way back for one or several."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from contacts import deleted
from contacts.filters import LONGEST, search
from contacts.models import Contact
from contacts.models.contact import ContactQuerySet
from contacts.selection import restorable_by, ticked
from contacts.services import contacts
from contacts.services.errors import ContactsError
from contacts.smart.patience import TookTooLong, by_index, patience
from contacts.views.contact_list import count_capped
from contacts.views.done import say, warn
from smsapp.common import listing

ORDER = ("-deleted_at", "-id")
LONG = timedelta(seconds=8)


@require_safe
@permission_required("contacts.delete_contact", raise_exception=True)
def deleted_list(request: HttpRequest) -> HttpResponse:
    """Newest first; by a part of the name, e-mail or number."""
    q = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    try:
        found = _table(request, search(restorable_by(request.user), q))
    except TookTooLong:
        found = {"page": [], "too_long": True}
    return render(request, "contacts/deleted.html", {"q": q, **found})


def _table(request: HttpRequest, people: ContactQuerySet) -> dict[str, Any]:
    with by_index(), patience(LONG):
        page = listing.paginate(people, request, order=ORDER, label=lambda contact: contact.name)
        count = count_capped(people) if page.next_url or page.previous_url else {"n": len(page), "more": False}
    deleted.add_deleters(page.items)
    return {"page": page, "count": count}


@require_POST
@permission_required("contacts.delete_contact", raise_exception=True)
def restore_chosen(request: HttpRequest) -> HttpResponse:
    """Say what comes back with the chosen people, then bring them back."""
    ids = sorted(ticked(request.POST))
    if len(ids) > deleted.MOST_AT_ONCE:
        warn(request, _("These are too many at once. Choose at most %(most)s.") % {"most": deleted.MOST_AT_ONCE})
        return redirect("contacts:deleted")
    chosen = list(restorable_by(request.user).filter(id__in=ids).order_by(*ORDER))
    if not chosen:
        warn(request, _("Nobody of them is deleted any more.") if ids else _("Nobody is chosen. Tick some contacts first."))
        return redirect("contacts:deleted")
    return _restore(request, chosen) if request.POST.get("sure") == "1" else _ask(request, chosen)


def _ask(request: HttpRequest, chosen: Sequence[Contact]) -> HttpResponse:
    taken = deleted.taken(chosen)
    rows = [(contact, taken.get(contact.pk)) for contact in chosen]
    coming = [contact for contact, facts in rows if not (facts and facts.id_holder)]
    return render(request, "contacts/restore.html", {"rows": rows, "coming": coming, "one": chosen[0] if len(chosen) == 1 else None})


def _restore(request: HttpRequest, chosen: Sequence[Contact]) -> HttpResponse:
    back = [contact for contact in chosen if _comes_back(request, contact)]
    if len(back) == 1:
        return _one_is_back(request, back[0])
    if back:
        say(request, ngettext("%(n)s contact is back.", "%(n)s contacts are back.", len(back)) % {"n": len(back)})
    _tell_shared(request, back)
    return redirect("contacts:deleted")


@require_POST
@permission_required("contacts.delete_contact", raise_exception=True)
def restore(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Undo a deletion."""
    contact = get_object_or_404(Contact, pk=contact_id)
    return _one_is_back(request, contact) if _comes_back(request, contact) else redirect("contacts:list")


def _comes_back(request: HttpRequest, contact: Contact) -> bool:
    """Also when somebody was faster."""
    try:
        contacts.restore(contact, author=request.user)
    except ContactsError as problem:
        warn(request, problem.message)
        return False
    return True


def _one_is_back(request: HttpRequest, contact: Contact) -> HttpResponse:
    say(request, _("%(name)s is back.") % {"name": contact.name})
    _tell_shared(request, [contact])
    return redirect("contacts:detail", contact.pk)


def _tell_shared(request: HttpRequest, people: Sequence[Contact]) -> None:
    """Somebody else has the same number or e-mail by now."""
    taken = deleted.taken(people)
    sharing = [taken[contact.pk] for contact in people if contact.pk in taken and taken[contact.pk].shared]
    if sharing and len(people) == 1:
        warn(request, " ".join([*sharing[0].sentences, _("If they are one person, merge the two.")]))
    elif sharing:
        n = len(sharing)
        words = ngettext(
            "%(n)s of them shares a number or an e-mail with another contact: its page says with whom.",
            "%(n)s of them share a number or an e-mail with another contact: their pages say with whom.", n,
        )  # fmt: skip
        warn(request, words % {"n": n})
