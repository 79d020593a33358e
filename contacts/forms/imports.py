"""What somebody chooses for an import: the file, then its columns and what holds for all rows."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from contacts.forms.tags import TagsField
from contacts.importing import columns
from contacts.models import CustomField, Group, ImportJob
from smsapp.common import countries
from smsapp.common.forms import HouseForm


class UploadForm(HouseForm, forms.Form):
    """The file."""

    file = forms.FileField(
        label=_("CSV file or Excel workbook"),
        help_text=_("Names of columns in the first row. CSV with comma, semicolon or tab, at most 200 MB; XLSX, at most 50 MB. Nothing is imported yet."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}),
        error_messages={"empty": _("The file is empty. Export it again with its column names in the first row.")},
    )


class ColumnsForm(HouseForm, forms.Form):
    """What each column means, how people are found, what everybody gets, where consent comes from."""

    region = forms.ChoiceField(
        label=_("Country of the file"),
        help_text=_("Numbers without a country code, and dates such as 03/04/1990, are read as people write them there."),
    )  # fmt: skip
    match_by = forms.ChoiceField(
        label=_("People are found by"), choices=ImportJob.MatchBy, required=False,
        help_text=_(
            "Who is found is updated, everybody else is new. A number whose contact has another external id leads to nobody; one whose contact has"
            " another e-mail only if first and last name are the same. With one key only, rows without it are refused."
        ),
    )  # fmt: skip
    empty_marker = forms.CharField(
        label=_("Marker of an emptied field"), max_length=20, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("An empty cell changes nothing. A cell with this marker, for example “(empty)”, empties the field."),
    )  # fmt: skip
    groups = forms.ModelMultipleChoiceField(
        Group.objects.filter(archived=False, kind=Group.Kind.STATIC), label=_("Everybody joins"), required=False, widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    tags = TagsField()
    consent_source = forms.CharField(
        label=_("Source of consent"), max_length=200, required=False,
        help_text=_("Where these people agreed to get texts, for example “Sign-up sheet of the open evening”. Empty: the file brings no consent."),
    )  # fmt: skip
    consent_wording = forms.CharField(
        label=_("What they agreed to"), max_length=2_000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The words that they read or heard. They are kept with each opt-in."),
    )  # fmt: skip

    def __init__(self, job: ImportJob, header: list[str], data: Any = None, *, types: Sequence[str] = ()) -> None:
        """`types`: of columns that may become new fields, the type that each looks like; empty for those who may add none."""
        chosen = {name: getattr(job, name) for name in ("region", "tags", "match_by", "empty_marker", "consent_source", "consent_wording")}
        super().__init__(data, initial={**chosen, "groups": job.group_ids})
        self.fields["region"].choices = countries.choices()  # type: ignore[attr-defined]
        self.fields["tags"].label = _("Everybody gets these tags")
        self.names = [f"column_{index}" for index in range(len(header))]
        known, ours = _known_meanings(), columns.of_refused_rows(header)
        for index, (name, label) in enumerate(zip(self.names, columns.names(header), strict=True)):
            choices = [*known, *(_new_field(label, types[index]) if types and index not in ours else [])]
            field = forms.ChoiceField(label=label, choices=choices, required=False, initial=job.mapping.get(str(index), ""))
            field.widget.attrs |= {"class": "form-select form-select-sm", "aria-label": _t("Column %(name)s becomes") % {"name": label}}
            self.fields[name] = field
        self.people = _part("region", "match_by", "empty_marker")
        self.everybody = _part("groups", "tags") if self.fields["groups"].queryset.exists() else _part("tags")  # type: ignore[attr-defined]
        self.consent = _part("consent_source", "consent_wording")

    def heads(self) -> list[Any]:
        """The bound field of each column, in the order of the file."""
        return [self[name] for name in self.names]

    def mapping(self) -> dict[str, str]:
        """Column index to meaning, without those left out."""
        return {str(index): meaning for index, name in enumerate(self.names) if (meaning := self.cleaned_data[name])}

    def choices(self) -> dict[str, Any]:
        """What holds for all rows, as contacts.services.imports.check takes it."""
        plain = ("region", "match_by", "empty_marker", "tags", "consent_source", "consent_wording")
        told = {name: self.cleaned_data[name] for name in plain}
        return {**told, "match_by": told["match_by"] or ImportJob.MatchBy.ANY, "group_ids": [group.pk for group in self.cleaned_data["groups"]]}


def _known_meanings() -> list[Any]:
    custom = [(meaning, field.label) for meaning, field in columns.custom_fields().items()]
    return [("", _("Leave out")), (_("Contact"), list(columns.FIELDS.items())), *([(_("Further details"), custom)] if custom else [])]


def _new_field(name: str, guessed: str) -> list[Any]:
    """The ways to make a field of the column, the one that it looks like first."""
    kinds = sorted(CustomField.Type.values, key=lambda kind: kind != guessed)
    return [(_t("New field “%(name)s”") % {"name": name}, [(f"{columns.NEW}{kind}", _offer(kind, guessed)) for kind in kinds])]


def _offer(kind: str, guessed: str) -> str:
    words = _t("New: %(type)s, as it looks") if kind == guessed else _t("New: %(type)s")
    return words % {"type": columns.type_label(kind).lower()}


def _part(*names: str) -> FormHelper:
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.layout = Layout(Div(*names, css_class="field-row") if len(names) > 1 else names[0])
    helper.render_unmentioned_fields = False
    return helper
