"""The columns of a step that finds people, as plain fields: a name, what it says, and of counts how many days they look back."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns import columns
from campaigns.columns import Column
from contacts.services.custom_fields import key_for
from smsapp.common.forms import LabelField
from workflows.steps.base import StepForm

MOST = 6
GONE = _("This no longer exists")


class ColumnsForm(StepForm):
    """A step that finds people. Whatever has no choice of what it says is no column."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Nothing")), *columns.choices()]
        for number in range(1, MOST + 1):
            self.fields |= _fields_of(number, [*choices, *self._gone(number, choices)])

    @property
    def kept(self) -> list[Column]:
        """The columns that the step has."""
        return columns.read(self.node.options.get("columns"))[:MOST]

    def _gone(self, number: int, choices: list[Any]) -> list[tuple[str, Any]]:
        """What a kept column says, where it is offered no longer: an archived field still says what is known."""
        kept = self.kept[number - 1 : number]
        offered = {what for _heading, group in choices[1:] for what, _label in group}
        return [(column.what, GONE if columns.problem(column) else column.label) for column in kept if column.what not in offered]

    @classmethod
    def initial_of(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        """From the list of columns."""
        initial = {name: value for name, value in options.items() if name != "columns"}
        for number, column in enumerate(columns.read(options.get("columns"))[:MOST], start=1):
            initial |= {f"column_label_{number}": column.label, f"column_what_{number}": column.what, f"column_days_{number}": column.days}
        return initial

    def columns(self) -> list[dict[str, Any]]:
        """The fields of each column together, and those for one more, for the panel; those without mistakes stand closed."""
        found: list[dict[str, Any]] = []
        for number in range(1, min(len(self.kept) + 1, MOST) + 1):
            fields = [self[name] for name in _names_of(number)]
            kept = next(iter(self.kept[number - 1 : number]), None)
            found.append({"fields": fields, "kept": kept, "open": any(field.errors for field in fields)})
        return found

    def clean(self) -> dict[str, Any]:
        """A column that says something is called something, and what it says still exists."""
        values = super().clean() or {}
        for number in range(1, MOST + 1):
            label, what, _days = _names_of(number)
            if values.get(label) and not values.get(what) and what not in self.errors:
                self.add_error(what, _("Choose what the column says, or empty its name."))
            if not values.get(what):
                continue
            if not values.get(label) and label not in self.errors:
                self.add_error(label, _("Give the column a name: texts know it by that."))
            if words := columns.problem(Column("column", values.get(label) or "", values[what])):
                self.add_error(what, words)
        return values

    def options(self) -> dict[str, Any]:
        """Columns as a list; the key of one that was kept stays, for texts name it."""
        plain = {name: value for name, value in self.cleaned_data.items() if not name.startswith("column_")}
        return {**plain, "columns": [column.as_json() for column in self._chosen()]}

    def _chosen(self) -> list[Column]:
        found: list[Column] = []
        taken = {column.key for column in self.kept}
        for number in range(1, MOST + 1):
            label, what, days = (self.cleaned_data.get(name) for name in _names_of(number))
            if what:
                kept = self.kept[number - 1 : number]
                key = kept[0].key if kept else key_for(label, taken)
                taken.add(key)
                found.append(Column(key, label, what, days or columns.USUAL_DAYS))
        return found


def _names_of(number: int) -> tuple[str, str, str]:
    return f"column_label_{number}", f"column_what_{number}", f"column_days_{number}"


def _fields_of(number: int, choices: list[Any]) -> dict[str, forms.Field]:
    label, what, days = _names_of(number)
    return {
        label: LabelField(label=_("Name of the column"), max_length=columns.LONGEST_LABEL, required=False),
        what: forms.ChoiceField(label=_("What it says"), choices=choices, required=False),
        days: forms.IntegerField(
            label=_("Days that are counted"), min_value=1, max_value=columns.MOST_DAYS, required=False, initial=columns.USUAL_DAYS,
            help_text=_("Of numbers of texts and replies."),
        ),
    }  # fmt: skip
