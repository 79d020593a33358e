"""Columns that say who has died: known by their names, their answers read. Pure."""

import re

from contacts import spelling
from smsapp.common.sentences import say as _

_DIED = r"(?:decede(?:e|s|es)?(?: e)?|deces|deceased|dead|died|death|defunte?|dcd|mort(?:e|s)?)"
_NAME = re.compile(rf"(?:(?:est|is|personne|contact|client|has) )?(?:(?:date|jour|day) (?:de |du |d |of )?)?{_DIED}(?: (?:le|on|date))?")
_DEAD = re.compile(rf"(?:{_DIED}|[†✓✔☑✅])[ .!]*")
_ALIVE = re.compile(r"(?:vivante?|en vie|alive|living)[ .!]*")
DAY = re.compile(r"(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2}))(?:[ T]\d{1,2}:\d{2}.*)?")
_YEAR = re.compile(r"(?:19|20)\d{2}")


def named(words: str) -> bool:
    """A column's name, as words, says that people have died."""
    return bool(_NAME.fullmatch(words))


def read(value: str) -> bool | None:
    """Yes, a mark, a word for it, the day or the year of it; None for what cannot be read."""
    text = spelling.folded(value)
    if text in spelling.NO or _ALIVE.fullmatch(text):
        return False
    return True if text in spelling.YES or any(sign.fullmatch(text) for sign in (_DEAD, DAY, _YEAR)) else None


def died(value: str) -> bool:
    """Whether somebody has died. Raises ValueProblem for what cannot be read."""
    answer = read(value)
    if answer is None:
        raise spelling.ValueProblem("not_a_death", _("It cannot be read whether this person has died. Write yes or no, or empty the cell."))
    return answer
