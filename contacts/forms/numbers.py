"""A contact's phone numbers as rows of a form: number, type, and which one is primary."""

from typing import Any, cast

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, PhoneNumber
from contacts.services.numbers import MOST, Entry
from smsapp.common import phone
from smsapp.common.forms import HouseForm
from smsapp.common.models import Organisation

AUTO = ""


class NumberForm(HouseForm, forms.Form):
    """One row; an empty number leaves it out."""

    number = forms.CharField(label=_("Number"), required=False, max_length=60, widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}))
    kind = forms.ChoiceField(label=_("Type"), required=False, choices=[(AUTO, _("By the number")), *PhoneNumber.Kind.choices])

    def __init__(self, *args: Any, region: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.region = region

    def clean_number(self) -> str:
        """E.164, or the sentence that says what is wrong."""
        raw = self.cleaned_data["number"].strip()
        if not raw:
            return ""
        try:
            return phone.normalise(raw, self.region)
        except phone.PhoneError as problem:
            raise forms.ValidationError(str(problem.message), code=problem.code) from None


class NumberForms(BaseFormSet):  # type: ignore[type-arg]
    """All rows, with the number of the primary one in `primary`."""

    @classmethod
    def of(cls, contact: Contact | None, data: Any) -> "NumberForms":
        """The contact's numbers and an empty row, or what was posted."""
        rows = list(contact.numbers.order_by("-is_primary", "id")) if contact else []
        initial = [{"number": phone.display(row.number), "kind": row.kind} for row in rows]
        factory = formset_factory(NumberForm, formset=cls, extra=1 if rows else 2, max_num=MOST, absolute_max=MOST)
        forms_: Any = factory(_with_another(data), initial=initial, prefix="numbers", form_kwargs={"region": Organisation.current().default_region})
        forms_.primary = _index(data.get("primary", "")) if data else 0
        return cast(NumberForms, forms_)

    primary: int

    def clean(self) -> None:
        """Each number once."""
        seen: set[str] = set()
        for form in self.forms:
            number = form.cleaned_data.get("number") if hasattr(form, "cleaned_data") else ""
            if number and number in seen:
                form.add_error("number", _("This number stands here twice. Empty one of the rows."))
            seen.add(number or "")

    def entries(self) -> list[Entry]:
        """Numbers to save."""
        rows = [(index, form.cleaned_data.get("number"), form.cleaned_data.get("kind")) for index, form in enumerate(self.forms)]
        return [(number, kind or phone.kind_of(number), index == self.primary) for index, number, kind in rows if number]


def _index(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _with_another(data: Any) -> Any:
    """Without script, "Add a number" posts the form and gets it back with one more row."""
    if not data or "add_number" not in data:
        return data
    data = data.copy()
    data["numbers-TOTAL_FORMS"] = str(min(_index(data.get("numbers-TOTAL_FORMS", "")) + 1, MOST))
    return data
