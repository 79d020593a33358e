"""A rule of recurrence as people say it."""

from datetime import date, time
from itertools import pairwise

from django.utils.dates import WEEKDAYS
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext

from smsapp.common import dates
from workflows.recurrence import DAY, LAST, MONTH, ONCE, WEEK, YEAR, Rule

MOST_NAMED = 6  # times of a day


def in_words(rule: Rule) -> str:
    """In one line: how often, when, how long."""
    when = _WHEN[rule.every](rule)
    return f"{_spread(when, rule, rule.latest) if rule.latest else _at(when, rule.times)}{_end(rule)}"


def _once(rule: Rule) -> str:
    return _("Once, on %(day)s") % {"day": _day(rule.begins)}


def _daily(rule: Rule) -> str:
    return npgettext("how often", "Every day", "Every %(step)s days", rule.step) % {"step": rule.step}


def _weekly(rule: Rule) -> str:
    facts = {"step": rule.step, "days": _listed([str(WEEKDAYS[day - 1]) for day in rule.days])}
    return npgettext("how often", "Every week on %(days)s", "Every %(step)s weeks on %(days)s", rule.step) % facts


def _monthly(rule: Rule) -> str:
    facts = {"step": rule.step, "day": _day_of_month(rule)}
    return npgettext("how often", "On %(day)s of every month", "On %(day)s of every %(step)s months", rule.step) % facts


def _yearly(rule: Rule) -> str:
    leap = (rule.month, rule.day) == (2, 29)
    day = _("29 February (28 February in other years)") if leap else dates.said(date(2028, rule.month, rule.day), "j F")
    return npgettext("how often", "Every year on %(day)s", "Every %(step)s years on %(day)s", rule.step) % {"step": rule.step, "day": day}


_WHEN = {ONCE: _once, DAY: _daily, WEEK: _weekly, MONTH: _monthly, YEAR: _yearly}


def _day_of_month(rule: Rule) -> str:
    if rule.nth:
        first, second, third = _("the 1st %(weekday)s"), _("the 2nd %(weekday)s"), _("the 3rd %(weekday)s")
        names = {1: first, 2: second, 3: third, 4: _("the 4th %(weekday)s"), LAST: _("the last %(weekday)s")}
        return names[rule.nth] % {"weekday": WEEKDAYS[rule.day - 1]}
    named = {1: _("the first day"), LAST: _("the last day")}
    return named.get(rule.day) or _("day %(day)s") % {"day": rule.day}


def _at(when: str, times: tuple[time, ...]) -> str:
    said = [time_format(moment, "H:i") for moment in times]
    if len(said) <= MOST_NAMED:
        return _("%(when)s at %(times)s") % {"when": when, "times": _listed(said)}
    minutes = [moment.hour * 60 + moment.minute for moment in times]
    apart = {late - early for early, late in pairwise(minutes)}
    facts = {"when": when, "count": len(said), "first": said[0], "last": said[-1], "minutes": min(apart)}
    if len(apart) == 1:
        return _("%(when)s, every %(minutes)s minutes from %(first)s to %(last)s") % facts
    return _("%(when)s, %(count)s times from %(first)s to %(last)s") % facts


def _spread(when: str, rule: Rule, latest: time) -> str:
    """As it was said, whatever the last of its times is."""
    first, last = time_format(rule.times[0], "H:i"), time_format(latest, "H:i")
    return _("%(when)s, every %(minutes)s minutes from %(first)s to %(last)s") % {"when": when, "minutes": rule.minutes, "first": first, "last": last}


def _listed(words: list[str]) -> str:
    return _("%(some)s and %(last)s") % {"some": ", ".join(words[:-1]), "last": words[-1]} if len(words) > 1 else words[0]


def _end(rule: Rule) -> str:
    if rule.every == ONCE:
        return ""
    if rule.after:
        return ngettext(", once", ", %(times)s times", rule.after) % {"times": rule.after}
    return _(", until %(day)s") % {"day": _day(rule.until)} if rule.until else ""


def _day(day: date) -> str:
    return dates.said(day, "DATE_FORMAT")
