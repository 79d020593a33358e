"""Send test: to which numbers a text is tried."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from campaigns.forms.sender import SenderField, options
from campaigns.services import test_send
from campaigns.services.errors import CampaignError
from smsapp.common import phone
from smsapp.common.forms import HouseForm
from smsapp.common.models import Organisation

_BETWEEN = re.compile(r"[,;\n\r]+")


class TryForm(HouseForm, forms.Form):
    """`number` are ticked ones (E.164), `typed` are written by hand, one a line; those of test contacts (`to`) are read by the view."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    origin = SenderField()
    typed = forms.CharField(
        label=gettext_lazy("Other numbers"), required=False, max_length=600, widget=forms.Textarea({"rows": 2, "inputmode": "tel", "autocomplete": "off"}),
        help_text=gettext_lazy("One a line, as you would dial them. They are offered again next time."),
    )  # fmt: skip

    def __init__(self, *args: Any, fixed: bool, region: str = "", **kwargs: Any) -> None:
        """`fixed`: sender and provider are those of the mailing, so nothing is to be chosen."""
        super().__init__(*args, **kwargs)
        self.region = region or Organisation.current().default_region
        if fixed:
            del self.fields["origin"]
        else:
            self.fields["origin"].choices = options()  # type: ignore[attr-defined]

    def clean_typed(self) -> list[str]:
        """E.164, each once; the first that cannot be read is named."""
        found = []
        for piece in filter(None, (part.strip() for part in _BETWEEN.split(self.cleaned_data["typed"]))):
            try:
                found.append(phone.normalise(piece, self.region))
            except phone.PhoneError as error:
                raise forms.ValidationError(f"“{piece}”: {error.message}") from error
        return list(dict.fromkeys(found))

    def add_numbers(self, ticked: list[str], chosen: list[str]) -> list[str]:
        """All numbers of the form, once it is valid; what is wrong with their amount becomes an error of `typed`."""
        numbers = list(dict.fromkeys([*ticked, *chosen, *self.cleaned_data.get("typed", [])]))
        try:
            test_send.check_amount(numbers)
        except CampaignError as error:
            self.add_error("typed", error.message)
        return numbers
