"""Quiet hours as administrators write them, and the hours that run at this moment, which workers keep to."""

from datetime import date
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns import public_holidays
from campaigns.quiet import HoursError, Rule, Span, read_span
from smsapp.common import countries
from smsapp.common.models import Timestamped

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WHOLE_DAY = Span(0, 24 * 60)


def check_hours(text: str) -> None:
    """As a validator of what an administrator writes."""
    try:
        read_span(text)
    except HoursError:
        raise ValidationError(_("“%(text)s” is no span of hours. Write it like 08:00–20:00; leave it empty where nothing is to leave."), params={"text": text})


def _hours(label: Any, default: str = "", help_text: Any = "") -> Any:
    return models.CharField(label, max_length=20, blank=True, default=default, help_text=help_text, validators=[check_hours])


class QuietHours(Timestamped):
    """When texts to a country may leave, on the clocks of those who get them."""

    country = models.CharField(_("country"), max_length=2, unique=True, help_text=_("Of the numbers that are texted: two letters, for example FR."))
    active = models.BooleanField(_("in use"), default=True, help_text=_("Without a tick texts to this country leave at any hour."))
    monday = _hours(_("Monday"), "08:00–20:00", _("From – to, for example 08:00–20:00. Empty: nothing leaves that day. The end of a day is 24:00."))
    tuesday = _hours(_("Tuesday"), "08:00–20:00")
    wednesday = _hours(_("Wednesday"), "08:00–20:00")
    thursday = _hours(_("Thursday"), "08:00–20:00")
    friday = _hours(_("Friday"), "08:00–20:00")
    saturday = _hours(_("Saturday"), "08:00–20:00")
    sunday = _hours(_("Sunday"))
    holiday = _hours(_("public holidays"), "", _("Hours on public holidays, within those of the weekday. Empty: nothing leaves on them."))
    limit = _hours(_("never outside"), "", _("A limit that the hours of no day may cross, such as one set by law. Empty: none."))
    note = models.TextField(_("source"), blank=True, help_text=_("Where the rule comes from, for those who ask later."))

    class Meta:
        verbose_name = _("quiet hours of a country")
        verbose_name_plural = _("quiet hours")
        ordering = ["country"]

    def __str__(self) -> str:
        return countries.name_of(self.country)

    @property
    def rule(self) -> Rule:
        """As it can be asked; reads the days that were added and removed."""
        days = {row.day: row.closed for row in self.days.all()}
        return Rule(tuple(read_span(getattr(self, name)) for name in WEEK), read_span(self.holiday), partial(_is_closed, self.country, days))


def _is_closed(country: str, days: dict[date, bool], day: date) -> bool:
    return days[day] if day in days else public_holidays.is_holiday(country, day)


class QuietDay(models.Model):
    """A day that counts as a public holiday of a country, or no longer as one."""

    hours = models.ForeignKey(QuietHours, models.CASCADE, related_name="days", verbose_name=_("quiet hours"))
    day = models.DateField(_("day"))
    closed = models.BooleanField(
        _("is a public holiday"), default=True, help_text=_("Tick it to add a day. Without a tick, a public holiday is an ordinary day.")
    )
    note = models.CharField(_("note"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("day")
        verbose_name_plural = _("days added and removed")
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["hours", "day"], name="quiet_day_once")]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"


class OpenHours(models.Model):
    """The hours that run now, or the next ones, for numbers of a country in some time zones. Many chunks point to one row.

    `services.quiet_hours` writes them, by the database's clock. Workers start nothing outside; once `closes_at` is over it is closed until
    somebody has written the next ones.
    """

    country = models.CharField(max_length=2)
    zones = models.TextField()  # names, apart by spaces: where the people may be
    prefix = models.CharField(max_length=5)  # what numbers of the country begin with
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField(null=True)  # null: the country has no rule in use, so it never closes

    class Meta:
        constraints = [models.UniqueConstraint(fields=["country", "zones"], name="open_hours_once")]

    def __str__(self) -> str:
        return f"{self.country}: {self.opens_at} to {self.closes_at}"

    @classmethod
    def is_closed(cls, now: Any, prefix: str = "") -> Q:
        """Of rows, also through a path such as `hours__`: nothing may leave at that moment."""
        return Q(**{f"{prefix}closes_at__isnull": False}) & (Q(**{f"{prefix}opens_at__gt": now}) | Q(**{f"{prefix}closes_at__lte": now}))
