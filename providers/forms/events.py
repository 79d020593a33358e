"""What the list of webhook events is narrowed to."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from providers import events
from providers.models import Provider, WebhookEvent
from smsapp.common.forms import HouseForm

TROUBLE = "trouble"


class EventFilters(HouseForm, forms.Form):
    """Provider, kind, state, days, and a gateway's id or a number."""

    provider = forms.ModelChoiceField(Provider.objects.order_by("name"), label=_("Provider"), required=False, empty_label=_("Any"))
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("Any")), ("status", _("Delivery report")), ("inbound", _("Incoming text"))])
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Any")), (TROUBLE, _("Unmatched or not understood")), *WebhookEvent.State.choices]
    )
    since = forms.DateField(label=_("Received since"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(label=_("until"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    q = forms.CharField(label=_("Gateway’s reference or number"), required=False, max_length=80)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        for name, box in self.fields.items():
            box.widget.attrs.update({"class": "form-select" if isinstance(box, forms.ChoiceField) else "form-control", "id": f"filter_{name}"})

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        values = super().clean() or {}
        self.check_period(values)
        return values

    def events(self) -> QuerySet[WebhookEvent]:
        """Those that match. What makes no sense matches none: a replay of all that match must never reach further than meant."""
        if not self.is_valid():
            return WebhookEvent.objects.none()
        found, wanted = WebhookEvent.objects.all(), self.cleaned_data
        if wanted["provider"]:
            found = found.filter(provider=wanted["provider"])
        if wanted["kind"]:
            found = found.filter(event=wanted["kind"])
        if state := wanted["state"]:
            found = found.filter(state__in=["unmatched", "broken"] if state == TROUBLE else [state])
        if wanted["since"]:
            found = found.filter(received_at__date__gte=wanted["since"])
        if wanted["until"]:
            found = found.filter(received_at__date__lt=wanted["until"] + timedelta(days=1))
        return events.search(found, wanted["q"]) if wanted["q"] else found

    @property
    def in_use(self) -> bool:
        """Whether anything is narrowed."""
        return any(self.data.get(name) for name in self.fields)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """What is narrowed, as an address and a form carry it."""
        return [(name, str(self.data[name])) for name in self.fields if self.data.get(name)]
