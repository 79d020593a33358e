"""Time zones of countries, from the tz database; no table of our own."""

from datetime import datetime
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo


@cache
def _table() -> dict[str, tuple[str, ...]]:
    lines = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    found: dict[str, tuple[str, ...]] = {}
    for region, _place, name, *_comment in rows:
        found[region] = (*found.get(region, ()), name)
    return found


def of_country(region: str) -> tuple[str, ...]:
    """Names of the zones of a country (two letters); empty when nobody knows it."""
    return _table().get(region, ())


def clocks(region: str, moment: datetime) -> list[datetime]:
    """What clocks show in a country at a moment, each time once, the earliest first."""
    here = {moment.astimezone(ZoneInfo(name)).replace(tzinfo=None): moment.astimezone(ZoneInfo(name)) for name in of_country(region)}
    return [here[wall] for wall in sorted(here)]
