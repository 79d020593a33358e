"""A call that took place, to be logged."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts import calls
from contacts.models import Contact
from smsapp.common import phone
from smsapp.common.forms import HouseForm
from smsapp.common.models import Organisation

LONGEST = 24 * 60  # minutes
OLDEST = 2000  # year
CLOCKS = timedelta(minutes=5)  # so far the person's clock may be ahead of ours


class CallForm(HouseForm, forms.Form):
    """Who called whom, when, and what came of it."""

    asks = {
        "direction": _("Say who called: you or the person."), "outcome": _("Choose what came of the call."), "day": _("Write the day of the call."),
        "hour": _("Write when the call took place, for example 18:30."),
    }  # fmt: skip

    direction = forms.ChoiceField(label=_("Direction"), choices=calls.Direction.choices, widget=forms.RadioSelect, initial=calls.Direction.OUT)
    number = forms.CharField(
        label=_("Number"), required=False, max_length=60, widget=forms.TextInput({"list": "numbers-of-contact", "inputmode": "tel", "autocomplete": "off"}),
        help_text=_("One of the contact's, or another one."),
    )  # fmt: skip
    outcome = forms.ChoiceField(label=_("Outcome"), choices=calls.Outcome.choices)
    day = forms.DateField(label=_("Date"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    hour = forms.TimeField(label=_("Time"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    minutes = forms.IntegerField(
        label=_("Minutes"), required=False, min_value=0, max_value=LONGEST, widget=forms.NumberInput({"min": 0, "max": LONGEST}),
        error_messages={"invalid": _("Write whole minutes, for example 12."), "max_value": _("No call lasts that long. Write at most %(limit_value)s.")},
    )  # fmt: skip
    subject = forms.CharField(label=_("Subject"), max_length=200, required=False, help_text=_("What it was about, for example “Renewal”."))
    details = forms.CharField(label=_("Text"), max_length=5_000, required=False, widget=forms.Textarea({"rows": 5}))

    def __init__(self, contact: Contact, data: Any = None) -> None:
        here = timezone.localtime()
        self.numbers = [phone.display(number) for number in contact.numbers.order_by("-is_primary", "id").values_list("number", flat=True)]
        super().__init__(data, initial={"number": next(iter(self.numbers), ""), "day": here.date(), "hour": here.time()})

    def clean_number(self) -> str:
        """E.164, or nothing."""
        raw = self.cleaned_data["number"]
        if not raw.strip():
            return ""
        try:
            return phone.normalise(raw, Organisation.current().default_region)
        except phone.PhoneError as problem:
            raise forms.ValidationError(str(problem.message), code=problem.code) from None

    def clean(self) -> dict[str, Any]:
        """`at`: a moment of the past, in the person's time zone."""
        values = super().clean() or {}
        day, hour = values.get("day"), values.get("hour")
        if day and day.year < OLDEST:
            self.add_error("day", _("Before the year 2000. Check the year."))
        elif day and hour:
            now, at = timezone.now(), timezone.make_aware(datetime.combine(day, hour))
            if at > now + CLOCKS:
                self.add_error("day", _("This time is still to come. Write when the call took place."))
            values["at"] = min(at, now)
        if values.get("outcome") == calls.Outcome.REACHED and self.says_nothing(values):
            self.add_error("subject", _("Write a word or two on what you talked about, for example “Renewal”."))
        return values

    def says_nothing(self, values: dict[str, Any]) -> bool:
        """Neither a subject nor a text, and neither of them is refused for another reason."""
        return not any(values.get(name) or name in self.errors for name in ("subject", "details"))

    def facts(self) -> dict[str, Any]:
        """For `Activity.extra`."""
        return calls.facts(**{name: self.cleaned_data[name] for name in ("direction", "outcome", "number", "minutes")})
