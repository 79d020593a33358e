"""A campaign as people write it, what a list of campaigns is narrowed to, and where a mailing is filed."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign
from campaigns.models.campaign import CampaignQuerySet
from campaigns.phases import Phase
from contacts.models.folding import fold, folded
from smsapp.common.bidi import isolated
from smsapp.common.forms import HouseForm

FIRST_YEAR, LAST_YEAR = 2000, 2099


def _day(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=False, help_text=help_text, widget=forms.DateInput({"type": "date", "class": "form-control"}, format="%Y-%m-%d")
    )


class CampaignForm(HouseForm, forms.Form):
    """Name, dates, what it is for."""

    asks = {"name": gettext_lazy("Give the campaign a name, for example “Spring season”.")}

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, help_text=gettext_lazy("Under this name people find it when they make a mailing."))
    description = forms.CharField(
        label=gettext_lazy("Description"), required=False, max_length=1000, widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("What it is for, and who looks after it. Nobody who is texted reads this."),
    )  # fmt: skip
    starts_on = _day(gettext_lazy("First day"), gettext_lazy("Both days can stay empty. They are for finding it: nothing is sent or stopped by them."))
    ends_on = _day(gettext_lazy("Last day"))
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_starts_on(self) -> date | None:
        """A year that people live in."""
        return _in_our_time(self.cleaned_data["starts_on"])

    def clean_ends_on(self) -> date | None:
        """The same."""
        return _in_our_time(self.cleaned_data["ends_on"])

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        values = super().clean() or self.cleaned_data
        self.check_period(values, "starts_on", "ends_on")
        return values

    @property
    def facts(self) -> dict[str, Any]:
        """As the service takes them."""
        return {name: self.cleaned_data[name] for name in ("name", "description", "starts_on", "ends_on")}


def _in_our_time(day: date | None) -> date | None:
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        words = _("The year is %(year)s. Choose one between %(first)s and %(last)s.")
        raise forms.ValidationError(words % {"year": day.year, "first": FIRST_YEAR, "last": LAST_YEAR})
    return day


def initial_of(campaign: Campaign) -> dict[str, Any]:
    """The form's first values."""
    fields = {name: getattr(campaign, name) for name in ("name", "description", "starts_on", "ends_on")}
    return fields | {"seen": campaign.updated_at.isoformat()}


class CampaignFilters(HouseForm, forms.Form):
    """Words of the name or the description, and where it stands by its dates; what makes no sense is left out."""

    q = forms.CharField(label=gettext_lazy("Name or description"), required=False, max_length=120)
    phase = forms.ChoiceField(label=gettext_lazy("State"), required=False, choices=[("", gettext_lazy("Any")), *Phase.choices])

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["q"].widget.attrs.update({"class": "form-control", "id": "filter_q"})
        self.fields["phase"].widget.attrs.update({"class": "form-select", "id": "filter_phase"})

    def narrow(self, campaigns: CampaignQuerySet, today: date) -> CampaignQuerySet:
        """The campaigns that match."""
        self.is_valid()
        if q := self.cleaned_data.get("q"):
            said = campaigns.alias(said_name=folded("name"), said_text=folded("description"))
            campaigns = said.filter(Q(said_name__contains=fold(q)) | Q(said_text__contains=fold(q)))
        if phase := self.cleaned_data.get("phase"):
            campaigns = campaigns.in_phase(Phase(phase), today)
        return campaigns

    @property
    def in_use(self) -> bool:
        """Whether anything is narrowed."""
        self.is_valid()
        return any(self.cleaned_data.get(name) for name in self.fields)


class CampaignChoice(forms.ModelChoiceField):
    """Campaigns that a mailing may be filed under; those that are over, or archived, say so."""

    def __init__(self, **options: Any) -> None:
        values = {"label": gettext_lazy("Campaign"), "required": False, "empty_label": gettext_lazy("No campaign")}
        super().__init__(Campaign.objects.none(), **values | options)
        self.widget.attrs["class"] = "form-select"

    def offer(self, filed_under: int | None) -> None:
        """Read them now; where the mailing is filed can stay, whatever became of it."""
        self.queryset = Campaign.objects.offered(timezone.localdate(), also=filed_under)

    def label_from_instance(self, campaign: Any) -> str:
        """Its name, and why it may be the wrong one."""
        if campaign.archived:
            return _("%(name)s (archived)") % {"name": isolated(campaign.name)}
        over = campaign.ends_on is not None and campaign.ends_on < timezone.localdate()
        return _("%(name)s (over)") % {"name": isolated(campaign.name)} if over else campaign.name


class FilingForm(HouseForm, forms.Form):
    """Where a mailing is filed."""

    campaign = CampaignChoice()

    def __init__(self, *args: Any, filed_under: int | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["campaign"].offer(filed_under)  # type: ignore[attr-defined]
