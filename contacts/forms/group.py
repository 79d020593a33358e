"""A group's name and description, and of a new one its kind."""

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.models import Group
from smsapp.common.forms import HouseForm


class GroupForm(HouseForm, forms.Form):
    """What a group is called and what it is for."""

    asks = {"name": _("Write the name of the group.")}

    name = forms.CharField(label=_("Name"), max_length=100)
    description = forms.CharField(label=_("Description"), max_length=300, required=False, help_text=_("Who is in it, and who keeps it up to date."))


class NewGroupForm(GroupForm):
    """The same, and how people come into it."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Group.Kind.choices, initial=Group.Kind.STATIC, required=False)
