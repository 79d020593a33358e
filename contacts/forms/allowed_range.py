"""A range of premium, satellite or personal numbers that may be texted."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.models import AllowedRange
from smsapp.common import phone
from smsapp.common.forms import HouseForm

WHOLE = re.compile(r"\+[1-9][0-9]{2,14}", re.ASCII)


class AllowedRangeForm(HouseForm, forms.ModelForm):  # type: ignore[type-arg]
    """Its beginning in any spelling, and why."""

    beginning = forms.CharField(
        label=_("Beginning"), max_length=30, help_text=AllowedRange._meta.get_field("beginning").help_text,
        error_messages={"required": _("Write how the numbers begin, for example +8816.")},
    )  # fmt: skip

    class Meta:
        model = AllowedRange
        fields = ("beginning", "note")

    def clean_beginning(self) -> str:
        """A plus, a country code and as many digits as one likes."""
        raw = self.cleaned_data["beginning"].strip()
        text = "".join(letter for letter in raw if letter not in "\u00a0\u202f .-()/")
        text = "+" + text[2:] if text.startswith("00") else text
        if not text.startswith("+"):
            raise forms.ValidationError(_("Write + and the country code first, for example +8816."), code="no_country_code")
        if not WHOLE.fullmatch(text):
            raise forms.ValidationError(_("Use + and 3 to 15 digits, for example +8816. Letters and other signs do not belong here."), code="not_a_range")
        if not phone.has_country_code(text):
            raise forms.ValidationError(phone.PhoneError("unknown_country").message, code="unknown_country")
        return text

    def clean(self) -> dict[str, Any]:
        """A longer beginning adds nothing to a shorter one that is allowed already."""
        values = super().clean() or {}
        beginning = values.get("beginning", "")
        wider = [each for each in AllowedRange.objects.exclude(pk=self.instance.pk) if beginning and beginning.startswith(each.beginning)]
        if wider and wider[0].beginning != beginning:
            self.add_error("beginning", _("%(wider)s allows these numbers already.") % {"wider": wider[0].beginning})
        return values
