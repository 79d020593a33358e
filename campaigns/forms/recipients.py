"""Step 1 of the wizard: name, campaign, groups and earlier mailings."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.audience import Part, parts_with, split
from campaigns.forms.campaign import CampaignChoice
from campaigns.services import mailings
from campaigns.services.errors import CampaignError
from smsapp.common.bidi import isolated
from smsapp.common.forms import HouseForm


class PartsField(forms.Field):
    """Keys of groups and mailings, as the picker writes them; cleaned to the rows themselves."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[Part]:
        """All of them, or an error."""
        keys = [str(key) for key in value or ()]
        found = parts_with(keys)
        if len(found) != sum(map(len, split(keys))) or len(found) != len(set(keys)):
            raise forms.ValidationError(_("A chosen group or mailing is not there any more. Look at the boxes, then go on."))
        return found


class RecipientsForm(HouseForm, forms.Form):
    """What is it called, who gets it. `include` and `exclude` come from the picker."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("Shown in each contact's history, not in the text."),
        error_messages={"required": _("Give the SMS a name, for example “Rehearsal moved”.")},
    )  # fmt: skip
    campaign = CampaignChoice()
    new_campaign = forms.CharField(
        label=_("Name of a new campaign"), max_length=120, required=False,
        help_text=_("It is made when you go on, and this mailing is filed under it. Dates can be added later."),
    )  # fmt: skip
    include = PartsField(required=False, label=_("Included"))
    exclude = PartsField(required=False, label=_("Excluded"))
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    filed_under = forms.IntegerField(required=False, widget=forms.HiddenInput)  # the campaign that the person saw

    def __init__(
        self, *args: Any, going_on: bool = False, ticked: Sequence[str] = (), filed_under: int | None = None, makes_campaigns: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.going_on, self.ticked = going_on, ticked
        self.fields["name"].widget.attrs |= {"class": "form-control", "autocomplete": "off"}
        self.fields["campaign"].offer(filed_under)  # type: ignore[attr-defined]
        self.fields["new_campaign"].widget.attrs |= {"class": "form-control", "autocomplete": "off"}
        if not makes_campaigns:
            del self.fields["new_campaign"]

    def clean(self) -> dict[str, Any]:
        """The next step needs somebody; a draft for later does not."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("new_campaign") and cleaned.get("campaign"):
            self.add_error("new_campaign", _("A campaign is chosen already. Choose “No campaign” there, or leave this empty."))
        if self.going_on and (ticked := parts_with(self.ticked)):  # whoever meant to exclude a group must not text it
            words = _("Ticked, but not moved yet: %(names)s. Press Include, Exclude or Remove, or take the ticks out.")
            self.add_error(None, words % {"names": ", ".join(gettext("“%(text)s”") % {"text": isolated(part.name)} for part in ticked)})
        elif self.going_on and "include" in cleaned and not cleaned["include"]:
            self.add_error(None, _("Nobody is chosen yet. Tick at least one group or earlier mailing and press Include."))
        if {"name", "include", "exclude"} <= cleaned.keys():
            try:
                mailings.check_recipients(cleaned["name"], cleaned["include"], cleaned["exclude"])
            except CampaignError as error:
                self.add_error(None, error.message)
        return cleaned
