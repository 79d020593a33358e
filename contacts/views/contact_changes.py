"""Create, change and delete a contact."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.forms.contact import ContactForm
from contacts.forms.numbers import NumberForms
from contacts.models import Contact
from contacts.services import contacts, tags
from contacts.services.errors import ContactsError
from contacts.views.contact_page import get_contact
from contacts.views.done import say, warn
from smsapp.common.models import Organisation


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.add_contact", raise_exception=True)
def create(request: HttpRequest) -> HttpResponse:
    """A new contact."""
    return _form_page(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.change_contact", raise_exception=True)
def edit(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Change a contact and its numbers."""
    return _form_page(request, get_contact(request, contact_id))


def _form_page(request: HttpRequest, contact: Contact | None) -> HttpResponse:
    form = ContactForm(request.POST or None, instance=contact, region=Organisation.current().default_region)
    numbers = NumberForms.of(contact, request.POST or None)
    if request.POST and "add_number" not in request.POST and form.is_valid() & numbers.is_valid() and (saved := _save(request, form, numbers, contact)):
        say(request, _("%(name)s is saved.") % {"name": saved.name})
        return redirect("contacts:detail", saved.pk)
    shown: Any = Contact.objects.get(pk=contact.pk) if contact else None  # the form writes into its instance, also when it is refused
    context = {"form": form, "numbers": numbers, "contact": shown, "known_tags": tags.suggestions()}
    return render(request, "contacts/contact_form.html", context)


def _save(request: HttpRequest, form: ContactForm, numbers: NumberForms, contact: Contact | None) -> Contact | None:
    fresh = Contact.objects.get(pk=contact.pk) if contact else None
    try:
        return contacts.save_contact(fresh, author=request.user, phones=numbers.entries(), seen=_seen(request, fresh), **form.values())
    except ContactsError as problem:
        form.add_error(problem.field if problem.field in form.fields else None, str(problem.message))
        return None


def _seen(request: HttpRequest, contact: Contact | None) -> datetime | None:
    try:
        return parse_datetime(request.POST.get("seen", "")) if contact else None
    except ValueError:
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.delete_contact", raise_exception=True)
def delete(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Ask, then delete softly; the toast has the way back."""
    if request.method != "POST":
        contact = get_contact(request, contact_id)
        return render(request, "contacts/contact_delete.html", {"contact": contact, "groups": contact.memberships.count()})
    contact = get_object_or_404(Contact, pk=contact_id)
    if contacts.delete(contact, author=request.user):
        say(request, _("%(name)s is deleted.") % {"name": contact.name}, undo=reverse("contacts:restore", args=[contact.pk]))
    else:
        warn(request, _("%(name)s was deleted already.") % {"name": contact.name})
    return redirect("contacts:list")
