"""One cell to one value: each cleaner returns the value, None for nothing to say, or raises CellProblem with a sentence."""

import re
import unicodedata
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from contacts import spelling
from contacts.formulas import unguard
from contacts.importing.xlsx.scan import ERRORS

PLAIN_EMAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,62}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}")
QUOTED = re.compile(r'="([^"]*)"')
LANGUAGES = {"en": "en", "eng": "en", "english": "en", "anglais": "en", "fr": "fr", "fra": "fr", "fre": "fr", "french": "fr", "francais": "fr"}
OLDEST = 1900
LENGTHS = {"first_name": 100, "last_name": 100, "organisation": 150, "external_id": 100}

CellProblem = spelling.ValueProblem
yes_or_no = spelling.yes_or_no


def tidy(raw: str) -> str:
    """Text without invisible signs and doubled spaces; undoes the apostrophe that an export puts before what looks like a formula."""
    if raw.isascii() and raw.isalnum():
        return raw
    text = spelling.INVISIBLE.sub("", raw).strip()
    return spelling.plain(unguard(text))


def told(raw: str) -> str:
    """What a cell of text says; raises CellProblem where a spreadsheet left no value, or a formula that only a spreadsheet can work out."""
    if raw[0] == "\0":
        raise _no_value(raw[1:])
    value = tidy(raw)
    if raw[0] == "#" and value in ERRORS:
        raise _no_value(value)
    if raw[0] == "=" and value:
        quoted = QUOTED.fullmatch(value)  # ="00123", the spreadsheet's way to keep a zero
        if not quoted:
            raise CellProblem("formula", _("This is a formula and no value. Save the column's values: copy it and paste “values only”, then save the file."))
        return tidy(quoted[1])
    return value


def _no_value(what: str) -> CellProblem:
    """What stands in a cell of a workbook that has no value (see contacts.importing.xlsx.convert)."""
    if what == "=":
        message = _("The formula of this cell has no value yet. Open the workbook in a spreadsheet, save it and upload it again.")
        return CellProblem("formula_without_value", message)
    if what.startswith("#"):
        return CellProblem("formula_error", _("The formula of this cell ends in the error %(error)s. Mend it, or empty the cell.") % {"error": what})
    return CellProblem("zero_bytes", _("This cell holds zero bytes. Write it anew."))


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


def birth_date(value: str, today: date, region: str) -> date:
    """A day in the past, written year-month-day or day/month/year; nothing is guessed."""
    day = spelling.day(value, region)
    if day > today:
        raise CellProblem("date_in_future", _("This day is still to come. Check the year."))
    if day.year < OLDEST:
        raise CellProblem("date_too_old", _("Before the year 1900. Check the year."))
    return day


def group_names(value: str) -> list[str]:
    """Names of groups, separated by ; or |."""
    names = [name.strip() for name in re.split(r"[;|]", value) if name.strip()]
    for name in names:
        if len(name) > 100:
            raise CellProblem("too_long", _("%(length)s characters. Use at most %(most)s.") % {"length": len(name), "most": 100})
    return names
