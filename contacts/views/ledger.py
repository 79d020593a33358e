"""The whole consent ledger, for audits."""

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from contacts.forms.ledger import LedgerFilter
from contacts.models import ConsentEntry
from smsapp.common import listing


class Ledger(PermissionRequiredMixin, View):
    """Every entry, newest first."""

    permission_required = "contacts.view_consententry"
    raise_exception = True

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page that the address asks for."""
        form = LedgerFilter(request.GET)
        entries = form.narrowed(ConsentEntry.objects.select_related("author", "contact"))
        page = listing.paginate(entries, request, order=("-id",), label=lambda entry: entry.pk)
        return render(request, "contacts/ledger.html", {"form": form, "page": page, "narrowed": any(form.cleaned_data.values()) or form.errors})
