"""What somebody chooses for an import: the file, then its columns, region and groups."""

from typing import Any

import phonenumbers
from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.importing import columns
from contacts.models import Group, ImportJob


def regions() -> list[tuple[str, str]]:
    """Countries with their calling code."""
    return [(code, f"{code} (+{phonenumbers.country_code_for_region(code)})") for code in sorted(phonenumbers.SUPPORTED_REGIONS)]


class UploadForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=_("CSV file or Excel workbook"),
        help_text=_("Names of columns in the first row. CSV with comma, semicolon or tab, at most 200 MB; XLSX, at most 50 MB. Nothing is imported yet."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}),
        error_messages={"empty": _("The file is empty. Export it again with its column names in the first row.")},
    )


class ColumnsForm(forms.Form):
    """What each column means, and who joins which groups."""

    region = forms.ChoiceField(label=_("Country of numbers without one"))
    groups = forms.ModelMultipleChoiceField(
        Group.objects.filter(archived=False),
        label=_("Everybody joins"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, job: ImportJob, header: list[str], data: Any = None) -> None:
        super().__init__(data, initial={"region": job.region, "groups": job.group_ids})
        self.fields["region"].choices = regions()  # type: ignore[attr-defined]
        choices = [("", _("Leave out")), *columns.FIELDS.items()]
        self.names = [f"column_{index}" for index in range(len(header))]
        for index, (name, label) in enumerate(zip(self.names, columns.names(header), strict=True)):
            field = forms.ChoiceField(label=label, choices=choices, required=False, initial=job.mapping.get(str(index), ""))
            field.widget.attrs |= {"class": "form-select form-select-sm", "aria-label": _("Column %(name)s becomes") % {"name": label}}
            self.fields[name] = field

    def heads(self) -> list[Any]:
        """The bound field of each column, in the order of the file."""
        return [self[name] for name in self.names]

    def mapping(self) -> dict[str, str]:
        """Column index to field, without those left out."""
        return {str(index): field for index, name in enumerate(self.names) if (field := self.cleaned_data[name])}
