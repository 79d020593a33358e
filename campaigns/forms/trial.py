"""A text that only tries a provider out."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.tokens import LONGEST_TEXT
from providers.models import Provider
from smsapp.common import phone
from smsapp.common.forms import HouseForm
from smsapp.common.models import Organisation


class TrialForm(HouseForm, forms.Form):
    """One number in any format, one text as it is."""

    asks = {"number": _("Write the number that the test goes to."), "text": _("Write the text first.")}

    number = forms.CharField(label=_("Number"), max_length=40, widget=forms.TextInput({"autocomplete": "tel", "inputmode": "tel"}))
    text = forms.CharField(label=_("Text"), max_length=LONGEST_TEXT, widget=forms.Textarea({"rows": 3}), help_text=_("Sent as it is, without tokens."))
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, provider: Provider, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.provider = provider

    def clean_number(self) -> str:
        """E.164, read as a number of the provider's region."""
        region = self.provider.default_region or Organisation.current().default_region
        try:
            return phone.normalise(self.cleaned_data["number"], region)
        except phone.PhoneError as error:
            raise forms.ValidationError(error.message) from error
