"""Periods by which the runs of a recurring SMS are counted together. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

NONE, DAY, WEEK, MONTH, YEAR = "none", "day", "week", "month", "year"
LABELS = {MONTH: _("Month"), DAY: _("Day"), WEEK: _("Week"), YEAR: _("Year"), NONE: _("No period")}


@dataclass(frozen=True, slots=True)
class Period:
    """From its first day to its last one; `key` tells it from the others of its kind."""

    key: str
    first: date
    last: date


def period_of(kind: str, day: date, run: int) -> Period:
    """The period that a run on a day belongs to; without periods each run is one of its own. Weeks begin on Monday, as ISO 8601 counts them."""
    if kind == DAY:
        return Period(day.isoformat(), day, day)
    if kind == WEEK:
        monday = day - timedelta(days=day.weekday())
        year, week, _weekday = day.isocalendar()
        return Period(f"{year}-W{week:02}", monday, monday + timedelta(days=6))
    if kind == MONTH:
        first = day.replace(day=1)
        return Period(f"{day:%Y-%m}", first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    if kind == YEAR:
        return Period(f"{day:%Y}", day.replace(month=1, day=1), day.replace(month=12, day=31))
    return Period(f"run {run}", day, day)
