"""What a list of mailings is narrowed to."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, Mailing
from campaigns.models.mailing import MailingQuerySet
from campaigns.models.template import Kind
from campaigns.statuses import MailingStatus
from campaigns.wording import MAILINGS
from contacts.models.folding import named
from smsapp.common.forms import FilterForm


class MailingFilters(FilterForm, forms.Form):
    """Name, status, type, author, campaign and dates, and whether recurring sends of workflows are shown; what makes no sense is left out."""

    q = forms.CharField(label=_("Name"), required=False, max_length=120, strip=True)
    status = forms.ChoiceField(label=_("Status"), required=False)
    kind = forms.ChoiceField(label=_("Type"), required=False, choices=[("", _("Any")), *Kind.choices])
    author: Any = forms.ModelChoiceField(None, label=_("Author"), required=False, empty_label=_("Anybody"))
    campaign: Any = forms.ModelChoiceField(None, label=_("Campaign"), required=False, empty_label=_("Any"))
    since = forms.DateField(label=_("Made since"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(label=_("Made until"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    recurring = forms.BooleanField(label=_("Show recurring sends"), required=False)

    def __init__(self, data: Any, *, statuses: Sequence[MailingStatus]) -> None:
        super().__init__(data)
        self.fields["recurring"].widget.attrs["class"] = "form-check-input"
        self.fields["status"].choices = [("", _("Any")), *((status.value, MAILINGS[status].label) for status in statuses)]  # type: ignore[attr-defined]
        wrote_one = Exists(Mailing.objects.filter(author=OuterRef("pk")))
        self.fields["author"].queryset = get_user_model().objects.filter(wrote_one).order_by("first_name", "username")  # type: ignore[attr-defined]
        self.fields["campaign"].queryset = Campaign.objects.all()  # type: ignore[attr-defined]

    def narrow(self, mailings: MailingQuerySet) -> QuerySet[Mailing]:
        """The mailings that match."""
        self.is_valid()
        wanted = self.cleaned_data
        lookups = {"status": "status", "kind": "kind", "author": "author", "campaign": "campaign"}
        lookups |= {"since": "created_at__date__gte", "until": "created_at__date__lte"}
        shown = mailings if self.shows_sends else mailings.without_sends()
        chosen = shown.filter(**{lookup: wanted[name] for name, lookup in lookups.items() if wanted.get(name)})
        return named(chosen, wanted.get("q", ""))

    @property
    def shows_sends(self) -> bool:
        """Whether recurring sends are asked for."""
        self.is_valid()
        return bool(self.cleaned_data.get("recurring"))

    @property
    def in_use(self) -> bool:
        """Whether anything is narrowed."""
        return any(self.cleaned_data.values()) if self.is_valid() else any(self.cleaned_data.get(name) for name in self.fields)
