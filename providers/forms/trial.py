"""A report or a text as a gateway posts it, pasted to see what is understood of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from providers import failures, preview
from providers.types import DeliveryReport, InboundSms, ProviderSnapshot, ReportStatus

STATUSES = {
    ReportStatus.ACCEPTED: _("Still on its way"), ReportStatus.DELIVERED: _("Delivered"), ReportStatus.UNDELIVERED: _("Undelivered"),
    ReportStatus.FAILED: _("Failed"), ReportStatus.UNKNOWN: _("Not known: it is kept and changes nothing"),
}  # fmt: skip

@dataclass(frozen=True, slots=True)
class Understood:
    """Rows of (label, value), a list for each report or text; or a fault in words."""

    found: Sequence[Sequence[tuple[Any, Any]]] = ()
    fault: str = ""


class TrialForm(forms.Form):
    """The sample and what it is."""

    event = forms.ChoiceField(label=_("What it is"), choices=[("status", _("A delivery report")), ("inbound", _("A text that somebody sent"))])
    sample = forms.CharField(
        label=_("What the gateway posts"), max_length=20_000, strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "class": "vLargeTextField", "spellcheck": "false"}),
        help_text=_("The body: a form, JSON or XML. For a gateway that calls by GET, the whole address with its query."),
    )  # fmt: skip

    def understood(self, provider: ProviderSnapshot) -> Understood:
        """What the provider's backend makes of it."""
        try:
            said = preview.understood(provider, self.cleaned_data["event"], self.cleaned_data["sample"])
        except (ValueError, NotImplementedError) as problem:
            return Understood(fault=str(problem) or gettext("This kind of gateway posts nothing."))
        return Understood([_rows(one) for one in said])


def _rows(said: DeliveryReport | InboundSms) -> list[tuple[Any, Any]]:
    if isinstance(said, InboundSms):
        return [(_("From"), said.sender), (_("To"), said.recipient), (_("Text"), said.text), (_("The gateway's id"), said.gateway_id)]
    return [
        (_("Status"), STATUSES[said.status]), (_("Its own word"), said.raw_status), (_("Reason"), failures.label(said.reason) if said.reason else ""),
        (_("Its own code"), said.raw_code), (_("The gateway's id"), said.gateway_id),
        (_("Our reference"), said.reference or _("not in it: the address of the report or the gateway's id finds the text")),
    ]  # fmt: skip
