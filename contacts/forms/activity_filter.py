"""What a contact's activities are narrowed to: type, days, and what upper apps add. The address carries it, also from page to page."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.models import Activity
from contacts.models.activity import ActivityQuerySet
from contacts.slots import activity_filters
from smsapp.common.forms import HouseForm

Kind = Activity.Kind
CHIPS: list[tuple[str, Any]] = [
    ("", pgettext_lazy("activities", "All")), (Kind.SMS_SENT, _("Texts")), (Kind.SMS_RECEIVED, _("Received")), (Kind.CALL, _("Calls")), (Kind.NOTE, _("Notes")),
    (Kind.CONSENT, _("Consent")), (Kind.CHANGE, _("Changes")),
]  # fmt: skip


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput({"type": "date", "class": "form-control form-control-sm"}, format="%Y-%m-%d"),
    )  # fmt: skip


class ActivityFilterForm(HouseForm, forms.Form):
    """A choice that makes no sense filters nothing and says why."""

    since = _day(pgettext_lazy("first day", "From"))
    until = _day(pgettext_lazy("last day", "To"))

    def __init__(self, data: Any, ids: Sequence[int]) -> None:
        super().__init__(data)
        self.ids = ids
        self.kind = data.get("kind", "") if data.get("kind") in Kind.values else ""
        for extra in activity_filters:
            if choices := extra.choices(ids):
                widget = forms.Select({"class": "form-select form-select-sm"})
                self.fields[extra.name] = forms.ChoiceField(label=extra.label, required=False, choices=[("", extra.everything), *choices], widget=widget)

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        values = super().clean() or {}
        self.check_period(values)
        return values

    @property
    def chips(self) -> list[tuple[str, Any, bool]]:
        """(value, word, in use) of each type."""
        return [(value, word, value == self.kind) for value, word in CHIPS]

    @property
    def in_use(self) -> bool:
        """Something is filtered, or was meant to be."""
        return bool(self.kind) or any(self.data.get(name) for name in self.fields)

    @property
    def shows_coming(self) -> bool:
        """Whether what is to happen stands above: for those who look at everything, or at texts of any day."""
        return self.kind in ("", Kind.SMS_SENT) and not any(self.data.get(name) for name in self.fields)

    def apply(self, activities: ActivityQuerySet) -> ActivityQuerySet:
        """The activities that match."""
        self.full_clean()
        values = self.cleaned_data
        if self.kind:
            activities = activities.filter(kind=self.kind)
        if since := values.get("since"):
            activities = activities.filter(at__gte=_midnight(since))
        if until := values.get("until"):
            activities = activities.filter(at__lt=_midnight(until + timedelta(days=1)))
        for extra in activity_filters:
            if value := values.get(extra.name):
                activities = activities.filter(extra.condition(value, self.ids))
        return activities


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
