"""What a rule compares with: each kind of value reads what a form or JSON says, and tells it in words.

`clean` takes hostile input and returns what is stored as JSON, or raises BadValue with a sentence.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.dates import MONTHS
from django.utils.translation import get_language

from contacts import custom_values, spelling
from smsapp.common import dates, sentences
from smsapp.common.sentences import say as _
from smsapp.common.sentences import say_n as ngettext

LONGEST = 200  # characters of a text
MOST = 50  # values of a list
BEYOND = {"too_many_digits", "lossy_number"}  # how numbers without end are refused where they may be codes
DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

Names = Mapping[tuple[str, int], str]  # (what, id) -> its name, for values that are ids
Choice = tuple[str, Any]


class BadValue(Exception):
    """A value that cannot be used, with a sentence."""

    def __init__(self, message: Any) -> None:
        super().__init__(str(message))
        self.message = sentences.of(message)


class Value:
    """A kind of value. `widget` names the template part that asks for it."""

    widget = "none"
    refers_to = ""  # what its ids are of: "group", or what an upper app names

    def gather(self, fields: Sequence[str]) -> Any:
        """What the fields of a form say, as `clean` takes it."""
        return fields[0] if fields else ""

    def clean(self, raw: Any) -> Any:
        """The value as it is stored."""
        return None

    def fill(self, value: Any) -> list[str]:
        """The stored value as the fields of a form show it: `gather` reads it back."""
        return [str(value)]

    def still_there(self, raw: Any) -> list[str]:
        """What fields of a form can show of a stored value that lacks something."""
        return []

    def words(self, value: Any, names: Names) -> str:
        """The stored value as people read it."""
        return ""

    def choices(self) -> Iterable[Choice]:
        """What can be chosen, where something can."""
        return ()

    def ids(self, value: Any) -> list[int]:
        """Ids of rows that a stored value refers to, however bad it is."""
        return []


class Text(Value):
    """A word or more."""

    widget = "text"

    def clean(self, raw: Any) -> str:
        if isinstance(raw, (int, float)) and not isinstance(raw, bool):
            raw = str(raw)
        if not isinstance(raw, str):
            raise BadValue(_("A text is expected."))
        text = spelling.plain(raw[: LONGEST * 4])
        if not text:
            raise BadValue(_("Write what to look for."))
        if len(text) > LONGEST:
            raise BadValue(_("%(length)s characters. Use at most %(most)s.") % {"length": len(text), "most": LONGEST})
        return text

    def words(self, value: Any, names: Names) -> str:
        return _("“%(text)s”") % {"text": value}


class Texts(Text):
    """One word or more of a list, one a line."""

    widget = "texts"

    def gather(self, fields: Sequence[str]) -> Any:
        return [line for field in fields for line in field.splitlines() if line.strip()]

    def fill(self, value: Any) -> list[str]:
        return ["\n".join(value)]

    def clean(self, raw: Any) -> Any:
        if isinstance(raw, str):
            raw = [raw]
        return [super(Texts, self).clean(item) for item in listed(raw, _("Write at least one, each in a line of its own."))]

    def words(self, value: Any, names: Names) -> str:
        return either(super(Texts, self).words(item, names) for item in value)


class Number(Value):
    """A number, such as 12.5."""

    widget = "number"
    whole = False
    least, most = -(10**15), 10**15

    def clean(self, raw: Any) -> int | float:
        try:
            number = custom_values.clean(custom_values.NUMBER, raw[:60] if isinstance(raw, str) else raw, region=_region())
        except (spelling.ValueProblem, ValueError, OverflowError) as problem:
            raise BadValue(self._told(problem)) from None
        if number is None:
            raise BadValue(_("Write a number, for example %(example)s.") % {"example": 12})
        if self.whole and number != int(number):
            raise BadValue(_("A whole number is expected, for example %(example)s.") % {"example": 12})
        if not self.least <= number <= self.most:
            raise BadValue(self._bounds())
        return int(number) if number == int(number) else float(number)

    def _told(self, problem: Exception) -> str:
        if not isinstance(problem, spelling.ValueProblem):
            return _("Not a number.")
        return self._bounds() if self.whole and problem.code in BEYOND else problem.message

    def _bounds(self) -> str:
        return _("Write a number from %(least)s to %(most)s.") % {"least": self.least, "most": self.most}

    def fill(self, value: Any) -> list[str]:
        return [custom_values.as_written(custom_values.NUMBER, value, _region())]

    def words(self, value: Any, names: Names) -> str:
        return custom_values.display(custom_values.NUMBER, value)


class Years(Number):
    """An age."""

    widget = "whole"
    whole = True
    least, most = 0, 150

    def words(self, value: Any, names: Names) -> str:
        return ngettext("%(n)s year", "%(n)s years", value) % {"n": value}


class Days(Number):
    """A number of days."""

    widget = "whole"
    whole = True
    least = 1

    def __init__(self, most: int = 36_500) -> None:
        self.most = most

    def words(self, value: Any, names: Names) -> str:
        return ngettext("%(n)s day", "%(n)s days", value) % {"n": formats.number_format(value, force_grouping=True)}


class Day(Value):
    """A date."""

    widget = "date"

    def clean(self, raw: Any) -> str:
        text = spelling.plain(raw[:40]) if isinstance(raw, str) else ""
        if not text:
            raise BadValue(_("Choose a date."))
        try:
            return str(custom_values.clean(custom_values.DATE, text, region=_region()))
        except spelling.ValueProblem as problem:
            raise BadValue(problem.message) from None

    def words(self, value: Any, names: Names) -> str:
        return dates.said(date.fromisoformat(value), "DATE_FORMAT")


class Pair(Value):
    """From one value to another, both included."""

    widget = "pair"

    def __init__(self, of: Value) -> None:
        self.of = of

    def gather(self, fields: Sequence[str]) -> Any:
        return list(fields[:2])

    def fill(self, value: Any) -> list[str]:
        return [text for part in value for text in self.of.fill(part)]

    def clean(self, raw: Any) -> Any:
        if not isinstance(raw, list) or len(raw) != 2:
            raise BadValue(_("Two values are expected: from and to."))
        first, last = self.of.clean(raw[0]), self.of.clean(raw[1])
        if first > last:
            raise BadValue(_("The first value is greater than the second one. Turn them round."))
        return [first, last]

    def words(self, value: Any, names: Names) -> str:
        return _("%(first)s and %(last)s") % {"first": self.of.words(value[0], names), "last": self.of.words(value[1], names)}


class DayMonth(Value):
    """A day of the year, as "02-29"."""

    widget = "day_month"

    def gather(self, fields: Sequence[str]) -> Any:
        return f"{fields[1]:0>2}-{fields[0]:0>2}" if len(fields) > 1 and all(fields[:2]) else ""

    def fill(self, value: Any) -> list[str]:
        return [str(int(value[3:])), str(int(value[:2]))]

    def clean(self, raw: Any) -> str:
        month, sign, day = raw.partition("-") if isinstance(raw, str) and len(raw) == 5 and raw.isascii() else ("", "", "")
        if not sign or not month.isdigit() or not day.isdigit() or not 1 <= int(month) <= 12:
            raise BadValue(_("Choose a day and a month."))
        if not 1 <= int(day) <= DAYS_OF_MONTH[int(month) - 1]:
            raise BadValue(_("%(month)s has no day %(day)s.") % {"month": str(MONTHS[int(month)]).capitalize(), "day": int(day)})
        return raw

    def words(self, value: Any, names: Names) -> str:
        return dates.said(date(2000, int(value[:2]), int(value[3:])), "MONTH_DAY_FORMAT")


def either(items: Iterable[str]) -> str:
    """ "a, b or c"."""
    said = list(items)
    return _("%(first)s or %(last)s") % {"first": ", ".join(said[:-1]), "last": said[-1]} if len(said) > 1 else "".join(said)


def each(items: Iterable[str]) -> str:
    """ "a, b and c"."""
    said = list(items)
    return _("%(first)s and %(last)s") % {"first": ", ".join(said[:-1]), "last": said[-1]} if len(said) > 1 else "".join(said)


def listed(raw: Any, nothing: Any) -> list[Any]:
    """A list of a few different values. Raises BadValue."""
    if not isinstance(raw, list):
        raise BadValue(_("A list is expected."))
    kept = [item for place, item in enumerate(raw[: MOST + 1]) if item not in raw[:place]]
    if not kept:
        raise BadValue(nothing)
    if len(raw) > MOST:
        raise BadValue(_("Use at most %(most)s values in one rule.") % {"most": MOST})
    return kept


def _region() -> str:
    """Numbers and dates are read as the reader's language writes them; what is stored already reads the same everywhere."""
    return "FR" if (get_language() or "").startswith("fr") else "GB"
