"""A text to one person or a few chosen ones."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.forms.composer import ComposerForm, TemplateFields
from campaigns.forms.schedule import WhenFields
from campaigns.forms.sender import SenderField, options


class OneOffForm(ComposerForm, TemplateFields, WhenFields):
    """Who it comes from, its name and text, and when it leaves. The numbers (`to`) are judged by the view: they are rows, not choices."""

    origin = SenderField()
    subject = forms.CharField(
        label=_("SMS name"), max_length=120, help_text=_("Shown in each contact's history, not in the text."),
        error_messages={"required": _("Give the SMS a name, for example “Rehearsal moved”.")},
    )  # fmt: skip
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["when"].required = False  # a form that does not ask sends now
        self.fields["origin"].choices = options()  # type: ignore[attr-defined]
        self.fields["subject"].widget.attrs |= {"class": "form-control", "autocomplete": "off"}
