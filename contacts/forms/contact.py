"""A contact's own fields, its tags and custom fields; the numbers have their own forms."""

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.forms.custom import value_fields
from contacts.forms.tags import TagsField
from contacts.models import Contact, CustomField
from contacts.services.contacts import OWN
from contacts.services.custom_fields import form_name
from smsapp.common.forms import HouseForm

OLDEST = 1900  # birth dates before are slips of the pen
FLAGS = ("do_not_sms", "opted_out", "deceased")


class ContactForm(HouseForm, forms.ModelForm):  # type: ignore[type-arg]
    """Who somebody is, and whether texts are welcome."""

    tags = TagsField()
    ours = forms.BooleanField(
        label=_("Our own decision"), required=False, help_text=_("Tick this too if the opt-out is not what the person said: staff can take it back here.")
    )

    class Meta:
        model = Contact
        fields = OWN
        widgets = {"birth_date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, region: str = "FR", **options: Any) -> None:
        super().__init__(*args, **options)
        self.region = region
        custom = list(CustomField.objects.active())
        self.keys = {form_name(field.key): field.key for field in custom}
        self.fields |= value_fields(custom, self.instance.custom, region)
        self.fields["tags"].initial = self.instance.tags
        self.fields["language"].choices = [("", _("Not known")), *Contact._meta.get_field("language").flatchoices]  # type: ignore[attr-defined]
        self.person = _part(("first_name", "last_name"), ("organisation", "email"), ("language", "birth_date", "external_id"), ("tags",))
        self.custom = _part(*(tuple(self.keys)[place : place + 2] for place in range(0, len(self.keys), 2)))
        self.consent = _part(("do_not_sms",), ("opted_out",), *([] if self.initial.get("opted_out") else [("ours",)]), ("deceased",))

    def clean(self) -> dict[str, Any]:
        """Somebody without any name cannot be found again."""
        values = super().clean() or {}
        if not any(values.get(name) for name in ("first_name", "last_name", "organisation", "email")) and not self.errors:
            self.add_error("last_name", _("Write at least a name, an organisation or an e-mail, so that this contact can be found again."))
        return values

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() | {"external_id"}  # the service refuses a second one, with a sentence

    def clean_birth_date(self) -> date | None:
        """A day that can be: the same bounds as in an import."""
        day: date | None = self.cleaned_data["birth_date"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come. Check the year."))
        if day and day.year < OLDEST:
            raise forms.ValidationError(_("Before the year 1900. Check the year."))
        return day

    @property
    def flags_seen(self) -> list[tuple[str, str]]:
        """The boxes about texts as the person saw them first, as pairs of name and value for hidden fields."""
        return [(f"was_{name}", self.data.get(f"was_{name}", "1" if self.initial.get(name) else "")) for name in FLAGS]

    def values(self) -> dict[str, Any]:
        """What to save. A box about texts that the person left as it was says nothing: what somebody else decided meanwhile holds."""
        values = {name: self.cleaned_data[name] for name in (*OWN, "tags")}
        for name in FLAGS:
            if self.data.get(f"was_{name}") == ("1" if values[name] else ""):
                del values[name]
        said = not self.cleaned_data["ours"]
        return {**values, "said": said, "custom": {key: self.cleaned_data[name] for name, key in self.keys.items()}, "region": self.region}


def _part(*rows: tuple[str, ...]) -> FormHelper:
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.layout = Layout(*(Div(*row, css_class="field-row") if len(row) > 1 else row[0] for row in rows))
    helper.render_unmentioned_fields = False
    return helper
