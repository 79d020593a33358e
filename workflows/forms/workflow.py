"""A workflow as people name it, and what their list is narrowed to."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.forms.campaign import CampaignChoice
from contacts.models.folding import fold, folded
from smsapp.common.forms import HouseForm, LabelField, time_zone_field
from workflows.states import WorkflowState


class WorkflowForm(HouseForm, forms.Form):
    """Label, campaign, time zone."""

    asks = {"label": _("Give the workflow a label, for example “Birthday SMS”.")}
    label = LabelField(label=_("Label"), max_length=120)
    campaign = CampaignChoice()
    time_zone = time_zone_field(_("Time zone"), help_text=_("Days begin and schedulers run by the clock there."))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["campaign"].offer(self.initial.get("campaign"))  # type: ignore[attr-defined]


class PropertiesForm(WorkflowForm):
    """Of a workflow that exists, what it is for, how many errors it bears and how long its history is kept too."""

    description = forms.CharField(
        label=_("Description"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("It stands above the canvas.")
    )
    error_limit = forms.IntegerField(
        label=_("Errors in a row that stop it"), min_value=1, max_value=100, help_text=_("Also where steps leave out their branch after an error."),
    )  # fmt: skip
    history_days = forms.IntegerField(
        label=_("Days that its history is kept"), min_value=1, max_value=3650,
        help_text=_("Runs, their people and the log; then they are removed. What was sent stays."),
    )  # fmt: skip

    field_order = ("label", "description")


class WorkflowFilters(HouseForm, forms.Form):
    """Words of the label, and the state; what makes no sense is left out."""

    q = forms.CharField(label=_("Label"), required=False, max_length=120)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("Any")), *WorkflowState.choices])

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["q"].widget.attrs.update({"class": "form-control", "id": "filter_q"})
        self.fields["state"].widget.attrs.update({"class": "form-select", "id": "filter_state"})

    def narrow(self, workflows: Any) -> Any:
        """The workflows that match."""
        self.is_valid()
        if q := self.cleaned_data.get("q"):
            workflows = workflows.alias(said=folded("label")).filter(said__contains=fold(q))
        if state := self.cleaned_data.get("state"):
            workflows = workflows.filter(state=state)
        return workflows

    @property
    def in_use(self) -> bool:
        """Whether anything is narrowed."""
        self.is_valid()
        return any(self.cleaned_data.get(name) for name in self.fields)
