"""When the first and the last text would leave, in the reader's zone and where the recipients live."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from campaigns.forecast import Forecast
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

    @property
    def over_days(self) -> bool:
        """Whether the last one leaves on another day than the first."""
        return self.first.date() != self.last.date()


@dataclass(frozen=True, slots=True)
class Times:
    """The reader's own window, and those of countries whose clocks show something else."""

    own: Window
    others: list[Window]


def of(plan: Plan, found: Forecast, zone: ZoneInfo, name: str) -> Times:
    """For a plan and what is expected of it, read in a zone."""
    own = Window(name, found.first.astimezone(zone), found.last.astimezone(zone))
    waiting = {wait.country for wait in found.waits}  # what these wait for is told elsewhere
    there = [_in_country(region, *found.of_country(region), own) for region in list(plan.by_country)[:MOST] if region and region not in waiting]
    return Times(own, [window for window in there if window])


def at(moment: datetime, regions: Iterable[str], zone: ZoneInfo, name: str) -> Times:
    """For texts that leave at one moment to these countries, the one with most of them first."""
    own = Window(name, moment.astimezone(zone), moment.astimezone(zone))
    there = [_in_country(region, moment, moment, own) for region in list(regions)[:MOST] if region]
    return Times(own, [window for window in there if window])


def _in_country(region: str, start: datetime, end: datetime, own: Window) -> Window | None:
    first, last = zones.clocks(region, start), zones.clocks(region, end)
    if not first or [clock.utcoffset() for clock in first] == [start.astimezone(own.first.tzinfo).utcoffset()]:
        return None
    dates = {first[0].date(), last[-1].date()}
    return Window(countries.name_of(region), _wall(first[0]), _wall(last[-1]), dates != {own.first.date()}, len(first) > 1)


def _wall(clock: datetime) -> datetime:
    """What a clock shows, so that a template does not read it in the reader's zone again."""
    return clock.replace(tzinfo=None)
