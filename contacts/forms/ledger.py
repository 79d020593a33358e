"""What the consent ledger is narrowed to."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import ConsentEntry
from smsapp.common.forms import HouseForm, clean_number


class LedgerFilter(HouseForm, forms.Form):
    """Number in any format, event, source, whose act, days on which it was recorded; where one cannot be read, nothing matches and the field says why."""

    number = forms.CharField(label=_("Number"), required=False, max_length=40, widget=forms.TextInput({"type": "search", "inputmode": "tel"}))
    event = forms.ChoiceField(label=_("Event"), required=False, choices=[("", _("Any")), *ConsentEntry.Event.choices])
    source = forms.ChoiceField(label=_("Source"), required=False, choices=[("", _("Any")), *ConsentEntry.Source.choices])
    since = forms.DateField(label=_("Recorded from"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(label=_("Recorded until"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    own_act = forms.BooleanField(label=_("By the recipient"), required=False)

    def clean_number(self) -> str:
        """E.164, or the sentence that says what is wrong."""
        return clean_number(self.cleaned_data["number"].replace("\0", ""))

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        values = super().clean() or {}
        self.check_period(values)
        return values

    def narrowed(self, entries: QuerySet[ConsentEntry]) -> QuerySet[ConsentEntry]:
        """The entries that match."""
        if not self.is_valid():
            return entries.none()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        conditions: dict[str, Any] = {name: chosen[name] for name in ("number", "event", "source", "own_act") if name in chosen}
        if since := chosen.get("since"):
            conditions["recorded_at__gte"] = _begin(since)
        if until := chosen.get("until"):
            conditions["recorded_at__lt"] = _begin(until + timedelta(days=1))
        return entries.filter(**conditions)


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
