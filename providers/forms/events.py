"""What the list of webhook events is narrowed to."""

from datetime import timedelta

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from providers import events
from providers.models import Provider, WebhookEvent
from smsapp.common.forms import FilterForm

TROUBLE = "trouble"


class EventFilters(FilterForm, forms.Form):
    """Provider, kind, state, days, and a gateway's id or a number."""

    provider = forms.ModelChoiceField(Provider.objects.order_by("name"), label=_("Provider"), required=False, empty_label=_("Any"))
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("Any")), ("status", _("Delivery report")), ("inbound", _("Incoming text"))])
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Any")), (TROUBLE, _("Unmatched or not understood")), *WebhookEvent.State.choices]
    )
    since = forms.DateField(label=_("Received since"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(label=_("until"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    q = forms.CharField(label=_("Gateway’s reference or number"), required=False, max_length=80)

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
