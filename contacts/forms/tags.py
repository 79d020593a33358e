"""Tags in a field: words separated by commas, completed from those in use."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts import tags
from contacts.spelling import ValueProblem
from smsapp.common.forms import HouseForm

KNOWN_TAGS = "known-tags"  # id of the list that completes them


class TagsField(forms.CharField):
    """Many tags; the value is a list."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"list": KNOWN_TAGS, "data-tags": "", "autocomplete": "off"})
        super().__init__(label=_("Tags"), required=False, widget=widget, help_text=_("Separated by commas, for example “volunteer, board”."), **options)

    def prepare_value(self, value: Any) -> Any:
        """A list as people write it."""
        return ", ".join(value) if isinstance(value, (list, tuple)) else value

    def clean(self, value: Any) -> Any:
        """A list; the first thing that is wrong, as a sentence."""
        try:
            return tags.split(super().clean(value))
        except ValueProblem as problem:
            raise forms.ValidationError(problem.message, code=problem.code) from None


class TagForm(HouseForm, forms.Form):
    """One tag to give or to take; not called `tag`, which is a filter of the list that is posted along."""

    word = forms.CharField(
        label=_("Tag"), max_length=200, widget=forms.TextInput(attrs={"list": KNOWN_TAGS, "autocomplete": "off"}),
        error_messages={"required": _("Write the tag, for example volunteer.")},
    )  # fmt: skip

    def clean_word(self) -> str:
        """Exactly one."""
        try:
            found = tags.clean([self.cleaned_data["word"]])
        except ValueProblem as problem:
            raise forms.ValidationError(problem.message, code=problem.code) from None
        if not found:
            raise forms.ValidationError(_("Write the tag, for example volunteer."), code="required")
        return found[0]
