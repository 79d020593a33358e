"""One cell to one value: each cleaner returns the value, None for nothing to say, or raises CellProblem with a sentence."""

import re
import unicodedata
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")
SPACES = re.compile(r"\s+")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # spreadsheets also narrow the wide ones
PLAIN_EMAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,62}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}")
YES = {"yes", "y", "true", "1", "x", "oui", "o", "vrai", "on"}
NO = {"no", "n", "false", "0", "non", "faux", "off", "-"}
LANGUAGES = {"en": "en", "eng": "en", "english": "en", "anglais": "en", "fr": "fr", "fra": "fr", "fre": "fr", "french": "fr", "francais": "fr"}
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00)?)?")
DAY_FIRST = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")
SHORT_YEAR = re.compile(r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2}")
MONTH_FIRST_REGIONS = {"US", "PH"}  # where 03/04/1990 may be read as 4 March
OLDEST = 1900
LENGTHS = {"first_name": 100, "last_name": 100, "organisation": 150, "external_id": 100}


class CellProblem(ValueError):
    """A value that cannot be taken: a code for programs, a sentence for people."""

    def __init__(self, code: str, message: Any) -> None:
        super().__init__(str(message))
        self.code = code
        self.message = str(message)


def tidy(raw: str) -> str:
    """Text without invisible signs and doubled spaces; undoes the apostrophe that an export puts before FORMULA_STARTS."""
    if raw.isascii() and raw.isalnum():
        return raw
    text = INVISIBLE.sub("", raw).strip()
    if text.startswith("'") and text.startswith(FORMULA_STARTS, 1):
        text = text[1:]
    text = SPACES.sub(" ", text).strip()
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def text(value: str, longest: int) -> str:
    """A name or a key."""
    if len(value) > longest:
        raise CellProblem("too_long", _("%(length)s characters. Use at most %(most)s.") % {"length": len(value), "most": longest})
    return value


def email(value: str) -> str:
    """A full e-mail address."""
    if PLAIN_EMAIL.fullmatch(value) and len(value) <= 254 and ".." not in value:
        return value
    try:
        validate_email(value)
    except ValidationError:
        raise CellProblem("not_an_email", _("Not a full e-mail address. Write it like lea@example.org.")) from None
    if len(value) > 254:
        raise CellProblem("too_long", _("%(length)s characters. Use at most %(most)s.") % {"length": len(value), "most": 254})
    return value


def language(value: str) -> str:
    """The language in which the person is addressed."""
    plain = unicodedata.normalize("NFKD", value.casefold()).encode("ascii", "ignore").decode()
    found = LANGUAGES.get(plain) or LANGUAGES.get(re.split(r"[-_ ]", plain)[0])
    if not found:
        raise CellProblem("unknown_language", _("Not a language of this console. Write English or French, or en or fr."))
    return found


def yes_or_no(value: str) -> bool:
    """A mark in a box."""
    word = value.casefold()
    if word in YES:
        return True
    if word in NO:
        return False
    raise CellProblem("not_yes_or_no", _("Neither yes nor no. Write yes, no, 1 or 0."))


def birth_date(value: str, today: date, region: str) -> date:
    """A day in the past, written year-month-day or day/month/year; nothing is guessed."""
    day = _date(value, region)
    if day > today:
        raise CellProblem("date_in_future", _("This day is still to come. Check the year."))
    if day.year < OLDEST:
        raise CellProblem("date_too_old", _("Before the year 1900. Check the year."))
    return day


def _date(value: str, region: str) -> date:
    if found := ISO.fullmatch(value):
        year, month, day = map(int, found.groups())
    elif found := DAY_FIRST.fullmatch(value):
        day, month, year = map(int, found.groups())
        if day <= 12 and month <= 12 and day != month and region in MONTH_FIRST_REGIONS:
            raise CellProblem("date_ambiguous", _("Day and month cannot be told apart. Write year-month-day, for example 1990-04-17."))
    elif SHORT_YEAR.fullmatch(value):
        raise CellProblem("date_short_year", _("The century is missing. Write the year with four digits, for example 17/04/1990."))
    else:
        raise CellProblem("not_a_date", _("Not a date that can be read. Write 1990-04-17 or 17/04/1990."))
    if month > 12 >= day:
        raise CellProblem("date_month_first", _("There is no month %(month)s. Write the day first, or year-month-day.") % {"month": month})
    try:
        return date(year, month, day)
    except ValueError:
        raise CellProblem("no_such_day", _("There is no such day in the calendar. Check day and month.")) from None


def group_names(value: str) -> list[str]:
    """Names of groups, separated by ; or |."""
    names = [name.strip() for name in re.split(r"[;|]", value) if name.strip()]
    for name in names:
        if len(name) > 100:
            raise CellProblem("too_long", _("%(length)s characters. Use at most %(most)s.") % {"length": len(name), "most": 100})
    return names
