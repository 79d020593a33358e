"""Birth dates, birthdays and ages. In ordinary years 29 February is celebrated on the 28th."""

from calendar import isleap
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from contacts.smart import comparisons as ask
from contacts.smart.choices import OneOf
from contacts.smart.criteria import At, Question
from contacts.smart.questions import categories
from contacts.smart.values import Day, DayMonth, Days, Pair, Years

LEAP_DAY = 229


def key(day: date) -> int:
    """As Contact.birthday has it: 1203."""
    return day.month * 100 + day.day


def celebrated(first: date, last: date) -> Q:
    """Birthdays from one day to another, both included, at most a year apart."""
    if (last - first).days >= 365:
        return Q(birthday__isnull=False)
    begin, end = key(first), key(last)
    if end == LEAP_DAY - 1 and not isleap(last.year):
        end = LEAP_DAY
    if begin <= end:
        return Q(birthday__isnull=False, birthday__gte=begin, birthday__lte=end)
    return Q(birthday__isnull=False) & (Q(birthday__gte=begin) | Q(birthday__lte=end))  # over the end of the year


def born_by(today: date, age: int) -> date:
    """The last birth date of those who have reached that age today."""
    year = today.year - age
    if (today.month, today.day) == (2, 29) and not isleap(year):
        return date(year, 2, 28)
    if (today.month, today.day) == (2, 28) and isleap(year) and not isleap(today.year):
        return date(year, 2, 29)
    return today.replace(year=year)


class BirthDate(Question):
    """The day of birth."""

    name, label, category = "birth_date", _("Birth date"), categories.DATES
    comparisons = (ask.equal(Day()), ask.before(Day()), ask.after(Day()), ask.between(Pair(Day())), ask.EMPTY, ask.FILLED)

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        known = Q(birth_date__isnull=False)
        if comparison == "empty":
            return ~known
        if comparison == "between":
            return known & Q(birth_date__gte=value[0], birth_date__lte=value[1])
        return known & Q(**{f"birth_date__{ {'is': 'exact', 'before': 'lt', 'after': 'gt'}[comparison]}": value})


class Birthday(Question):
    """The day of the year, whatever the year."""

    name, label, category = "birthday", _("Birthday"), categories.DATES
    comparisons = (
        ask.Comparison("today", _("is today"), _("%(question)s is today")),
        ask.coming(Days(most=366)),
        ask.within(Days(most=366)),
        ask.Comparison("month", _("is in the month"), _("%(question)s is in %(value)s"), OneOf(lambda: [(str(n), name) for n, name in MONTHS.items()])),
        ask.Comparison("on", _("is on"), _("%(question)s is on %(value)s"), DayMonth()),
    )

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        today = at.today
        if comparison == "month":
            ranges = [Q(birthday__gte=int(month) * 100, birthday__lt=int(month) * 100 + 100) for month in value]
            return Q(birthday__isnull=False) & _any(ranges)
        if comparison == "on":
            day = int(value.replace("-", ""))
            days = [day, LEAP_DAY] if day == LEAP_DAY - 1 and not isleap(today.year) else [day]
            return Q(birthday__isnull=False, birthday__in=days)
        span = timedelta(days=value or 0)
        return celebrated(today - span, today) if comparison == "within" else celebrated(today, today + span)


class Age(Question):
    """Whole years since birth."""

    name, label, category = "age", _("Age"), categories.DATES
    comparisons = (ask.at_least(Years()), ask.at_most(Years()), ask.between(Pair(Years())), ask.equal(Years()))

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        youngest, oldest = {"at_least": (value, None), "at_most": (None, value), "is": (value, value)}.get(comparison) or value
        condition = Q(birth_date__isnull=False, birth_date__lte=born_by(at.today, youngest or 0))
        return condition if oldest is None else condition & Q(birth_date__gt=born_by(at.today, oldest + 1))


def _any(conditions: list[Q]) -> Q:
    found = conditions[0]
    for condition in conditions[1:]:
        found |= condition
    return found


ALL: list[Question] = [BirthDate(), Birthday(), Age()]
