"""Values of custom fields: what people and files write becomes what is stored, and what is stored becomes what people read. Pure.

Stored as JSON: text and choice a string, number a number, date "2026-12-31", yes/no true or false; an empty one is absent.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import formats

from contacts import spelling
from contacts.spelling import ValueProblem
from smsapp.common import dates
from smsapp.common.sentences import say as _

TEXT, NUMBER, DATE, CHOICE, YES_NO = "text", "number", "date", "choice", "yes_no"  # CustomField.Type, which rules do not import
LONGEST_TEXT = 500
YEARS = range(1000, 3000)
MOST_NAMED = 12  # choices that a sentence lists
WORDS = {"en": ("no", "yes"), "fr": ("non", "oui")}
ISO_LENGTH = 10
MACHINE = "GB"  # a region that writes numbers as programs do


def clean(kind: str, raw: Any, *, choices: Sequence[str] = (), region: str = "FR") -> Any:
    """The value to store of what somebody wrote; None for nothing. A stored value stays as it is. Raises ValueProblem."""
    if raw is None or raw == "":
        return None
    if isinstance(raw, str):
        text = spelling.plain(raw)
        return _READERS[kind](text, choices, region) if text else None
    return _typed(kind, raw)


def _typed(kind: str, raw: Any) -> Any:
    """A value that is no text already: of a form, of JSON, of a spreadsheet's cell."""
    if kind == YES_NO and isinstance(raw, bool):
        return raw
    if kind == NUMBER and isinstance(raw, (int, float, Decimal)) and not isinstance(raw, bool):
        return spelling.number(_digits(float(f"{raw:.15g}") if isinstance(raw, float) else raw), MACHINE)
    if kind == DATE and isinstance(raw, date):
        return _date((raw.date() if isinstance(raw, datetime) else raw).isoformat(), (), MACHINE)
    raise ValueProblem("wrong_type", _("%(value)s does not fit here: another kind of value is expected.") % {"value": str(raw)[:80]})


def _text(text: str, choices: Sequence[str], region: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise ValueProblem("too_long", _("%(length)s characters. Use at most %(most)s.") % {"length": len(text), "most": LONGEST_TEXT})
    return text


def _number(text: str, choices: Sequence[str], region: str) -> int | float:
    return spelling.number(text, region)


def _date(text: str, choices: Sequence[str], region: str) -> str:
    day = spelling.day(text, region)
    if day.year not in YEARS:
        raise ValueProblem("no_such_year", _("The year %(year)s cannot be meant. Check it.") % {"year": day.year})
    return day.isoformat()


def _choice(text: str, choices: Sequence[str], region: str) -> str:
    if text in choices:
        return text
    wanted = spelling.folded(text)
    same = [choice for choice in choices if spelling.folded(choice) == wanted]
    if len(same) == 1:
        return same[0]
    listed = ", ".join(choices[:MOST_NAMED]) + (", …" if len(choices) > MOST_NAMED else "")
    raise ValueProblem("not_a_choice", _("Not one of the choices. Write one of them: %(choices)s.") % {"choices": listed})


def _yes_no(text: str, choices: Sequence[str], region: str) -> bool:
    return spelling.yes_or_no(text)


_READERS: dict[str, Any] = {TEXT: _text, NUMBER: _number, DATE: _date, CHOICE: _choice, YES_NO: _yes_no}


def display(kind: str, value: Any) -> str:
    """A stored value in the language of the reader; empty for nothing."""
    if value is None:
        return ""
    if kind == YES_NO and isinstance(value, bool):
        return _("Yes") if value else _("No")
    if kind == NUMBER and _is_number(value):
        return _digits(value).replace(".", formats.get_format("DECIMAL_SEPARATOR"))
    if kind == DATE and (day := _day(value)):
        return dates.said(day, "DATE_FORMAT")
    return str(value)


def in_text(kind: str, value: Any, language: str) -> str:
    """A stored value as it stands in a text message: short, without letters that make it dearer, and cheap to make a million times."""
    if value is None:
        return ""
    if kind == YES_NO and isinstance(value, bool):
        return WORDS.get(language, WORDS["en"])[value]
    if kind == NUMBER and _is_number(value):
        return _digits(value).replace(".", ",") if language == "fr" else _digits(value)
    if kind == DATE and isinstance(value, str) and len(value) == ISO_LENGTH:
        return f"{value[8:]}/{value[5:7]}/{value[:4]}"
    return str(value)


def as_written(kind: str, value: Any, region: str) -> str:
    """A stored value as `clean` reads it back in this region: for form fields and files."""
    if value is None:
        return ""
    if kind == YES_NO and isinstance(value, bool):
        return "yes" if value else "no"
    if kind == NUMBER and _is_number(value):
        return _written(_digits(value), region)
    return str(value)


def _written(digits: str, region: str) -> str:
    """With the region's decimal sign, and one more 0 where three decimals could be taken for thousands."""
    whole, sign, fraction = digits.partition(".")
    if not sign:
        return digits
    padded = fraction + "0" if len(fraction) == 3 and len(whole.lstrip("-")) <= 3 else fraction
    return f"{whole},{padded}" if region in spelling.COMMA_REGIONS else f"{whole}.{padded}"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _digits(value: Any) -> str:
    """A number without grouping and exponent: 1234.5, 0.000001, 10."""
    if isinstance(value, int):
        return str(value)
    text = format(Decimal(str(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None
