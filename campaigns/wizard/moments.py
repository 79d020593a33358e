"""A date and a time of day as a person types them, read in their time zone. Pure: the clock is passed in as `now`."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _


class MomentError(ValueError):
    """A moment that cannot be planned; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When, in UTC, and what a person should know about it ("" when nothing)."""

    at: datetime
    note: str = ""


def read(day: date, hour: time, zone: ZoneInfo, *, now: datetime) -> Moment:
    """The moment that `day` and `hour` mean in `zone`. Raises MomentError when it is past or skipped by a clock change."""
    wall = datetime.combine(day, hour)
    first = wall.replace(tzinfo=zone, fold=0)
    second = wall.replace(tzinfo=zone, fold=1)
    names = {"time": hour.strftime("%H:%M"), "zone": zone_name(zone)}
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall:
        raise MomentError(_("%(time)s does not exist on that day: clocks in %(zone)s go forward then. Choose a time an hour earlier or later.") % names)
    if first.utcoffset() != second.utcoffset():
        if first > now:
            return Moment(first.astimezone(UTC), _("%(time)s comes twice on that day, because clocks in %(zone)s go back. The first one is meant.") % names)
        first = second
    if first <= now:
        raise MomentError(_("%(time)s on that day is past. Choose a later time, or send now.") % names)
    return Moment(first.astimezone(UTC))


def zone_name(zone: ZoneInfo) -> str:
    """A zone in words, for example "Paris"."""
    return str(zone).rsplit("/", 1)[-1].replace("_", " ")
