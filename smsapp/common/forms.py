"""Form fields that more than one app needs, and the base of forms: their sentences say what to do, and what they hold reads one way."""

import re
import zoneinfo
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.forms.utils import flatatt
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from smsapp.common import phone
from smsapp.common.models import Organisation

TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")  # embed, override, isolate: they turn the direction of the sentence around them

STALE = gettext_lazy("This page is incomplete. Load it again, then send once more.")  # of keys that no person types
# what stands where a form says nothing of its own, by kind of field and by code
SENTENCES: tuple[tuple[type[forms.Field], dict[str, Any]], ...] = (
    (forms.BooleanField, {"required": gettext_lazy("Tick this box to go on.")}),
    (forms.ChoiceField, {
        "required": gettext_lazy("Choose one of these."),
        "invalid_choice": gettext_lazy("This is not among the choices, or not any more. Choose another one."),
        "invalid_list": gettext_lazy("Choose from the list."),
    }),
    (forms.FileField, {
        "required": gettext_lazy("Choose a file."), "invalid": gettext_lazy("Choose a file."), "missing": gettext_lazy("Choose a file."),
        "empty": gettext_lazy("This file is empty. Choose another one."),
    }),
    (forms.DateField, {
        "required": gettext_lazy("Write the day, for example 2026-04-17."), "invalid": gettext_lazy("Not a date that can be read. Write it like 2026-04-17."),
    }),
    (forms.TimeField, {
        "required": gettext_lazy("Write the time, for example 18:30."), "invalid": gettext_lazy("Not a time that can be read. Write it like 18:30."),
    }),
    (forms.EmailField, {"invalid": gettext_lazy("This is no e-mail address. Write it like camille@example.org.")}),
    (forms.UUIDField, {"required": STALE, "invalid": STALE}),
    (forms.SlugField, {"invalid": gettext_lazy("Use letters, digits, - and _ only.")}),
    (forms.DecimalField, {"invalid": gettext_lazy("Write a number, for example 12.5.")}),
    (forms.FloatField, {"invalid": gettext_lazy("Write a number, for example 12.5.")}),
    (forms.IntegerField, {"invalid": gettext_lazy("Write a whole number, for example 12.")}),
    (forms.Field, {
        "required": gettext_lazy("Fill this in."),
        "max_length": gettext_lazy("This is too long: at most %(limit_value)s characters, and these are %(show_value)s. Shorten it."),
        "min_value": gettext_lazy("Write at least %(limit_value)s."),
        "max_value": gettext_lazy("Write at most %(limit_value)s."),
        "null_characters_not_allowed": gettext_lazy("There is a sign in it that cannot be kept. Write it anew instead of pasting it."),
        "unique": gettext_lazy("Another one has this already. Choose something else."),
    }),
)  # fmt: skip
YEARS = range(1900, 3000)  # of a period: the day after its last one can still be reckoned
FAR = gettext_lazy("No history reaches that far. Check the year.")
BEFORE = gettext_lazy("This day is before the first one, so the period ends before it begins. Exchange the two.")


class HouseForm(forms.BaseForm):
    """Mixin before forms.Form or forms.ModelForm. Where Django has a sentence for anything, ours says what to do.

    `asks` holds, by field, what to do about one that was left empty ("Write the name of the group."). Signs that turn the direction of
    text are taken out of whatever is typed, so that no name reverses the sentence that it stands in.
    """

    asks: ClassVar[Mapping[str, Any]] = {}
    told_on_top = True  # parts/_form_errors.html says what is wrong with the whole, once, however many parts the form is drawn in

    def __init__(self, data: Any = None, *args: Any, **options: Any) -> None:
        super().__init__(straight(data), *args, **options)

    def full_clean(self) -> None:
        """Fields may have been added or replaced since the form was made: they learn to speak last."""
        self.teach()
        super().full_clean()

    def teach(self) -> None:
        """Give each field the house's sentences, where it has none of its own."""
        for name, field in self.fields.items():
            _teach(field, self.asks.get(name))

    def check_period(self, values: Mapping[str, date | None], first: str = "since", last: str = "until") -> None:
        """An error beside a day that nothing can be dated, and beside the last day when it is before the first one."""
        for name in (first, last):
            if (day := values.get(name)) and day.year not in YEARS:
                self.add_error(name, FAR)
        since, until = values.get(first), values.get(last)
        if since and until and until < since:
            self.add_error(last, BEFORE)


class LongSelect(forms.Select):
    """A choice of many, without groups, written at once: Django's widget takes a template for each, and for all time zones 40 ms."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The same markup."""
        chosen, options = self.format_value(value), '<option value="{}"{}>{}</option>'
        ticks = ((key, mark_safe(" selected") if str(key) in chosen else "", label) for key, label in self.choices)
        return format_html('<select name="{}"{}>{}</select>', name, flatatt(self.build_attrs(self.attrs, attrs)), format_html_join("\n", options, ticks))


class LabelField(forms.CharField):
    """A name that a browser does not cut when a longer one is pasted: it is refused with a sentence, and stays to be shortened."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Without `maxlength`."""
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}


class FilterForm(HouseForm):
    """Mixin before forms.Form: what a list is narrowed to, perhaps to the days between `since` and `until`."""

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        for name, field in self.fields.items():
            field.widget.attrs.update({"class": "form-select" if isinstance(field, forms.ChoiceField) else "form-control", "id": f"filter_{name}"})

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        values: dict[str, Any] = super().clean() or {}
        self.check_period(values)
        return values

    @property
    def in_use(self) -> bool:
        """Whether anything is narrowed."""
        return any(self.data.get(name) for name in self.fields)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """What is narrowed, as an address and a form carry it."""
        return [(name, str(self.data[name])) for name in self.fields if self.data.get(name)]


def straight(data: Any) -> Any:
    """A QueryDict or dict without signs that turn the direction of text; the same one where there are none."""
    if not data or not any(TURNING.search(text) for text in _texts(data)):
        return data
    copied = data.copy()
    for name in data:
        if hasattr(copied, "setlist"):
            copied.setlist(name, [TURNING.sub("", value) for value in data.getlist(name)])
        elif isinstance(data[name], str):
            copied[name] = TURNING.sub("", data[name])
    return copied


def _texts(data: Any) -> list[str]:
    values = [value for _name, many in data.lists() for value in many] if hasattr(data, "lists") else data.values()
    return [value for value in values if isinstance(value, str)]


def _teach(field: forms.Field, ask: Any) -> None:
    for kind, sentences in SENTENCES:  # the special before the general
        if isinstance(field, kind):
            for code, sentence in sentences.items():
                if field.error_messages.get(code) is _of_django(field, code):
                    field.error_messages[code] = sentence
    if hasattr(field, "validate_no_null_characters"):  # asked before the validators, so that the field's own sentences are not
        field.validate_no_null_characters = ProhibitNullCharactersValidator(message=field.error_messages["null_characters_not_allowed"])
    if ask:
        field.error_messages["required"] = ask


def _of_django(field: forms.Field, code: str) -> Any:
    """Django's own sentence of the field's class; None where it has none."""
    told = (kind.__dict__.get("default_error_messages", {}) for kind in type(field).__mro__)
    return next((sentences[code] for sentences in told if code in sentences), None)


@cache
def time_zones() -> tuple[str, ...]:
    """Names of places, such as Europe/Paris, that this machine knows."""
    return tuple(sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "posix/", "right/"))))


def time_zone_field(label: str | Promise, empty: str | Promise = "", help_text: str | Promise = "") -> forms.ChoiceField:
    """A choice of time zones; `empty` names what none means, without it one must be chosen."""
    choices = [(zone, zone.replace("_", " ")) for zone in time_zones()]
    offered = [("", empty), *choices] if empty else choices
    return forms.ChoiceField(label=label, required=not empty, choices=offered, help_text=help_text, widget=LongSelect)


def clean_number(raw: str) -> str:
    """E.164 of what a person typed, read as a number of the organisation's region; empty stays empty."""
    if not raw.strip():
        return ""
    try:
        return phone.normalise(raw, Organisation.current().default_region)
    except phone.PhoneError as error:
        raise ValidationError(str(error), code=error.code)


def clean_region(raw: str) -> str:
    """Two capital letters of a country that has phone numbers."""
    region = raw.strip().upper()
    if not phone.is_region(region):
        raise ValidationError(_("No country has these two letters. Write for example FR, GB, US or TN."), code="unknown_region")
    return region
