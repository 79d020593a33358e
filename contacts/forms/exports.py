"""What somebody chooses for an export: columns in their order, and how the file is written."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from contacts.exporting.sources import Source
from contacts.models import ExportJob
from smsapp.common.forms import HouseForm

Format, Separator = ExportJob.Format, ExportJob.Separator


class ExportForm(HouseForm, forms.Form):
    """`order` names all columns as they stand on the page, `column` those that are ticked; `up` and `down` move one without script."""

    format = forms.ChoiceField(
        label=_("Format"), choices=[(Format.CSV, _("CSV: any program, any number of rows")), (Format.XLSX, _("Excel (XLSX): opens at once in a spreadsheet"))],
        widget=forms.RadioSelect,
    )  # fmt: skip
    separator = forms.ChoiceField(label=_("Between the cells of CSV"), choices=Separator.choices, help_text=_("Excel in French opens semicolons at once."))
    column = forms.MultipleChoiceField(label=_("Columns"), required=False)

    def __init__(self, data: Any = None, *, source: Source, last: ExportJob | None = None) -> None:
        separator = Separator.SEMICOLON if (get_language() or "").startswith("fr") else Separator.COMMA
        super().__init__(data, initial={"format": last.format if last else Format.CSV, "separator": last.separator if last else separator})
        self.offered = source.offered()
        self.fields["column"].choices = [(column.key, column.label) for column in self.offered]  # type: ignore[attr-defined]
        if data is not None:
            self.ticked, self.order = data.getlist("column"), _moved(data.getlist("order"), data.get("up", ""), data.get("down", ""))
        else:
            self.ticked = self.order = last.columns if last else source.usual()

    def rows(self) -> list[dict[str, Any]]:
        """Columns as they stand on the page, the ones that nobody has placed last."""
        known = {column.key: column for column in self.offered}
        keys = dict.fromkeys([*(key for key in self.order if key in known), *known])
        return [{"key": key, "label": known[key].label, "ticked": key in self.ticked} for key in keys]

    def keys(self) -> list[str]:
        """The ticked columns in their order."""
        return [row["key"] for row in self.rows() if row["ticked"]]

    @property
    def is_move(self) -> bool:
        """Somebody only moved a column."""
        return bool(self.is_bound and (self.data.get("up") or self.data.get("down")))


def _moved(order: Sequence[str], up: str, down: str) -> list[str]:
    keys = list(dict.fromkeys(order))
    for key, step in ((up, -1), (down, 1)):
        if key in keys:
            place = keys.index(key)
            keys.insert(max(place + step, 0), keys.pop(place))
    return keys
