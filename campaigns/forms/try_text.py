"""Send test: to which numbers a text is tried."""

import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.forms.sender import SenderField, options
from campaigns.services import test_send
from campaigns.services.errors import CampaignError
from providers.models import Provider
from smsapp.common import phone
from smsapp.common.forms import HouseForm
from smsapp.common.models import Organisation

LONGEST = 600  # characters of all numbers
_BETWEEN = re.compile(r"[,;\n\r]+")


@dataclass(frozen=True, slots=True)
class Typed:
    """Numbers as somebody typed them: those that can be read, E.164 and each once, and (piece, what is wrong) of the others."""

    numbers: list[str]
    unread: list[tuple[str, str]]


def read(text: str, provider: Provider | None) -> Typed:
    """One number a line, in the provider's region."""
    region = (provider.default_region if provider else "") or Organisation.current().default_region
    numbers, unread = [], []
    for piece in filter(None, (part.strip() for part in _BETWEEN.split(text))):
        try:
            numbers.append(phone.normalise(piece, region))
        except phone.PhoneError as error:
            unread.append((piece, error.message))
    return Typed(list(dict.fromkeys(numbers)), unread)


class TryForm(HouseForm, forms.Form):
    """`number` are ticked ones (E.164), `typed` are written by hand, one a line; those of test contacts (`to`) are read by the view."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)  # version of the text that stands on the page
    origin = SenderField()
    typed = forms.CharField(
        label=gettext_lazy("Other numbers"), required=False, max_length=LONGEST, widget=forms.Textarea({"rows": 2, "inputmode": "tel", "autocomplete": "off"}),
        help_text=gettext_lazy("One a line, as you would dial them. They are offered again next time."),
    )  # fmt: skip

    def __init__(self, *args: Any, provider: Provider | None, **kwargs: Any) -> None:
        """`provider` is the mailing's, so that nothing is to be chosen; a template's sender is."""
        super().__init__(*args, **kwargs)
        self.provider = provider
        if provider:
            del self.fields["origin"]
        else:
            self.fields["origin"].choices = options()  # type: ignore[attr-defined]

    def clean_typed(self) -> list[str]:
        """E.164, each once, read as numbers of the provider's region; the first that cannot be read is named."""
        provider, _sender = self.cleaned_data.get("origin") or (self.provider, "")
        typed = read(self.cleaned_data["typed"], provider)
        for piece, problem in typed.unread:
            raise forms.ValidationError(_("“%(number)s”: %(problem)s") % {"number": piece, "problem": problem})
        return typed.numbers

    def add_numbers(self, ticked: list[str], chosen: list[str]) -> list[str]:
        """All numbers of the form, once it is valid; what is wrong with their amount becomes an error of `typed`."""
        numbers = list(dict.fromkeys([*ticked, *chosen, *self.cleaned_data.get("typed", [])]))
        if "typed" in self.errors:
            return numbers
        try:
            test_send.check_amount(numbers)
        except CampaignError as error:
            self.add_error("typed", error.message)
        return numbers
