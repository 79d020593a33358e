"""What is written in the inbox: an answer, an internal note, who somebody unknown is."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.forms.composer import TemplateField, TextField
from campaigns.forms.sender import SenderField, options
from contacts.models import Contact
from smsapp.common.forms import HouseForm


class ReplyForm(HouseForm, forms.Form):
    """One text to one person; the composer's parts read it as they do any form with a text."""

    text = TextField(label=_("Reply by SMS"))
    origin = SenderField()
    template = TemplateField()
    template_seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)
    written: tuple[str, ...] = ()  # other languages: one person reads one

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["origin"].choices = options()  # type: ignore[attr-defined]


class NoteForm(HouseForm, forms.Form):
    """What staff tell each other."""

    text = forms.CharField(
        label=_("Internal note"), max_length=2_000, widget=forms.Textarea({"rows": 2, "id": "id_note"}),
        error_messages={"required": _("Write the note first.")},
    )  # fmt: skip


class PersonForm(HouseForm, forms.ModelForm):  # type: ignore[type-arg]
    """Who an unknown number belongs to."""

    class Meta:
        model = Contact
        fields = ("first_name", "last_name", "organisation", "email", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("Not known")), *Contact._meta.get_field("language").flatchoices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Somebody without any name cannot be found again."""
        values = super().clean() or {}
        if not any(values.get(name) for name in ("first_name", "last_name", "organisation", "email")) and not self.errors:
            self.add_error("last_name", _("Write at least a name, an organisation or an e-mail, so that this contact can be found again."))
        return values
