"""Numbers, money and moments as people read them, in their language and zone."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils import formats, timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from smsapp.common import amounts, dates

NO_BREAK = "\u00a0"
NARROW_NO_BREAK = "\u202f"
DASH = "–"


def number(value: Any, places: int | None = None) -> str:
    """A number grouped by language, 4,391 or 4 391; nothing at all is an en dash."""
    if value is None or value == "":
        return DASH
    if not isinstance(value, (int, float, Decimal)):
        return str(value)
    if places is not None and isinstance(value, Decimal):
        value = amounts.rounded(value, places)  # Django would cut the rest off
    text = formats.number_format(value, decimal_pos=places, use_l10n=True, force_grouping=True)
    return text.replace(" ", NARROW_NO_BREAK).replace(NO_BREAK, NARROW_NO_BREAK)


def percent(part: Any, whole: Any) -> str:
    """A part of a whole: 98.0% or 98,0 %; of nothing it is an en dash."""
    if not whole or part is None:
        return DASH
    text = formats.number_format(amounts.rounded(100 * Decimal(part) / Decimal(whole), 1), decimal_pos=1, use_l10n=True)
    return f"{text}{NARROW_NO_BREAK}%" if _is_french() else f"{text}%"


def money(amount: Any, currency: str = "EUR") -> str:
    """€344.43 / 344,43 €, rounded to the digits of the currency."""
    return DASH if amount is None or amount == "" else _with_sign(Decimal(amount), currency, amounts.digits(currency))


def price(amount: Any, currency: str = "EUR") -> str:
    """What one costs, with as many digits as that takes: €0.0412, €0.07."""
    return DASH if amount is None or amount == "" else _with_sign(Decimal(amount), currency, amounts.digits_of_price(Decimal(amount), currency))


def _with_sign(amount: Decimal, currency: str, places: int) -> str:
    sign = {"EUR": "€", "GBP": "£", "USD": "$"}.get(currency, currency)
    text = number(amount, places)
    if _is_french() or len(sign) > 1:
        return f"{text}{NO_BREAK}{sign}"
    return f"{sign}{text}"


def _is_french() -> bool:
    return (translation.get_language() or "").startswith("fr")


def person_time(moment: Any, now: datetime | None = None) -> SafeString:
    """A moment as people say it, in the reader's zone: Today 14:00, Fri 09:00, 3 Nov, 10:00, 3 Nov 2025; the title has it whole.

    What is to come is never without its time.
    """
    return _time(moment, now, _moment)


def person_time_within(moment: Any, now: datetime | None = None) -> SafeString:
    """The same in the middle of a sentence: today at 14:00, Friday at 09:00, 3 Nov at 10:00, 3 Nov 2025."""
    return _time(moment, now, _moment_within)


def _time(moment: Any, now: datetime | None, say: Callable[[datetime, date], str]) -> SafeString:
    if not moment:
        return SafeString(DASH)
    if not isinstance(moment, datetime):
        return _day_element(moment, timezone.localdate(), translation.get_language())
    today = timezone.localtime(now or timezone.now()).date()
    return _moment_element(moment, today, say, timezone.get_current_timezone_name(), translation.get_language())


@lru_cache(maxsize=2_000)
def _day_element(day: date, today: date, _language: str | None) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), _day(day, today))


@lru_cache(maxsize=5_000)  # a list says a moment two or three times a row: for wide windows and for small ones
def _moment_element(moment: datetime, today: date, say: Callable[[datetime, date], str], _zone: str, _language: str | None) -> SafeString:
    here = timezone.localtime(moment)
    whole = f"{dates.said(here, 'DATETIME_FORMAT')} ({here.tzname()})"
    return format_html('<time datetime="{}" title="{}">{}</time>', here.isoformat(timespec="seconds"), whole, say(here, today))


def _moment(here: datetime, today: date) -> str:
    day, clock = here.date(), formats.time_format(here, "H:i")
    names = {0: _("Today"), -1: _("Yesterday"), 1: _("Tomorrow")}
    away = (day - today).days
    if away in names:
        return f"{names[away]}{NO_BREAK}{clock}"
    if _is_next(away):
        return f"{formats.date_format(here, 'D')}{NO_BREAK}{clock}".capitalize()
    if _matters(away):
        return pgettext("day and clock", "%(day)s, %(clock)s") % {"day": _day(day, today), "clock": clock}
    return _day(day, today)


def _moment_within(here: datetime, today: date) -> str:
    day, away = here.date(), (here.date() - today).days
    names = {0: pgettext("within a sentence", "today"), -1: pgettext("within a sentence", "yesterday"), 1: pgettext("within a sentence", "tomorrow")}
    if away in names or _matters(away):
        name = names.get(away) or (formats.date_format(here, "l") if _is_next(away) else _day(day, today))
        return pgettext("within a sentence", "%(day)s at %(clock)s") % {"day": name, "clock": formats.time_format(here, "H:i")}
    return _day(day, today)


def _is_next(days: int) -> bool:
    """The name of the weekday says which day it is."""
    return 1 < days < 7


def _matters(days: int) -> bool:
    """Somebody may ask for the time of that day: of what is to come always."""
    return days > 0 or _is_near(days)


def _is_near(days: int) -> bool:
    """It needs no year, if it is of this one."""
    return abs(days) < 180


def _day(day: date, today: date) -> str:
    if _is_near((day - today).days) and day.year == today.year:
        return dates.said(day, pgettext("date without year", "j M"))
    return dates.said(day, pgettext("date with year", "j M Y"))
