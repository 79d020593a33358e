"""A routing rule, as administrators write it, and a number to try the rules with."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from campaigns import route_words
from campaigns.models import Route
from providers.forms.provider import CountriesField
from providers.models import Provider
from smsapp.common.forms import HouseForm, clean_number


class RouteForm(HouseForm, forms.ModelForm):
    """Order, whom it is about, and where their texts go."""

    countries = CountriesField(label=_("Countries"), required=False, help_text=_("Two-letter codes, for example FR, GB, TN. Empty: all."))
    kinds = forms.MultipleChoiceField(
        label=_("Kinds of text"), required=False, choices=route_words.KINDS.items(), widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all."),
    )  # fmt: skip

    class Meta:
        model = Route
        fields = ("position", "active", "countries", "kinds", "provider", "sender", "keep_sender", "note")

    def clean(self) -> dict[str, Any]:
        """A sender is one of its provider's; a rule that changes nothing is none."""
        values = super().clean() or self.cleaned_data
        provider, sender = values.get("provider"), values.get("sender")
        if provider is None and "provider" not in self.errors:
            self._without_provider(values)
        elif provider and sender and sender not in provider.senders:
            known = ", ".join(provider.senders) or _("none")
            facts = {"provider": provider.name, "senders": known}
            self.add_error("sender", ValidationError(_("%(provider)s has no such sender. It has: %(senders)s."), params=facts))
        return values

    def _without_provider(self, values: dict[str, Any]) -> None:
        if values.get("sender"):
            self.add_error("sender", _("A sender belongs to a provider: choose the provider too."))
        elif not values.get("keep_sender"):
            self.add_error("provider", _("Choose a provider, or tick that people keep their sender: else the rule changes nothing."))


class TryRouteForm(HouseForm, forms.Form):
    """Where would a text go?"""

    asks = {"number": _("Write the number that a text would go to.")}

    number = forms.CharField(label=_("Number"), max_length=40, widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off"}))
    kind = forms.ChoiceField(label=_("Kind of text"), choices=route_words.KINDS.items(), initial="one_off")
    provider = forms.ModelChoiceField(
        Provider.objects.active(), label=_("Chosen with the text"), empty_label=None,
        error_messages={"required": _("Choose the provider that somebody would choose with the text.")},
    )  # fmt: skip

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for name, box in self.fields.items():
            box.widget.attrs.update({"class": "form-select" if isinstance(box, forms.ChoiceField) else "form-control", "id": f"try_{name}"})

    def clean_number(self) -> str:
        """E.164, read as a number of the organisation's region."""
        return clean_number(self.cleaned_data["number"])
