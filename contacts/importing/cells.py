"""One cell to one value: each cleaner returns the value, None for nothing to say, or raises CellProblem with a sentence."""

import re
import unicodedata
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from contacts import name_lists, spelling, tags
from contacts.formulas import unguard
from contacts.importing.xlsx.scan import ERRORS
from smsapp.common.sentences import say as _

NO_VALUE = "\0"  # begins a cell of a workbook that cannot be read (see contacts.importing.xlsx.convert)
PLAIN = re.compile("[!-&(-~À-ÿ][!-~À-ÿ]*(?: [!-~À-ÿ]+)*")  # letters and signs of Western Europe, single spaces: nothing to mend
PLAIN_EMAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,62}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}")
QUOTED = re.compile(r'="([^"]*)"')
MOMENT = re.compile(r"(\S+)[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?")
ANSWERS = {"true", "false", "vrai", "faux", "yes", "no", "oui", "non", "x", "stop"}
BREAK = re.compile(r"[\r\n]")
HAS_DIGIT = re.compile(r"\d")
NUMBER = re.compile(r"\+?(?:\d[ .\-/()\u00a0]{0,2}){8,}")  # a date has a digit or two too few, unless it is written without signs
TAG_SEPARATORS = re.compile(r"[;|,\n]")
LANGUAGES = {"en": "en", "eng": "en", "english": "en", "anglais": "en", "fr": "fr", "fra": "fr", "fre": "fr", "french": "fr", "francais": "fr"}
OLDEST = 1900
LONGEST_GROUP = 100
LENGTHS = {"first_name": 100, "last_name": 100, "organisation": 150, "external_id": 100}

CellProblem = spelling.ValueProblem


def tidy(raw: str) -> str:
    """Text without invisible signs and doubled spaces; undoes the apostrophe that an export puts before what looks like a formula."""
    if PLAIN.fullmatch(raw):
        return raw
    text = spelling.INVISIBLE.sub("", raw).strip()
    return spelling.plain(unguard(text))


def told(raw: str) -> str:
    """What a cell of text says; raises CellProblem where a spreadsheet left no value, or a formula that only a spreadsheet can work out."""
    value = tidy(raw)
    if raw[0] in "\0#=" or value == "=":
        refuse_no_value(raw, value)
        if raw[0] == "=" and value:
            quoted = QUOTED.fullmatch(value)  # ="00123", the spreadsheet's way to keep a zero
            if not quoted:
                message = _("This is a formula and no value. Save the column's values: copy it and paste “values only”, then save the file.")
                raise CellProblem("formula", message)
            return tidy(quoted[1])
    return value


def seen(raw: str) -> str:
    """What somebody sees who looks into the cell: nothing, where a spreadsheet has not worked out a formula yet."""
    return "" if raw == f"{NO_VALUE}=" else raw.lstrip(NO_VALUE)


def one_line(raw: str) -> str:
    """What the cell of a name says; raises CellProblem for several lines: mostly several people, or a quotation mark in the wrong place."""
    if BREAK.search(raw) and BREAK.search(raw.strip()):
        raise CellProblem("line_break", _("The name goes over several lines. Write one name in one line, and one person in each row."))
    return told(raw)


def number_text(raw: str) -> str:
    """What the cell of a number says. A formula's wrapping is taken off with the rest of the number's dress."""
    value = tidy(raw)
    if raw[0] in "\0#" or value == "=":
        refuse_no_value(raw, value)
    if value.casefold() in ANSWERS:
        message = _("A yes or no stands here instead of a number. Write the number, or choose another meaning for the column.")
        raise CellProblem("answer_not_number", message)
    return value


def refuse_no_value(raw: str, value: str) -> None:
    """Raises CellProblem for a cell of a spreadsheet that has no value."""
    if raw[0] != NO_VALUE and value not in ERRORS and value != "=":
        return
    if value == "=":
        message = _("The formula of this cell has no value yet. Open the workbook in a spreadsheet, save it and upload it again.")
        raise CellProblem("formula_without_value", message)
    if value in ERRORS:
        raise CellProblem("formula_error", _("The formula of this cell ends in the error %(error)s. Mend it, or empty the cell.") % {"error": value})
    raise CellProblem("zero_bytes", _("This cell holds zero bytes. Write it anew."))


def text(value: str, longest: int) -> str:
    """A name."""
    if len(value) > longest:
        raise CellProblem("too_long", _("%(length)s characters. Use at most %(most)s.") % {"length": len(value), "most": longest})
    return value


def name(value: str, longest: int) -> str:
    """A first or last name: a number in it belongs elsewhere, and has often slipped over from the next cell."""
    if HAS_DIGIT.search(value) and NUMBER.search(value):
        raise CellProblem("number_in_name", _("There is a phone number in the name. Give the number a column of its own, and keep the name alone."))
    return text(value, longest)


def external_id(value: str) -> str:
    """A key in another system; one that a spreadsheet has rounded would be somebody else's."""
    if spelling.SCIENTIFIC.fullmatch(value):
        raise CellProblem("lossy_number", _("The spreadsheet has rounded this number. Format the column as text, enter the number again and save the file."))
    return text(value, LENGTHS["external_id"])


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
    """A day in the past, written year-month-day or in the region's order of day and month; nothing is guessed."""
    return _past(spelling.day(value, region), today)


def opt_in_date(value: str, today: date, region: str) -> date:
    """The day on which somebody agreed; a time behind it is left out."""
    moment = MOMENT.fullmatch(value)
    return _past(spelling.day(moment[1] if moment else value, region), today)


def _past(day: date, today: date) -> date:
    if day > today:
        raise CellProblem("date_in_future", _("This day is still to come. Check the year."))
    if day.year < OLDEST:
        raise CellProblem("date_too_old", _("Before the year 1900. Check the year."))
    return day


def group_names(value: str) -> list[str]:
    """Names of groups, separated by ; or |; one that holds a separator in quotation marks. One with commas may still be several (see `named`)."""
    names: list[str] = []
    for name in name_lists.split(value):
        is_several = name_lists.has_commas(name) and len(name) > LONGEST_GROUP
        names += name_lists.at_commas(name) if is_several else [name]
    for name in names:
        text(name, LONGEST_GROUP)
    return names


def tag_names(value: str) -> list[str]:
    """Tags, separated by ; or | or commas."""
    return tags.clean(TAG_SEPARATORS.split(value))
