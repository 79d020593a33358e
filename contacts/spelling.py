"""How people and spreadsheets write a day, a number, yes and no: read without guessing, or refused with a sentence. Pure."""

import re
import unicodedata
from datetime import date
from typing import Any

from smsapp.common import sentences
from smsapp.common.sentences import say as _

# control signs, zero-width and direction marks, byte order marks, halves of surrogate pairs: JSON and PostgreSQL refuse some of them
INVISIBLE = re.compile("[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad\ud800-\udfff]")
SPACES = re.compile(r"\s+")

YES = {"yes", "y", "true", "1", "x", "oui", "o", "vrai", "on"}
NO = {"no", "n", "false", "0", "non", "faux", "off", "-"}

ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00)?)?")
WITH_SIGNS = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")
SHORT_YEAR = re.compile(r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2}")
MONTH_FIRST_REGIONS = {"AS", "FM", "GU", "MH", "MP", "PH", "PR", "PW", "US", "VI"}  # where 03/04/1990 is 4 March, elsewhere 3 April

# where the decimal sign is a point, a comma; elsewhere people write both
POINT_REGIONS = {
    "AU", "BD", "CN", "GB", "GH", "HK", "IE", "IL", "IN", "JP", "KE", "KR", "LK", "MT", "MY", "NG", "NZ", "PH", "PK", "SG", "TH", "TW", "TZ", "UG", "US", "ZM",
    "ZW",
}  # fmt: skip
COMMA_REGIONS = {
    "AR", "AT", "BE", "BG", "BO", "BR", "BY", "CL", "CO", "CZ", "DE", "DK", "EC", "EE", "ES", "FI", "FR", "GF", "GP", "GR", "HR", "HU", "ID", "IT", "LT", "LU",
    "LV", "MC", "MQ", "NC", "NL", "NO", "PF", "PL", "PM", "PT", "PY", "RE", "RO", "RS", "RU", "SE", "SI", "SK", "TR", "UA", "UY", "VE", "VN", "WF", "YT",
}  # fmt: skip
MOST_DIGITS = 15  # what a JSON number keeps exactly everywhere
SIGNS = str.maketrans("−–‐‑－＋’ʼ", "-----+''")
SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+")
PLAIN_NUMBER = re.compile(r"([+-]?)(\d[\d ,.']*)", re.ASCII)
GROUPED = re.compile(r"\d{1,3}(?:([ ,.'])\d{3})(?:\1\d{3})*|\d{1,2}(?:,\d{2})+,\d{3}")  # 1,234,567, and 12,34,567 as in India


class ValueProblem(ValueError):
    """A value that cannot be taken: a code for programs, a sentence for people."""

    def __init__(self, code: str, message: Any) -> None:
        super().__init__(str(message))
        self.code = code
        self.message = sentences.of(message)


def plain(raw: str) -> str:
    """Text without invisible signs and doubled spaces, its letters composed."""
    if raw.isascii() and raw.isalnum():
        return raw
    text = SPACES.sub(" ", INVISIBLE.sub("", raw)).strip()
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def folded(text: str) -> str:
    """Without accents and case, to compare: "Élève" and "ELEVE" are one word."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return SPACES.sub(" ", "".join(letter for letter in letters if not unicodedata.combining(letter))).strip()


def yes_or_no(value: str) -> bool:
    """A mark in a box, in English or French."""
    word = value.casefold()
    if word in YES:
        return True
    if word in NO:
        return False
    raise ValueProblem("not_yes_or_no", _("Neither yes nor no. Write yes, no, 1 or 0."))


def day(value: str, region: str) -> date:
    """A day written year-month-day, or day/month/year in the region's order."""
    if found := ISO.fullmatch(value):
        year, month, day = map(int, found.groups())
    elif found := WITH_SIGNS.fullmatch(value):
        first, second, year = map(int, found.groups())
        month, day = (first, second) if is_month_first(region) else (second, first)
        if month > 12 >= day:
            raise ValueProblem("date_other_order", _other_order(region) % {"month": month})
    elif SHORT_YEAR.fullmatch(value):
        words = _("The century is missing. Write the year with four digits, for example %(example)s.")
        raise ValueProblem("date_short_year", words % {"example": _example(region)})
    else:
        raise ValueProblem("not_a_date", _("Not a date that can be read. Write 1990-04-17 or %(example)s.") % {"example": _example(region)})
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueProblem("no_such_day", _("There is no such day in the calendar. Check day and month.")) from None


def is_month_first(region: str) -> bool:
    """How the region writes a date with signs."""
    return region in MONTH_FIRST_REGIONS


def has_two_readings(value: str) -> bool:
    """A date that is another day in the other order of day and month."""
    found = WITH_SIGNS.match(value.strip())
    return found is not None and found[1].lstrip("0") != found[2].lstrip("0") and int(found[1]) <= 12 and int(found[2]) <= 12


def _example(region: str) -> str:
    return "04/17/1990" if is_month_first(region) else "17/04/1990"


def _other_order(region: str) -> sentences.Sentence:
    if is_month_first(region):
        return _("There is no month %(month)s: the month is read first here. Write month/day/year, or year-month-day.")
    return _("There is no month %(month)s: the day is read first here. Write day/month/year, or year-month-day.")


def number(value: str, region: str) -> int | float:
    """A number as the region writes it; with both signs the last one is the decimal sign everywhere. Exact up to 15 digits."""
    text = SPACES.sub(" ", value.translate(SIGNS)).strip()
    if SCIENTIFIC.fullmatch(text):
        raise ValueProblem("lossy_number", _("The spreadsheet has rounded this number. Format the column as a number, enter it again and save the file."))
    found = PLAIN_NUMBER.fullmatch(text)
    if not found:
        raise ValueProblem("not_a_number", _("Not a number. Write digits only, for example 1234.5 or 1234,5."))
    whole, fraction = _parts(found[2], region)
    if len(whole) > 1 and whole.startswith("0"):
        raise ValueProblem("leading_zero", _("Begins with 0, as codes do and numbers do not. Leave the 0 out, or keep such codes in a text field."))
    fraction = fraction.rstrip("0")
    if len(whole.lstrip("0") + fraction) > MOST_DIGITS:
        raise ValueProblem("too_many_digits", _("More than 15 digits cannot be kept exactly. Round it, or keep such codes in a text field."))
    sign = "-" if found[1] == "-" else ""
    return float(f"{sign}{whole}.{fraction}") if fraction else int(f"{sign}{whole}")


def _parts(text: str, region: str) -> tuple[str, str]:
    """Digits before and after the decimal sign."""
    if text.isdigit():
        return text, ""
    decimal_sign = _decimal_sign(text, region)
    whole, fraction = text, ""
    if decimal_sign:
        whole, _sign, fraction = text.rpartition(decimal_sign)
    if not (whole.isdigit() or GROUPED.fullmatch(whole)) or (decimal_sign and not fraction.isdigit()):
        raise ValueProblem("not_a_number", _("Not a number. Write digits only, for example 1234.5 or 1234,5."))
    return re.sub(r"\D", "", whole), fraction


def _decimal_sign(text: str, region: str) -> str:
    """Which of comma and point stands before the decimals; empty when there are none."""
    signs = [letter for letter in text if letter in ",."]
    if not signs:
        return ""
    if len(set(signs)) == 2:
        return signs[-1]
    if len(signs) > 1:
        return ""  # 1,234,567: a decimal sign stands once
    whole, sign, fraction = text.partition(signs[0])
    if len(fraction) != 3 or len(whole) > 3 or whole == "0":
        return sign  # nobody groups like that
    if region in POINT_REGIONS:
        return "." if sign == "." else ""
    if region in COMMA_REGIONS and sign == ",":
        return ","
    words = {"value": text, "whole": f"{whole}{fraction}", "decimals": f"{text}0"}
    raise ValueProblem("number_ambiguous", _("%(value)s may be a whole number or one with decimals. Write %(whole)s or %(decimals)s.") % words)
