"""A date and a time of day as a person types them, read in their time zone. Pure: the clock is passed in as `now`."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

FARTHEST = timedelta(days=2 * 366)  # ahead; later than that is a slip of the finger


class MomentError(ValueError):
    """A moment that cannot be planned; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When, in UTC, and what a person should know about it ("" when nothing)."""

    at: datetime
    note: str = ""


def read(day: date, hour: time, zone: ZoneInfo, *, now: datetime) -> Moment:
    """The moment that `day` and `hour` mean in `zone`. Raises MomentError when it is past, absurdly far or skipped by a clock change."""
    names, today = {"time": hour.strftime("%H:%M"), "zone": zone_name(zone)}, now.astimezone(zone).date()
    if day < today:
        raise MomentError(_past(names))
    if day > today + FARTHEST:
        raise MomentError(_("That is more than two years ahead. Look at the year, and choose a date that is nearer."))
    wall = datetime.combine(day, hour)
    first, second = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall:
        raise MomentError(_("%(time)s does not exist on that day: clocks in %(zone)s go forward then. Choose a time an hour earlier or later.") % names)
    if first.utcoffset() != second.utcoffset():
        if first > now:
            return Moment(first.astimezone(UTC), twice(first, zone))
        first = second
    if first <= now:
        raise MomentError(_past(names))
    return Moment(first.astimezone(UTC))


def _past(names: dict[str, str]) -> str:
    return _("%(time)s on that day is past. Choose a later time, or send now.") % names


def twice(at: datetime, zone: ZoneInfo) -> str:
    """What to know about a moment whose hour comes once more in `zone`, because clocks go back; "" about any other."""
    here = at.astimezone(zone)
    if here.fold or here.utcoffset() == here.replace(fold=1).utcoffset():
        return ""
    names = {"time": here.strftime("%H:%M"), "zone": zone_name(zone)}
    return _("%(time)s comes twice on that day, because clocks in %(zone)s go back. The first one is meant.") % names


def zone_name(zone: ZoneInfo) -> str:
    """A zone in words, for example "Paris"."""
    return str(zone).rsplit("/", 1)[-1].replace("_", " ")
