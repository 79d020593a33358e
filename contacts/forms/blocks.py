"""Suppressing, quarantining and freeing a number: the number, and why."""

from django import forms
from django.utils.translation import gettext_lazy as _

from smsapp.common.forms import clean_number


class BlockForm(forms.Form):
    """A number in any format, and the reason that people read later."""

    number = forms.CharField(
        label=_("Number"), max_length=60, widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        help_text=_("In any format, for example 06 39 98 04 17 or +33 6 39 98 04 17."),
        error_messages={"required": _("Write the number, for example +33 6 39 98 04 17.")},
    )  # fmt: skip
    why = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("For those who ask later, for example “asked for it on the phone”."),
        error_messages={"required": _("Write the reason, so that others know later why this number gets no text.")},
    )  # fmt: skip

    def __init__(self, *args: object, longest: int = 300, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        why = self.fields["why"]
        why.max_length = longest  # type: ignore[attr-defined]
        why.widget.attrs["maxlength"] = longest
        why.validators = [*forms.CharField(max_length=longest).validators]

    def clean_number(self) -> str:
        """E.164, or the sentence that says what is wrong."""
        return clean_number(self.cleaned_data["number"])


class EndForm(forms.Form):
    """Why a number may be texted again."""

    because = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("For those who ask later, for example “wrong number blocked”."),
        error_messages={"required": _("Write why this number may be texted again.")},
    )  # fmt: skip
