"""Quiet hours: when texts to a country may leave, on the clocks of those who get them. Pure: rules, zones and the moment are passed in.

A day has one span of hours, or none. Somebody whose number leaves several time zones open is texted only while it is open in all of them. Spans
are read off the clock on the wall: where clocks go forward an hour is missing from them, where they go back it comes twice.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = 24 * 60  # minutes
FARTHEST = timedelta(days=400)  # what does not open within this time never does
LOOKS_AHEAD = timedelta(days=8)  # for a closing; hours that never close are looked at again then
_AROUND, _TRANSITION = timedelta(hours=36), timedelta(minutes=1)
_WRITTEN = re.compile(r"(\d{1,2})(?:[:.h](\d{2})?)?\s*(?:-|–|—|to|à)\s*(\d{1,2})(?:[:.h](\d{2})?)?", re.IGNORECASE)


class HoursError(ValueError):
    """What was written is no span of hours."""


class Span(NamedTuple):
    """Minutes of a day, from one up to another; the end of a day is 1440."""

    begin: int
    end: int

    def __str__(self) -> str:
        return f"{_clock(self.begin)}–{_clock(self.end)}"

    def within(self, limit: "Span") -> bool:
        """Whether it goes beyond on neither side."""
        return limit.begin <= self.begin and self.end <= limit.end


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def read_span(text: str) -> Span | None:
    """Of “8-20” or “08:00–20:30”; None of nothing. Raises HoursError."""
    if not text.strip():
        return None
    found = _WRITTEN.fullmatch(text.strip())
    if not found:
        raise HoursError
    hours, minutes = (int(found[1]), int(found[3])), (int(found[2] or 0), int(found[4] or 0))
    begin, end = (hour * 60 + minute for hour, minute in zip(hours, minutes, strict=True))
    if max(minutes) > 59 or not begin < end <= DAY:
        raise HoursError
    return Span(begin, end)


@dataclass(frozen=True, slots=True)
class Rule:
    """The hours of a country: of each weekday from Monday on, and of public holidays. None: nothing leaves all day."""

    week: tuple[Span | None, ...]
    holiday: Span | None
    is_holiday: Callable[[date], bool]

    def span_of(self, day: date) -> Span | None:
        """When texts may leave on a day; on a public holiday when the weekday allows it too."""
        usual = self.week[day.weekday()]
        if usual is None or not self.is_holiday(day):
            return usual
        if self.holiday is None:
            return None
        both = Span(max(usual.begin, self.holiday.begin), min(usual.end, self.holiday.end))
        return both if both.begin < both.end else None


class Window(NamedTuple):
    """From a moment on texts may leave, up to another."""

    opens: datetime
    closes: datetime


def is_open(rule: Rule, zones: Iterable[ZoneInfo], moment: datetime) -> bool:
    """Whether a text may leave at a moment: everywhere where its reader may be."""
    return all(_is_open(rule, moment.astimezone(zone)) for zone in zones)


def _is_open(rule: Rule, clock: datetime) -> bool:
    span = rule.span_of(clock.date())
    return span is not None and span.begin * 60 <= _seconds(clock) < span.end * 60


def _seconds(clock: datetime) -> float:
    return clock.hour * 3600 + clock.minute * 60 + clock.second + clock.microsecond / 1e6


def next_opening(rule: Rule, zones: Sequence[ZoneInfo], moment: datetime) -> datetime | None:
    """The moment itself where texts may leave then, else the next one when they may; None: never, as far as anybody plans."""
    at, last = moment, moment + FARTHEST
    while at < last:
        later = max((_opens(rule, zone, at, last) for zone in zones), default=at)
        if later == at:
            return at
        at = later
    return None


def window(rule: Rule, zones: Sequence[ZoneInfo], moment: datetime) -> Window | None:
    """The hours that run at a moment, from it on, or the next ones; None: there are none."""
    opens = next_opening(rule, zones, moment)
    if opens is None:
        return None
    closes, last = opens, opens + LOOKS_AHEAD
    while closes < last and is_open(rule, zones, closes):  # what ends at midnight may go on the next day
        closes = min((_closes(rule, zone, closes) for zone in zones), default=last)
    return Window(opens, min(closes, last))


def _opens(rule: Rule, zone: ZoneInfo, moment: datetime, last: datetime) -> datetime:
    day = moment.astimezone(zone).date() - timedelta(days=1)
    while day <= last.date() + timedelta(days=1):
        for window in _windows(rule, zone, day):
            if moment < window.closes:
                return max(moment, window.opens)
        day += timedelta(days=1)
    return last


def _closes(rule: Rule, zone: ZoneInfo, moment: datetime) -> datetime:
    """Of a moment at which it is open."""
    today = moment.astimezone(zone).date()
    days = (today + timedelta(days=n) for n in (-1, 0, 1))
    return next(window.closes for day in days for window in _windows(rule, zone, day) if window.opens <= moment < window.closes)


def _windows(rule: Rule, zone: ZoneInfo, day: date) -> list[Window]:
    """When it is open on a day of the wall clock, in UTC; two where clocks go back within its hours."""
    span = rule.span_of(day)
    if span is None:
        return []
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    found: list[Window] = []
    for begins, ends, offset in _offsets(zone, midnight - _AROUND, midnight + 2 * _AROUND):
        opens = max(begins, midnight - offset + timedelta(minutes=span.begin))
        closes = min(ends, midnight - offset + timedelta(minutes=span.end))
        if opens < closes:
            found.append(Window(opens, closes))
    return [Window(found[0].opens, found[1].closes)] if len(found) == 2 and found[0].closes == found[1].opens else found


def _offsets(zone: ZoneInfo, begin: datetime, end: datetime) -> list[tuple[datetime, datetime, timedelta]]:
    """How far clocks are from UTC between two moments not far apart: one stretch, or two around the moment when they are changed."""
    first, second = _offset(zone, begin), _offset(zone, end)
    if first == second:
        return [(begin, end, first)]
    low, high = begin, end
    while high - low > _TRANSITION:
        middle = low + (high - low) // (2 * _TRANSITION) * _TRANSITION
        low, high = (middle, high) if _offset(zone, middle) == first else (low, middle)
    return [(begin, high, first), (high, end, second)]


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
