"""What the list of marketing activities is searched for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models import Campaign, Mailing
from smsapp.common.forms import FilterForm
from workflows.activities.finding import Wanted
from workflows.activities.kinds import HIDDEN, MANY, Kind, Stand, seen_by, statuses
from workflows.models import Execution, Workflow

LARGEST = 2**63 - 1
PARTS = ("parent", "execution", "workflow")  # where a link came from: no field of the pane, a chip above the list


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


GONE = {
    "parent": _("The list is narrowed to a recurring SMS that does not exist."),
    "execution": _("The list is narrowed to a recurring execution that does not exist."),
    "workflow": _("The list is narrowed to a workflow that does not exist."),
}  # fmt: skip
PLACES: dict[str, Any] = {"parent": Mailing.objects, "execution": Execution.objects.select_related("parent"), "workflow": Workflow.objects}


def _part(name: str) -> forms.IntegerField:
    said = dict.fromkeys(("invalid", "min_value", "max_value"), GONE[name])
    return forms.IntegerField(required=False, min_value=1, max_value=LARGEST, widget=forms.HiddenInput, error_messages=said)


class ActivitySearch(FilterForm, forms.Form):
    """The search pane. What cannot be read says why beside its field, and then nothing is found."""

    q = forms.CharField(label=_("Label"), required=False, max_length=120, widget=forms.TextInput({"type": "search"}))
    id = forms.IntegerField(
        label=_("ID"), required=False, min_value=1, max_value=LARGEST, widget=forms.TextInput({"inputmode": "numeric"}),
        error_messages={"invalid": _("An ID is a whole number, for example 1204."), "max_value": _("There is no ID as large as this.")},
    )  # fmt: skip
    kind = forms.MultipleChoiceField(label=pgettext_lazy("of an activity", "Kind"), required=False, widget=forms.CheckboxSelectMultiple)
    status = forms.ChoiceField(label=_("Status"), required=False)
    campaign: Any = forms.ModelChoiceField(None, label=_("Campaign"), required=False, empty_label=_("Any"))
    since = _day(pgettext_lazy("first day", "From"))
    until = _day(pgettext_lazy("last day", "To"))
    recurring = forms.BooleanField(label=_("Show recurring executions"), required=False)
    parent, execution, workflow = _part("parent"), _part("execution"), _part("workflow")

    def __init__(self, data: Any, *, user: Any) -> None:
        super().__init__(data)
        self.kinds = seen_by(user)
        self.fields["kind"].choices = [(kind.value, MANY[kind]) for kind in self.kinds]  # type: ignore[attr-defined]
        self.fields["status"].choices = [("", _("Any")), *statuses()]  # type: ignore[attr-defined]
        self.fields["campaign"].queryset = Campaign.objects.all() if user.has_perm("campaigns.view_campaign") else Campaign.objects.none()  # type: ignore[attr-defined]
        for name in ("kind", "recurring"):
            self.fields[name].widget.attrs["class"] = "form-check-input"

    def clean(self) -> dict[str, Any]:
        """What a link narrowed the list to is there."""
        values = super().clean()
        self.parts = {name: PLACES[name].filter(pk=values[name]).first() for name in PARTS if values.get(name)}
        for name, found in self.parts.items():
            if found is None:
                self.add_error(name, GONE[name])
        return values

    @property
    def refusals(self) -> list[str]:
        """Why it cannot be read, as far as no field of the pane says it."""
        return [sentence for field in self.hidden_fields() for sentence in field.errors]

    @property
    def wanted(self) -> Wanted:
        """Nothing, where any of it cannot be read."""
        if not self.is_valid():
            return Wanted(frozenset())
        values = self.cleaned_data
        asked = [Kind(kind) for kind in values.get("kind") or ()]
        narrowed = {name: values.get(name) for name in PARTS}
        recurring = bool(values.get("recurring")) or bool(HIDDEN.intersection(asked))
        # one send stands there by itself only where somebody asks for sends, or looks among all executions for an id or for its label
        by_id, words = bool(values.get("id")), values.get("q", "").replace("\0", "")
        usual = [kind for kind in self.kinds if kind != Kind.SEND or (recurring and (by_id or words))]
        return Wanted(
            frozenset(asked or usual), words=words, own_labels=not asked and not by_id, pk=values.get("id"), status=values.get("status", ""),
            since=values.get("since"), until=values.get("until"), campaign=values["campaign"].pk if values.get("campaign") else None,
            recurring=recurring, **narrowed,
        )  # fmt: skip

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """What is searched for, as an address and a form carry it."""
        data: Any = self.data  # a QueryDict
        return [(name, value) for name in self.fields for value in data.getlist(name) if value]

    @property
    def narrows(self) -> bool:
        """Whether anything is left out that would stand there otherwise."""
        return any(name != "recurring" for name, _value in self.pairs)

    @property
    def hides(self) -> bool:
        """Whether recurring executions are hidden that somebody may see."""
        return not self.wanted.recurring and self.wanted.status != Stand.ARCHIVED and bool(HIDDEN.intersection(self.kinds))
