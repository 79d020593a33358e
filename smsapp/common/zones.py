"""Time zones of countries, from the tz database, and of numbers, from the phone library; no table of our own."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from phonenumbers.tzdata import TIMEZONE_DATA

HEAD, LONG_HEAD = 5, 8  # digits that tell the zone of a number: those of most, and of the few whose first five do not


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


@cache
def several() -> tuple[str, ...]:
    """Countries with more than one zone: there only a number tells more."""
    return tuple(sorted(region for region, names in _table().items() if len(names) > 1))


@cache
def split_heads() -> tuple[str, ...]:
    """Beginnings of E.164 numbers that several zones share, which only more digits tell apart."""
    return tuple(sorted({f"+{digits[:HEAD]}" for digits, names in TIMEZONE_DATA.items() if len(digits) > HEAD and names != _of_digits(digits[:HEAD])}))


def of_beginning(head: str) -> tuple[str, ...]:
    """Names of the zones of numbers that begin like this (+12025); empty when nobody knows it."""
    return _of_digits(head.removeprefix("+"))


def of_number(number: str) -> tuple[str, ...]:
    """Likewise of an E.164 number."""
    return of_beginning(head_of(number))


def head_of(number: str) -> str:
    """As much of a number as tells its zone."""
    head = number[: HEAD + 1]
    return number[: LONG_HEAD + 1] if head in split_heads() else head


def _of_digits(digits: str) -> tuple[str, ...]:
    return next((tuple(TIMEZONE_DATA[digits[:n]]) for n in range(len(digits), 0, -1) if digits[:n] in TIMEZONE_DATA), ())


def clocks(region: str, moment: datetime) -> list[datetime]:
    """What clocks show in a country at a moment, each time once, the earliest first."""
    return clocks_in(of_country(region), moment)


def clocks_in(names: Iterable[str], moment: datetime) -> list[datetime]:
    """Likewise in some zones; those that are newer, or older, than this machine's own list are left out."""
    here = {clock.replace(tzinfo=None): clock for name in names if (clock := _clock(name, moment))}
    return [here[wall] for wall in sorted(here)]


def _clock(name: str, moment: datetime) -> datetime | None:
    try:
        return moment.astimezone(ZoneInfo(name))
    except ZoneInfoNotFoundError:
        return None
