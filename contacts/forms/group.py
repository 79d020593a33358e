"""A group's name and description."""

from django import forms
from django.utils.translation import gettext_lazy as _


class GroupForm(forms.Form):
    """What a group is called and what it is for."""

    name = forms.CharField(label=_("Name"), max_length=100)
    description = forms.CharField(label=_("Description"), max_length=300, required=False, help_text=_("Who is in it, and who keeps it up to date."))
