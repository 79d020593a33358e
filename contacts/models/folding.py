"""Text without accents and case, the same in the database and for what people type: "Inès" and "INES" are one word."""

from typing import Any

from django.db.models import CharField, F, Func, QuerySet, Value
from django.db.models.functions import Replace, Upper

# Upper-case letters of European languages and what a keyboard without them writes; each of the first row becomes the one below it.
ACCENTED = "ÀÁÂÃÄÅĀĂĄÇĆĈĊČĎĐÈÉÊËĒĔĖĘĚĜĞĠĢĤĦÌÍÎÏĨĪĬĮİĴĶĹĻĽŁÑŃŅŇÒÓÔÕÖØŌŎŐŔŖŘŚŜŞŠȘŢŤȚŦÙÚÛÜŨŪŬŮŰŲŴÝŶŸŹŻŽ’ʼ"
PLAIN = "AAAAAAAAACCCCCDDEEEEEEEEEGGGGHHIIIIIIIIIJKLLLLNNNNOOOOOOOOORRRSSSSSTTTTUUUUUUUUUUWYYYZZZ''"
PAIRS = {"Œ": "OE", "Æ": "AE", "ß": "SS", "ẞ": "SS"}


class Translate(Func):
    """PostgreSQL's translate(text, from, to): letter by letter, and immutable, so that generated columns may use it."""

    function = "translate"
    output_field = CharField()


def folded(text: Any) -> Any:
    """SQL of `text` (an expression or a field's name) without accents and case."""
    expression: Any = Upper(F(text) if isinstance(text, str) else text)
    for letter, pair in PAIRS.items():
        expression = Replace(expression, Value(letter), Value(pair))
    return Translate(expression, Value(ACCENTED), Value(PLAIN))


def fold(text: str) -> str:
    """The same of a Python text."""
    upper = text.upper()
    for letter, pair in PAIRS.items():
        upper = upper.replace(letter, pair)
    return upper.translate(_TABLE)


def named(rows: QuerySet[Any], q: str) -> QuerySet[Any]:
    """Those of a short table whose `name` holds what somebody looks for."""
    return rows.alias(plain=folded("name")).filter(plain__contains=fold(q.replace("\0", ""))) if q else rows


_TABLE = str.maketrans(ACCENTED, PLAIN)
