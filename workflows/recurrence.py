"""When something happens again and again, by the clock on the wall of its time zone. Pure.

A time that the spring change leaves out happens at the first moment after the gap; one that the autumn change brings twice happens the first time.
What would come less than ten minutes after a time that was put off like this is left out on that day.

{"every": "week", "step": 2, "days": [1, 4], "times": ["09:00"], "from": "2027-03-01", "ends": {"after": 10}, "zone": "Europe/Paris"}
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import count, islice, pairwise, takewhile
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from smsapp.common.sentences import of
from smsapp.common.sentences import say as _

ONCE, DAY, WEEK, MONTH, YEAR = "once", "day", "week", "month", "year"
LAST = -1  # the last day of a month, or the last one of its Tuesdays
CLOSEST = timedelta(minutes=10)  # between two times
MOST_TIMES = 24 * 6  # of a day
LATEST = date(2200, 1, 1)


class RuleProblem(ValueError):
    """A rule that cannot be used: a code for programs, the field at fault, a sentence for people."""

    def __init__(self, code: str, field: str, message: Any) -> None:
        super().__init__(str(message))
        self.code, self.field, self.message = code, field, of(message)


@dataclass(frozen=True, slots=True)
class Rule:
    """Every `step` days, weeks, months or years, from the day `begins` on, at `times` of the clock in `zone`.

    Of a week `days` are its days (1 is Monday). Of a month there is a `day` (1 to 31, or LAST), or with `nth` that one of its weekdays `day`
    (`nth` 2 and `day` 2 is the second Tuesday). Of a year there are `month` and `day`. A day that a month does not have is left out;
    29 February is 28 February in other years. Times that are `minutes` apart and go on till `latest` keep how they were said. `until` is the last day;
    `after` how many times, counted by whoever asks from when they ask.
    """

    every: str
    times: tuple[time, ...]
    begins: date
    zone: str
    step: int = 1
    days: tuple[int, ...] = ()
    day: int = 0
    nth: int = 0
    month: int = 0
    minutes: int = 0
    latest: time | None = None
    until: date | None = None
    after: int | None = None

    @classmethod
    def parse(cls, raw: Any) -> "Rule":
        """From JSON. Raises RuleProblem."""
        if not isinstance(raw, dict) or raw.get("every") not in (ONCE, DAY, WEEK, MONTH, YEAR):
            raise RuleProblem("every", "every", _("Choose how often."))
        until, after = _ends(raw.get("ends"))
        times = _times(raw.get("times"))
        minutes, latest = _spread(raw, times)
        rule = cls(
            every=raw["every"], times=times, minutes=minutes, latest=latest, begins=_date(raw.get("from"), "from"), zone=_zone(raw.get("zone")),
            step=_number(raw.get("step", 1), "step", 1, 366), days=tuple(sorted({_number(one, "days", 1, 7) for one in _list(raw.get("days"))})),
            day=_number(raw.get("day", 0), "day", LAST, 31), nth=_number(raw.get("nth", 0), "nth", LAST, 4), month=_number(raw.get("month", 0), "month", 0, 12),
            until=until, after=after,
        )  # fmt: skip
        rule.check()
        return rule

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        ends = {"until": self.until.isoformat()} if self.until else {"after": self.after} if self.after else {}
        always = {"every": self.every, "times": [moment.strftime("%H:%M") for moment in self.times], "from": self.begins.isoformat(), "zone": self.zone}
        step = self.step if self.step != 1 else 0
        more: dict[str, Any] = {"step": step, "days": list(self.days), "day": self.day, "nth": self.nth, "month": self.month, "ends": ends}
        more |= {"minutes": self.minutes, "latest": self.latest.strftime("%H:%M") if self.latest else ""}
        return always | {name: value for name, value in more.items() if value}

    def check(self) -> None:
        """Raises RuleProblem for what would never happen, or too often."""
        if self.every == WEEK and not self.days:
            raise RuleProblem("no_day", "days", _("Choose at least one day of the week."))
        if self.every == MONTH and (not self.day or (self.nth and not 1 <= self.day <= 7)):
            raise RuleProblem("no_day", "day", _("Choose the day of the month."))
        if self.every == YEAR and not (self.month and 1 <= self.day <= _longest(self.month)):
            raise RuleProblem("no_date", "day", _("This day does not exist in that month. Choose another one."))
        if self.until and self.until < self.begins:
            raise RuleProblem("ends_first", "until", _("It ends before it begins. Change one of the dates."))
        if self.every != ONCE and _too_close(self.times, across_midnight=self._has_days_in_a_row()):
            raise RuleProblem("too_close", "times", _("Two times must be at least 10 minutes apart, also across midnight."))
        if self.every == ONCE and len(self.times) > 1:
            raise RuleProblem("one_time", "times", _("Write one time only, or choose “Several times a day”."))
        if next(_days(self), None) is None:
            raise self._never()

    @property
    def skips_short_months(self) -> bool:
        """Whether there are months without its day."""
        return self.every == MONTH and not self.nth and self.day > 28

    def _has_days_in_a_row(self) -> bool:
        if self.every == WEEK:
            week = [*self.days, self.days[0] + 7] if self.step == 1 else self.days
            return any(later - earlier == 1 for earlier, later in pairwise(week))
        return self.every == DAY and self.step == 1

    def _never(self) -> RuleProblem:
        if self.until:
            return RuleProblem("never", "until", _("There is no such day before it ends. Change when it ends."))
        return RuleProblem("never", "day" if self.every == MONTH else "step", _("There is never such a day. Choose another day, or a shorter distance."))


def occurrences(rule: Rule, after: datetime) -> Iterator[datetime]:
    """Moments in UTC strictly after one, in order, and as many of them as the rule says; lazy where it never ends."""
    zone = ZoneInfo(rule.zone)
    since = after.astimezone(zone).date() - timedelta(days=1)
    return islice((moment for moment in _moments(rule, since, zone) if moment > after), rule.after)


def next_runs(rule: Rule, after: datetime, most: int = 10) -> list[datetime]:
    """The next ones."""
    return list(islice(occurrences(rule, after), most))


def last_between(rule: Rule, after: datetime, until: datetime) -> datetime | None:
    """The last one after a moment and not after another; None where there is none."""
    return max(takewhile(lambda moment: moment <= until, occurrences(rule, after)), default=None)


def _moments(rule: Rule, since: date, zone: ZoneInfo) -> Iterator[datetime]:
    last = None
    for day in _days(rule, since):
        for at in rule.times:
            moment = _real(datetime.combine(day, at, zone))
            if last is None or moment - last >= CLOSEST:  # two times inside one gap are one moment, and so are two days of which a zone left one out
                yield moment
                last = moment


def _real(wall: datetime) -> datetime:
    """The moment of a time on the wall: the first of two, or the end of the gap that swallowed it."""
    moment = wall.astimezone(UTC)
    if moment.astimezone(wall.tzinfo).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return moment
    before, behind = wall.utcoffset(), wall.replace(fold=1).utcoffset()  # in a gap fold 0 counts with the offset before it, fold 1 with the one after
    assert before is not None and behind is not None
    late = wall.replace(tzinfo=None) - before  # by the clock that nobody had put forward
    gap = abs(behind - before)
    low, high = late - gap, late
    while high - low > timedelta(seconds=1):  # where the offset changes
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.replace(tzinfo=UTC).astimezone(wall.tzinfo).utcoffset() == before else (low, middle)
    return high.replace(tzinfo=UTC, microsecond=0)


def _days(rule: Rule, after: date | None = None) -> Iterator[date]:
    """Days of the rule from its beginning on, or later than `after`."""
    earliest = max(rule.begins, after) if after else rule.begins
    for day in _KINDS[rule.every](rule, earliest):
        if day > (rule.until or LATEST):
            return
        if day >= earliest:
            yield day


def _once(rule: Rule, earliest: date) -> Iterator[date]:
    yield rule.begins


def _daily(rule: Rule, earliest: date) -> Iterator[date]:
    first = rule.begins + timedelta(days=_skipped((earliest - rule.begins).days, rule.step))
    return (first + timedelta(days=rule.step * turn) for turn in count())


def _weekly(rule: Rule, earliest: date) -> Iterator[date]:
    monday = rule.begins - timedelta(days=rule.begins.weekday())
    first = monday + timedelta(weeks=_skipped((earliest - monday).days // 7, rule.step))
    return (first + timedelta(weeks=rule.step * turn, days=day - 1) for turn in count() for day in rule.days)


def _monthly(rule: Rule, earliest: date) -> Iterator[date]:
    begin = rule.begins.year * 12 + rule.begins.month - 1
    first = begin + _skipped(earliest.year * 12 + earliest.month - 1 - begin, rule.step)
    for month in count(first, rule.step):
        if month // 12 > LATEST.year:
            return
        if found := _in_month(month // 12, month % 12 + 1, rule.day, rule.nth):
            yield found


def _yearly(rule: Rule, earliest: date) -> Iterator[date]:
    for year in count(rule.begins.year + _skipped(earliest.year - rule.begins.year, rule.step), rule.step):
        if year > LATEST.year:
            return
        yield date(year, rule.month, min(rule.day, calendar.monthrange(year, rule.month)[1]))


_KINDS = {ONCE: _once, DAY: _daily, WEEK: _weekly, MONTH: _monthly, YEAR: _yearly}


def _skipped(units: int, step: int) -> int:
    """The last turn at or before so many units."""
    return max(units, 0) // step * step


def _in_month(year: int, month: int, day: int, nth: int) -> date | None:
    """A day of a month: by its number, or the nth of a weekday; None where the month has none."""
    length = calendar.monthrange(year, month)[1]
    if not nth:
        number = length if day == LAST else day
        return date(year, month, number) if number <= length else None
    places = [number for number in range(1, length + 1) if date(year, month, number).isoweekday() == day]
    return date(year, month, places[LAST if nth == LAST else nth - 1])


def _longest(month: int) -> int:
    return calendar.monthrange(2028, month)[1]  # a leap year


def _too_close(times: tuple[time, ...], *, across_midnight: bool) -> bool:
    minutes = [moment.hour * 60 + moment.minute for moment in times]
    if across_midnight:
        minutes.append(minutes[0] + 24 * 60)
    return any(late - early < CLOSEST // timedelta(minutes=1) for early, late in pairwise(minutes))


# --- reading what was stored or posted ---


def _list(raw: Any) -> list[Any]:
    return raw if isinstance(raw, list) else []


def _number(raw: Any, field: str, least: int, most: int) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not least <= raw <= most:
        raise RuleProblem("number", field, _("Write a whole number from %(least)s to %(most)s.") % {"least": max(least, 0), "most": most})
    return raw


def _date(raw: Any, field: str) -> date:
    try:
        found = date.fromisoformat(raw)
    except (TypeError, ValueError):
        raise RuleProblem("date", field, _("Choose a date.")) from None
    if not date(2000, 1, 1) <= found < LATEST:
        raise RuleProblem("date", field, _("Choose a date between the years 2000 and 2200."))
    return found


def _ends(raw: Any) -> tuple[date | None, int | None]:
    """The last day, or the most times, or neither: what cannot be read must not mean for ever."""
    ends = {} if raw is None else raw
    if not isinstance(ends, dict) or len(ends) > 1 or not ends.keys() <= {"until", "after"}:
        raise RuleProblem("ends", "ends", _("Choose when it ends: never, after a number of times, or on a date."))
    until = _date(ends["until"], "until") if "until" in ends else None
    return until, _number(ends["after"], "after", 1, 100_000) if "after" in ends else None


def _times(raw: Any) -> tuple[time, ...]:
    try:
        found = sorted({time.fromisoformat(one).replace(second=0, microsecond=0, tzinfo=None) for one in _list(raw)})
    except (TypeError, ValueError):
        raise RuleProblem("times", "times", _("Write times of day as hours and minutes, such as 09:30.")) from None
    if not found or len(found) > MOST_TIMES:
        raise RuleProblem("times", "times", _("Choose a time of day."))
    return tuple(found)


def spread(first: time, latest: time, minutes: int) -> tuple[time, ...]:
    """Times of a day that are so far apart."""
    return tuple(time(*divmod(at, 60)) for at in range(first.hour * 60 + first.minute, latest.hour * 60 + latest.minute + 1, minutes))


def _spread(raw: Any, times: tuple[time, ...]) -> tuple[int, time | None]:
    """How the times were said; nothing where that says other ones."""
    if "latest" not in raw or "minutes" not in raw:
        return 0, None
    minutes, latest = _number(raw["minutes"], "minutes", CLOSEST // timedelta(minutes=1), 24 * 60), _times([raw["latest"]])[0]
    return (minutes, latest) if times == spread(times[0], latest, minutes) else (0, None)


def _zone(raw: Any) -> str:
    if not isinstance(raw, str) or raw not in _zones():
        raise RuleProblem("zone", "zone", _("Choose a time zone."))
    return raw


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())  # it reads directories each time
