"""Fields of the contact form that administrators defined: a widget and a check by type."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts import custom_values
from contacts.models import CustomField
from contacts.services.custom_fields import form_name
from contacts.spelling import ValueProblem

Type = CustomField.Type
UNKNOWN = _("Not known")
SHORTENED = _("Write the number out in digits, for example 100000 and not 1e5.")  # no spreadsheet stands behind a form


class ValueField(forms.CharField):
    """A value of a custom field: cleaned as everywhere, refused with the same sentence."""

    def __init__(self, field: CustomField, present: Any, region: str) -> None:
        self.kind, self.choices, self.region, self.present = field.type, field.choices, region, present
        super().__init__(
            label=field.label, help_text=field.help_text, required=False, widget=_widget(field, present),
            initial=custom_values.as_written(field.type, present, region),
        )  # fmt: skip

    def clean(self, value: Any) -> Any:
        """The value to store; None for nothing."""
        text = super().clean(value)
        if text == self.initial:
            return self.present  # untouched: also when the choice is no longer offered
        try:
            return custom_values.clean(self.kind, text, choices=self.choices, region=self.region)
        except ValueProblem as problem:
            raise forms.ValidationError(SHORTENED if problem.code == "lossy_number" else problem.message, code=problem.code) from None


def _widget(field: CustomField, present: Any) -> forms.Widget:
    if field.type == Type.DATE:
        return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    if field.type == Type.NUMBER:
        return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    if field.type == Type.YES_NO:
        return forms.Select(choices=[("", UNKNOWN), ("yes", _("Yes")), ("no", _("No"))])
    if field.type == Type.CHOICE:
        return forms.Select(choices=[("", UNKNOWN), *((choice, choice) for choice in field.choices), *_gone(field, present)])
    return forms.TextInput(attrs={"maxlength": custom_values.LONGEST_TEXT})


def _gone(field: CustomField, present: Any) -> list[tuple[str, Any]]:
    """The choice that this contact has although it is not offered any more."""
    return [(str(present), _("%(choice)s (no longer a choice)") % {"choice": present})] if present and present not in field.choices else []


def value_fields(fields: Iterable[CustomField], values: dict[str, Any], region: str) -> dict[str, ValueField]:
    """Form fields by name, in the order of the custom fields."""
    return {form_name(field.key): ValueField(field, values.get(field.key), region) for field in fields}
