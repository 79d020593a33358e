"""Somebody unknown becomes a contact, or turns out to be one."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns.forms.inbox import PersonForm
from campaigns.inbox import belonging
from campaigns.inbox.views import address, get_thread
from campaigns.models import Conversation
from campaigns.services.errors import CampaignError
from campaigns.wizard.picker import id_in
from contacts import filters, selection
from contacts.models import Contact
from contacts.services.errors import ContactsError
from contacts.smart import finding

MOST_FOUND = 20


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.add_contact", raise_exception=True)
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """A new contact with the number, or one more number of somebody who is found."""
    thread = get_thread(pk)
    if thread.person:
        return redirect(address(request, thread))
    if request.method != "POST":
        return _page(request, thread, PersonForm())
    if chosen := request.POST.get("contact"):
        person = get_object_or_404(selection.visible_to(request.user), pk=id_in(chosen) or 0)
        return _given(request, thread, PersonForm(), lambda: belonging.add_to(thread, person, by=request.user))
    form = PersonForm(request.POST)
    if not form.is_valid():
        return _page(request, thread, form)
    return _given(request, thread, form, lambda: belonging.make_contact(thread, by=request.user, **form.cleaned_data))


def _given(request: HttpRequest, thread: Conversation, form: PersonForm, give: Callable[[], Contact]) -> HttpResponse:
    try:
        person = give()
    except (CampaignError, ContactsError) as problem:
        messages.warning(request, str(problem.message))
        return _page(request, get_thread(thread.pk), form)
    messages.success(request, _("The conversation belongs to %(name)s now.") % {"name": person.name})
    return redirect(address(request, thread))


def _page(request: HttpRequest, thread: Conversation, form: PersonForm) -> HttpResponse:
    q = request.GET.get("find", "").replace("\0", "").strip()[: filters.LONGEST]
    found: list[Any] = finding.first(filters.Filters(q=q).people(selection.visible_to(request.user)), MOST_FOUND) if len(q) > 1 else []
    context = {"thread": thread, "form": form, "find": q, "found": found, "owners": belonging.owners(thread), "back": address(request, thread)}
    return render(request, "inbox/contact.html", context)
