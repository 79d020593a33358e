"""From whom a text comes: one choice of provider and sender together, so that no script has to keep two lists in step."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from providers.models import Provider


def options() -> list[tuple[str, list[tuple[str, str]]]]:
    """Active providers with their senders, the default provider first: [(provider, [("id:sender", words)])]."""
    found = Provider.objects.active().order_by("-is_default", "name")
    return [(_title(provider), [(f"{provider.pk}:{sender}", words_of(provider, sender)) for sender in provider.senders or [""]]) for provider in found]


def first() -> str:
    """What stands chosen as long as nobody chose."""
    return next((choice for _provider, choices in options() for choice, _words in choices), "")


def _title(provider: Provider) -> str:
    return _("%(provider)s (default)") % {"provider": provider.name} if provider.is_default else provider.name


def words_of(provider: Provider, sender: str) -> str:
    """A sender as people choose it."""
    words = f"{sender} · {provider.name}" if sender else provider.name
    if any(letter.isalpha() for letter in sender):
        return _("%(sender)s (cannot receive replies)") % {"sender": words}
    return words


class SenderField(forms.ChoiceField):
    """Cleans to (provider, sender)."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("From"))
        kwargs.setdefault("error_messages", {"required": gettext_lazy("Choose who the text comes from.")})
        super().__init__(**kwargs)
        self.error_messages["invalid_choice"] = gettext_lazy("This sender is no longer in use. Choose another one.")
        self.widget.attrs["class"] = "form-select"

    def clean(self, value: Any) -> Any:
        chosen = super().clean(value)
        if not chosen:
            return None
        number, _colon, sender = chosen.partition(":")
        return Provider.objects.get(pk=number), sender
