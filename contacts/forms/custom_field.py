"""A custom field as administrators define it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts import spelling
from contacts.models import CustomField
from contacts.services import custom_fields
from smsapp.common.forms import HouseForm


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 8, "cols": 40})

    def prepare_value(self, value: Any) -> Any:
        """A list as people write it."""
        return "\n".join(value) if isinstance(value, (list, tuple)) else value

    def clean(self, value: Any) -> Any:
        """The lines with something on them."""
        return [line for line in map(spelling.plain, super().clean(value).splitlines()) if line]


class CustomFieldForm(HouseForm, forms.ModelForm):  # type: ignore[type-arg]
    """All of its checks are those of the service, each beside the field to mend."""

    asks = {
        "label": _("Write what the field is called on forms, for example “Membership”."), "type": _("Choose the type."),
        "position": _("Write its place among the fields, for example 10."),
    }  # fmt: skip

    choices = LinesField(label=_("Choices"), required=False, help_text=_("One a line, in the order in which people see them. For the type “Choice” only."))
    drop_used_choices = forms.BooleanField(
        label=_("Drop choices in use"), required=False, help_text=_("Contacts keep a choice that is no longer offered until somebody changes it.")
    )

    class Meta:
        model = CustomField
        fields = ("label", "key", "type", "choices", "help_text", "position", "archived")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.before = CustomField.objects.filter(pk=self.instance.pk).first()
        if self.before is None or self.before.type != CustomField.Type.CHOICE:
            self.fields.pop("drop_used_choices", None)

    def clean(self) -> dict[str, Any]:
        """Nothing that would take values from contacts without a word."""
        values = super().clean() or {}
        if values.get("type") != CustomField.Type.CHOICE:
            values["choices"] = []
        if values.get("key") == "" and values.get("label"):
            values["key"] = custom_fields.key_for(values["label"], custom_fields.keys_taken())
        for name, sentence in self._problems(values):
            if name not in self.errors:  # what cannot be read at all was told already
                self.add_error(name if name in self.fields else None, sentence)
        return values

    def _problems(self, values: dict[str, Any]) -> list[custom_fields.Problem]:
        told = {name: value for name, value in values.items() if name != "drop_used_choices"}
        wanted = CustomField(**{"pk": self.instance.pk, "key": self.instance.key} | told)
        return custom_fields.problems_of(wanted, self.before, drop_used_choices=bool(values.get("drop_used_choices")))
