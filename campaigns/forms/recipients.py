"""Step 1 of the wizard: name, campaign and groups."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from contacts.models import Group


class RecipientsForm(forms.Form):
    """What is it called, who gets it. `include` and `exclude` come from the picker."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("Shown in each contact's history, not in the text."),
        error_messages={"required": _("Give the SMS a name, for example “Rehearsal moved”.")},
    )  # fmt: skip
    campaign = forms.ModelChoiceField(Campaign.objects.all(), label=_("Campaign"), required=False, empty_label=_("No campaign"))
    include = forms.ModelMultipleChoiceField(Group.objects.all(), required=False, widget=forms.MultipleHiddenInput)
    exclude = forms.ModelMultipleChoiceField(Group.objects.all(), required=False, widget=forms.MultipleHiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, going_on: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.going_on = going_on
        self.fields["name"].widget.attrs |= {"class": "form-control", "autocomplete": "off"}
        self.fields["campaign"].widget.attrs |= {"class": "form-select"}

    def clean(self) -> dict[str, Any]:
        """The next step needs somebody; a draft for later does not."""
        cleaned = super().clean() or self.cleaned_data
        if self.going_on and "include" in cleaned and not cleaned["include"]:
            self.add_error(None, _("Nobody is chosen yet. Tick at least one group and press Include."))
        both = set(cleaned.get("include") or ()) & set(cleaned.get("exclude") or ())
        for group in sorted(both, key=str):
            self.add_error(None, _("“%(group)s” is included and excluded. Remove it from one side.") % {"group": group})
        return cleaned
