"""What staff write down of a person's yes or no: how it came, for which texts, in which words, when."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import ConsentEntry
from smsapp.common.forms import HouseForm

Scope, Source = ConsentEntry.Scope, ConsentEntry.Source
NOON = time(12)
HOW = {  # choice -> source and whether the recipient did it
    "told": (Source.STAFF, True),
    "written": (Source.FORM, True),
    "reply": (Source.REPLY, True),
    "ours": (Source.STAFF, False),
}


class ConsentForm(HouseForm, forms.Form):
    """Common to both; without a date it was just now."""

    asks: ClassVar[Mapping[str, Any]] = {"how": _("Choose how it came about."), "scope": _("Choose which texts it is about.")}

    how = forms.ChoiceField(label=_("How it came about"), widget=forms.RadioSelect)
    scope = forms.ChoiceField(label=_("Which texts"), widget=forms.RadioSelect, initial=Scope.MARKETING)
    wording = forms.CharField(label=_("Wording"), max_length=5_000, required=False, widget=forms.Textarea(attrs={"rows": 4}))
    details = forms.CharField(
        label=_("Where it is kept"), max_length=300, required=False, help_text=_("File, page, place or person, for example “Spring fair 2026, folder B”.")
    )
    day = forms.DateField(label=_("Date"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), help_text=_("Left empty: now."))
    hour = forms.TimeField(label=_("Time"), required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M"), help_text=_("If it is known."))

    how_choices: list[tuple[str, Any]] = []
    scope_choices: list[tuple[str, Any]] = []

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["how"].choices = self.how_choices  # type: ignore[attr-defined]
        self.fields["scope"].choices = self.scope_choices  # type: ignore[attr-defined]

    def moment(self) -> datetime | None:
        """When it was said; None: now. A day of the past without its time counts from noon."""
        day: date | None = self.cleaned_data["day"]
        hour: time | None = self.cleaned_data["hour"]
        if day is None or (hour is None and day == timezone.localdate()):
            return None
        return timezone.make_aware(datetime.combine(day, hour or NOON))

    def clean(self) -> dict[str, Any]:
        """A time alone says nothing."""
        values = super().clean() or {}
        if values.get("hour") and not values.get("day") and "day" not in self.errors:
            self.add_error("day", _("Write the day as well."))
        return values

    def values(self) -> dict[str, Any]:
        """For the verbs of contacts.services.consent."""
        source, own_act = HOW[self.cleaned_data["how"]]
        words = {name: self.cleaned_data[name].strip() for name in ("wording", "details")}
        return {"source": source, "scope": self.cleaned_data["scope"], "own_act": own_act, "at": self.moment(), **words}


class OptOutForm(ConsentForm):
    """No more texts."""

    how_choices = [
        ("told", _("The person said so, on the phone or face to face")),
        ("written", _("The person wrote it: form, letter or e-mail")),
        ("reply", _("The person answered a text")),
        ("ours", _("Our own decision")),
    ]
    scope_choices = [(Scope.MARKETING, _("No marketing texts")), (Scope.ALL, _("No texts at all"))]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["wording"].help_text = _("What the person said or wrote, if you know it.")


class OptInForm(ConsentForm):
    """Texts are welcome; `seen` is the own opt-out that the second look showed."""

    asks = {**ConsentForm.asks, "wording": _("Write what the person agreed to, word for word: an opt-in that cannot be shown is none.")}

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    how_choices = [
        ("written", _("The person wrote or signed it: form, letter or e-mail")),
        ("reply", _("The person answered a text")),
        ("told", _("The person said so, on the phone or face to face")),
    ]
    scope_choices = [(Scope.MARKETING, _("Marketing texts")), (Scope.ALL, _("All texts: lifts “do not SMS”"))]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["wording"].required = True
        self.fields["wording"].help_text = _("What the person read and agreed to, word for word.")

    def values(self) -> dict[str, Any]:
        """What the person only said is no act of its own that outweighs an opt-out."""
        values = super().values()
        own_act = values["source"] != Source.STAFF
        return values | {"own_act": own_act, "seen": self.cleaned_data["seen"] if self.cleaned_data["confirmed"] else None}
