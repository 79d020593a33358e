"""Consent of a contact: its present state and ledger, a yes or no to write down, the proof to print; and the whole ledger."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from contacts import ledger
from contacts.forms.consent import ConsentForm, OptInForm, OptOutForm
from contacts.models import ConsentEntry, Contact, Suppression
from contacts.services import consent
from contacts.services.errors import ContactsError
from contacts.views.contact_page import get_contact, head
from contacts.views.done import say, warn
from smsapp.common import listing
from smsapp.common.models import Organisation

FORM_FIELDS = {"source": "how", "at": "day", "wording": "wording"}  # field of the service -> field of the form
MOST_PRINTED = 1_000


@require_safe
@permission_required("contacts.view_contact", raise_exception=True)
def entries(request: HttpRequest, contact_id: int) -> HttpResponse:
    """The tab: how it stands, and every entry, newest first."""
    contact = get_contact(request, contact_id)
    page = listing.paginate(ledger.entries_of(contact), request, order=("-id",), size=25)
    context = head(request, contact, "consent") | {"page": page, "people": set(ledger.people(contact).values_list("pk", flat=True))}
    return render(request, "contacts/contact_consent.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.change_contact", raise_exception=True)
def opt_out(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Write down a no."""
    contact = get_contact(request, contact_id)
    form = OptOutForm(request.POST or None, initial={"scope": request.GET.get("scope", "marketing")})
    if form.is_valid():
        try:
            consent.opt_out(contact, author=request.user, **form.values())
        except ContactsError as problem:
            _blame(form, problem)
        else:
            say(request, _("The opt-out is in the ledger."))
            return redirect("contacts:consent", contact.pk)
    return render(request, "contacts/consent_form.html", {"contact": contact, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.change_contact", raise_exception=True)
def opt_in(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Write down a yes; after the person's own no, look at both first."""
    contact = get_contact(request, contact_id)
    form = OptInForm(request.POST or None, initial={"scope": request.GET.get("scope", "marketing"), "how": "written"})
    if form.is_valid() and "change" not in request.POST:
        try:
            consent.opt_in(contact, author=request.user, **form.values())
        except ContactsError as problem:
            if problem.code == "look_again":
                return _look_again(request, contact, form)
            _blame(form, problem)
        else:
            return _opted_in(request, contact)
    context = {"contact": contact, "form": form, "opting_in": True, "standing": _standing(contact), "stops": _stops(contact)}
    return render(request, "contacts/consent_form.html", context)


def _blame(form: ConsentForm, problem: ContactsError) -> None:
    form.add_error(FORM_FIELDS.get(problem.field or ""), str(problem.message))


def _standing(contact: Contact) -> list[ConsentEntry]:
    """The person's own opt-outs that stand, whole."""
    found = consent.own_opt_outs_of(contact).values()
    return list(ConsentEntry.objects.filter(id__in=[opt_out.entry_id for opt_out in found]).select_related("author"))


def _stops(contact: Contact) -> list[Suppression]:
    return list(Suppression.objects.filter(number__in=contact.numbers.values("number"), ended_at__isnull=True).order_by("id"))


def _look_again(request: HttpRequest, contact: Contact, form: OptInForm) -> HttpResponse:
    scope = form.cleaned_data["scope"]
    shown = next((entry for entry in _standing(contact) if entry.scope == scope), None)
    if shown is None:  # undone at this very moment
        return redirect("contacts:opt_in", contact.pk)
    kept = [(name, value) for name in ("how", "scope", "wording", "details", "day", "hour") for value in [form[name].value() or ""]]
    told = form.cleaned_data | {"how": dict(form.how_choices)[form.cleaned_data["how"]], "at": form.moment() or timezone.now()}
    context = {"contact": contact, "shown": shown, "kept": kept, "told": told, "stops": _stops(contact)}
    return render(request, "contacts/consent_again.html", context)


def _opted_in(request: HttpRequest, contact: Contact) -> HttpResponse:
    say(request, _("The opt-in is in the ledger."))
    if stops := _stops(contact):
        words = _("Texts to %(numbers)s stay blocked all the same: the number asked for it, or was blocked, and an opt-in does not end that.")
        warn(request, words % {"numbers": ", ".join(stop.number for stop in stops)})
    return redirect("contacts:consent", contact.pk)


@require_safe
@permission_required("contacts.view_contact", raise_exception=True)
def proof(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Everything known of a person's consent on one page, to print or to keep."""
    contact = get_contact(request, contact_id)
    numbers = contact.numbers.values("number")
    context = {
        "contact": contact,
        "states": ledger.states_of(contact),
        "numbers": contact.numbers.order_by("-is_primary", "id"),
        "suppressions": Suppression.objects.filter(number__in=numbers).select_related("author", "ended_by").order_by("-id")[:MOST_PRINTED],
        "entries": ledger.entries_of(contact).order_by("-id")[:MOST_PRINTED],
        "people": set(ledger.people(contact).values_list("pk", flat=True)),
        "now": timezone.now(),
        "organisation": Organisation.current(),
    }
    return render(request, "contacts/consent_proof.html", context)
