"""A note on a contact's timeline."""

from django import forms
from django.utils.translation import gettext_lazy as _

from smsapp.common.forms import HouseForm


class NoteForm(HouseForm, forms.Form):
    """Subject and text."""

    asks = {"subject": _("Write what the note is about.")}

    subject = forms.CharField(label=_("Subject"), max_length=200, help_text=_("What it is about, for example “Called back”."))
    details = forms.CharField(label=_("Text"), max_length=5_000, required=False, widget=forms.Textarea(attrs={"rows": 5}))
