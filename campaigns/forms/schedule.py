"""When texts leave: now, or at a date and time."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.wizard import moments
from smsapp.common.forms import HouseForm

GIVE_UP: list[tuple[int | str, Any]] = [
    ("", _("Never: every text leaves as soon as it may")), (1, _("1 hour")), (3, _("3 hours")), (12, _("12 hours")), (24, _("1 day")), (48, _("2 days")),
    (72, _("3 days")), (168, _("1 week")),
]  # fmt: skip


class MomentFields(HouseForm, forms.Form):
    """A date and time of the person's own time zone."""

    day = forms.DateField(label=_("Date"), required=False, widget=forms.DateInput({"type": "date", "class": "form-control"}, format="%Y-%m-%d"))
    hour = forms.TimeField(label=_("Time"), required=False, widget=forms.TimeInput({"type": "time", "class": "form-control"}, format="%H:%M"))

    def clean(self) -> dict[str, Any]:
        """`moment`: None for now, else when in UTC and what to know about it."""
        cleaned = super().clean() or self.cleaned_data
        cleaned["moment"] = None
        if cleaned.get("when", "at") == "at" and not {"when", "day", "hour"} & self.errors.keys():
            self._read(cleaned)
        return cleaned

    def _read(self, cleaned: dict[str, Any]) -> None:
        missing = [name for name in ("day", "hour") if not cleaned.get(name)]
        for name in missing:
            self.add_error(name, _("Say the date and the time, or send now."))
        if missing:
            return
        try:
            cleaned["moment"] = moments.read(cleaned["day"], cleaned["hour"], zone(), now=timezone.now())
        except moments.MomentError as error:
            self.add_error("hour", str(error))


class WhenFields(MomentFields):
    """Now, or at a date and time."""

    when = forms.ChoiceField(choices=[("now", _("Now")), ("at", _("At a date and time"))], initial="now")


class LimitForm(HouseForm, forms.Form):
    """Until when the texts of a mailing are of use."""

    give_up_after = forms.TypedChoiceField(
        label=_("Give up after"), required=False, coerce=int, empty_value=None, choices=GIVE_UP, widget=forms.Select({"class": "form-select"}),
        help_text=_("What could not leave by then, because of quiet hours, a pause or a gateway, is not sent any more."),
    )  # fmt: skip


class TimeForm(LimitForm, MomentFields):
    """Another time for a mailing."""

    recount = forms.BooleanField(label=_("Recalculate recipients at send time"), required=False)


class ScheduleForm(TimeForm, WhenFields):
    """Step 3 of the wizard."""

    version = forms.IntegerField(widget=forms.HiddenInput)


def in_an_hour() -> dict[str, Any]:
    """What the fields hold before somebody chooses."""
    later = timezone.localtime(timezone.now() + timedelta(hours=1))
    return {"when": "now", "day": later.date(), "hour": later.time()}


def zone() -> ZoneInfo:
    """The time zone of whoever is signed in."""
    return ZoneInfo(timezone.get_current_timezone_name())
