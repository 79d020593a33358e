"""Why / why not: one contact and one mailing, and one contact and all mailings."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns import decisions, wording
from campaigns.models import Mailing
from campaigns.wizard.picker import id_in, ids
from contacts import filters, looks
from contacts.models import Contact
from contacts.models.folding import named
from contacts.selection import visible_to
from contacts.smart import finding
from contacts.views.contact_page import get_contact
from smsapp.common import listing, phone
from smsapp.common.models import Organisation

MOST = 20  # people to choose from; who finds more writes more of the name


@require_safe
@permission_required("campaigns.view_mailing", raise_exception=True)
def of_mailing(request: HttpRequest, pk: int) -> HttpResponse:
    """Type a name or number, read the one decision."""
    mailing = get_object_or_404(Mailing.objects.select_related("provider"), pk=pk)
    q = request.GET.get("q", "").replace("\0", "").strip()[: filters.LONGEST]
    contact, found = _asked(request, q)
    nobody = "contact" in request.GET and contact is None
    context: dict[str, Any] = {"mailing": mailing, "q": q, "contact": contact, "nobody": nobody, "found": found[:MOST], "more": len(found) > MOST}
    if contact:
        decision = decisions.decide(mailing, contact)
        now = looks.of_reason(decisions.judged_now(mailing, contact))
        parts = [(part, decisions.address(part)) for part in decision.parts]
        context |= {"decision": decision, "now": now, "made": decisions.prepared_at(mailing), "parts": parts}
        if decision.exclusion and decision.exclusion.reason == "duplicate_number":
            decision.holder = decisions.holder_of(mailing, decision.exclusion.number)
    elif q and not found:
        context["holder"] = _text_to(mailing, q)
    return render(request, "campaigns/why.html", context)


def _asked(request: HttpRequest, q: str) -> tuple[Contact | None, list[Contact]]:
    """The contact that the address names, or the only one that matches; else those to choose from."""
    visible = visible_to(request.user)
    for wanted in ids([request.GET.get("contact", "")])[:1]:
        became = Contact.objects.filter(pk=wanted).values_list("merged_into", flat=True).first()
        return visible.filter(pk=became or wanted).first(), []
    found = finding.first(filters.Filters(q=q).people(visible), MOST + 1) if len(q) > 1 else []
    return (found[0], []) if len(found) == 1 else (None, found)


def _text_to(mailing: Mailing, q: str) -> Any:
    """The text to a number that no contact has any more."""
    try:
        number = phone.normalise(q, Organisation.current().default_region)
    except phone.PhoneError:
        return None
    return decisions.holder_of(mailing, number)


@require_safe
@permission_required("campaigns.view_mailing", raise_exception=True)
def of_contact(request: HttpRequest) -> HttpResponse:
    """All mailings, each with what it decided about one contact."""
    contact = get_contact(request, id_in(request.GET.get("contact", "")) or 0)
    q = request.GET.get("q", "").replace("\0", "").strip()[:100]
    page = listing.paginate(named(Mailing.objects.launched(), q), request, order=("-id",), size=MOST, label=lambda mailing: mailing.name)
    rows = decisions.Rows.of(page.items, [contact])
    lines = [(mailing, wording.MAILINGS[mailing.status], rows.decision(mailing, contact)) for mailing in page]
    context = {"contact": contact, "q": q, "page": page, "lines": lines, "nothing": _("Not in its audience")}
    return render(request, "campaigns/why_contact.html", context)
