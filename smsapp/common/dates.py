"""Dates in words, as a sentence of the reader's language has them."""

import re
from datetime import date

from django.utils import formats, translation

FIRST_OF_A_MONTH = re.compile(r"(?<!\d)1 (?=[^\W\d])")  # Django's formats know no ordinal for one day alone


def said(day: date, form: str) -> str:
    """In a format of Django's; in French the first of a month is "1er novembre"."""
    text = formats.date_format(day, form)
    return FIRST_OF_A_MONTH.sub("1er ", text) if (translation.get_language() or "").startswith("fr") else text
