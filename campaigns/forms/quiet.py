"""Quiet hours of a country, as administrators write them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from campaigns.models import QuietHours
from campaigns.models.quiet import WEEK, WHOLE_DAY
from campaigns.quiet import HoursError, read_span
from smsapp.common.forms import HouseForm, clean_region


class QuietHoursForm(HouseForm, forms.ModelForm):  # type: ignore[type-arg]
    """The country, the hours of each day, and the limit that none of them may cross."""

    asks = {"country": _("Say which country the hours are for, as two letters: FR, for example.")}

    class Meta:
        model = QuietHours
        fields = ("country", "active", *WEEK, "holiday", "limit", "note")

    def clean_country(self) -> str:
        """One that has phone numbers."""
        return clean_region(self.cleaned_data["country"])

    def clean(self) -> dict[str, Any]:
        """Some day has hours, and all stay within the limit; they are kept as the console writes them."""
        values = super().clean() or self.cleaned_data
        try:
            spans = {name: read_span(values.get(name) or "") for name in (*WEEK, "holiday", "limit")}
        except HoursError:
            return values  # the fields have said so
        values.update({name: str(span or "") for name, span in spans.items()})
        limit = spans.pop("limit") or WHOLE_DAY
        for name, span in spans.items():
            if span and not span.within(limit):
                self.add_error(name, ValidationError(_("These hours go beyond %(limit)s, outside of which nothing may leave."), params={"limit": str(limit)}))
        if not any(spans[name] for name in WEEK):
            self.add_error(None, _("No day of the week has hours: nothing would ever leave. Write some, or say that the rule is not in use."))
        return values
