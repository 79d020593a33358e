"""Suppressing, quarantining and freeing a number: the number, and why."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from smsapp.common import countries, phone
from smsapp.common.forms import HouseForm
from smsapp.common.models import Organisation

FOREIGN = {"too_short", "too_long", "invalid_for_region", "ambiguous"}  # what a number of another country looks like
_SEVERAL = _("There is more than one number here, and this form takes one at a time. Keep one of them, then come back for the next.")
_READ_AS = _("It was read as a number of %(country)s: if it is another country's, choose that one, or write + and the country code first.")


class BlockForm(HouseForm, forms.Form):
    """A number in any format, and the reason that people read later."""

    number = forms.CharField(
        label=_("Number"), max_length=1000, widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        help_text=_("In any format. One that begins with + and its country code is read as it stands, whatever the country below."),
    )  # fmt: skip
    region = forms.ChoiceField(label=_("Country of a number without +"), required=False)
    why = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("For those who ask later, for example “asked for it on the phone”."),
    )  # fmt: skip
    asks = {
        "number": _("Write the number, for example +33 6 39 98 04 17."),
        "why": _("Write the reason, so that others know later why this number gets no text."),
    }

    def __init__(self, *args: object, longest: int = 300, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.fields["region"].choices = countries.choices()  # type: ignore[attr-defined]
        self.fields["region"].initial = Organisation.current().default_region
        why = self.fields["why"]
        why.max_length = longest  # type: ignore[attr-defined]
        why.widget.attrs["maxlength"] = longest
        why.validators = [*forms.CharField(max_length=longest).validators]

    def clean(self) -> dict[str, Any]:
        """`number` becomes E.164; else a sentence that says what is wrong, and in which country's way it was read."""
        values = super().clean() or {}
        if raw := values.get("number"):
            region = values.get("region") or Organisation.current().default_region
            try:
                values["number"] = phone.normalise(raw, region)
            except phone.PhoneError as problem:
                self.add_error("number", _told(problem, raw, region))
        return values


def _told(problem: phone.PhoneError, raw: str, region: str) -> ValidationError:
    words = str(_SEVERAL if problem.code == "several_numbers" else problem.message)
    if problem.code in FOREIGN and "+" not in raw:
        words = f"{words} {_READ_AS % {'country': countries.name_of(region)}}"
    return ValidationError(words, code=problem.code)


class EndForm(HouseForm, forms.Form):
    """Why a number may be texted again."""

    because = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("For those who ask later, for example “wrong number blocked”."),
    )  # fmt: skip
    asks = {"because": _("Write why this number may be texted again.")}
