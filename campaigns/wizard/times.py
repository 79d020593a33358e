"""When the first and the last text would leave, in the reader's zone and where the recipients live."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.plans import Plan
from smsapp.common import countries, zones

MOST = 8  # countries with the most texts; a longer list helps nobody


@dataclass(frozen=True, slots=True)
class Window:
    """First and last text on the clocks of one place; `other_day` where that is another date than the reader's."""

    place: str
    first: datetime
    last: datetime
    other_day: bool = False
    several: bool = False  # a country with several zones: from its earliest to its latest clock


@dataclass(frozen=True, slots=True)
class Times:
    """The reader's own window, and those of countries whose clocks show something else."""

    own: Window
    others: list[Window]


def of(plan: Plan, start: datetime, zone: ZoneInfo, name: str) -> Times:
    """For a plan that starts at a moment, read in a zone."""
    return between(start, start + timedelta(seconds=plan.seconds), plan.by_country, zone, name)


def between(start: datetime, end: datetime, regions: Iterable[str], zone: ZoneInfo, name: str) -> Times:
    """For texts to these countries, the one with most of them first."""
    own = Window(name, start.astimezone(zone), end.astimezone(zone))
    found = [_in_country(region, start, end, own) for region in list(regions)[:MOST] if region]
    return Times(own, [window for window in found if window])


def _in_country(region: str, start: datetime, end: datetime, own: Window) -> Window | None:
    first, last = zones.clocks(region, start), zones.clocks(region, end)
    if not first or [clock.utcoffset() for clock in first] == [own.first.utcoffset()]:
        return None
    dates = {first[0].date(), last[-1].date()}
    return Window(countries.name_of(region), _wall(first[0]), _wall(last[-1]), dates != {own.first.date()}, len(first) > 1)


def _wall(clock: datetime) -> datetime:
    """What a clock shows, so that a template does not read it in the reader's zone again."""
    return clock.replace(tzinfo=None)
