"""Which row names the columns: the first with anything in it, unless that is a title and the names stand below."""

import re
from collections.abc import Iterable, Mapping, Sequence

from django.utils.formats import number_format

from contacts.importing import columns, refusals
from contacts.importing.faults import Fault
from contacts.importing.problems import FileProblem
from smsapp.common.sentences import Sentence
from smsapp.common.sentences import say as _
from smsapp.common.sentences import say_n as ngettext

LOOKED_AT = 10  # rows; a title with its notes is shorter
LEAST = 2  # known names, of which one says who somebody is, make a row of names
LOST = "refusals_left_out"
TURNED = "consent_turned_round"
WHO = {*columns.IDENTIFYING, *columns.PHONES}
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
NUMBER = re.compile(r"\D{0,3}(?:\d\D{0,3}){9,15}")  # dates and years have fewer digits


def row_of_names(rows: Iterable[tuple[int, Sequence[str]]]) -> int:
    """The row of the sheet that names the columns; 0: the first one, as usual."""
    for place, (number, cells) in enumerate(rows):
        known = set(columns.guess(cells).values())
        if known & WHO and (not place or len(known) >= LEAST):
            return number if place else 0
    return 0


def person_in(header: Sequence[str]) -> str:
    """An e-mail address or a number among the names of columns: the file has no names, and its first person stands in their place."""
    return next((cell for cell in header if ADDRESS.fullmatch(cell.strip()) or NUMBER.fullmatch(cell.strip())), "")


def about(header: Sequence[str], names_row: int) -> list[Fault]:
    """What is to be said of the row that was taken for the names."""
    if names_row:
        words = _("The names of the columns were found in row %(row)s; the rows above it are left out.")
        return [Fault(names_row, "", "", "names_below", words % {"row": names_row})]
    return [Fault(1, "", cell, "no_names", _is_person(cell))] if (cell := person_in(header)) else []


def no_rows_below(header: Sequence[str]) -> FileProblem:
    """A file whose only row was taken for the names."""
    cell = person_in(header)
    words = _is_person(cell) if cell else _("The file has column names and no rows below them. Export it again with its rows.")
    return FileProblem("empty_file", words)


def _is_person(cell: str) -> Sentence:
    words = _("The first row is read as the names of the columns and is not imported. Here it looks like a person (%(cell)s).")
    return words % {"cell": cell} + _("Put a row with names above it and upload the file again.")


def about_refusals(header: Sequence[str], found: refusals.Found, mapping: Mapping[int, str], row: int) -> list[Fault]:
    """Columns that look like refusals and block nobody as they are mapped, and those that mean the opposite of what they are mapped to."""
    called = columns.names(header)
    lost = refusals.left_out(header, found, mapping, columns.of_exports(header))
    turned = refusals.turned_round(header, mapping)
    return [
        *(Fault(row, called[index], header[index], LOST, _lost(called[index], header[index], count)) for index, count in lost.items()),
        *(Fault(row, called[index], header[index], TURNED, _turned(meaning) % {"column": called[index]}) for index, meaning in turned.items()),
    ]


def _lost(called: str, name: str, count: int) -> Sentence:
    told = {"column": called, "shown": number_format(count, use_l10n=True, force_grouping=True)}
    if refusals.meaning_of(name) == "deceased":
        return _dead(count) % told + _("Let the column become “Deceased”.")
    words = ngettext(
        "The column “%(column)s” looks as if it said who wants no texts (%(shown)s row). It blocks nobody as it is: this person could be texted.",
        "The column “%(column)s” looks as if it said who wants no texts (%(shown)s rows). It blocks nobody as it is: these people could be texted.",
        count,
    )
    return words % told + _advice(name)


def _dead(count: int) -> Sentence:
    return ngettext(
        "The column “%(column)s” looks as if it said who has died (%(shown)s row). It marks nobody as it is: this person could be texted.",
        "The column “%(column)s” looks as if it said who has died (%(shown)s rows). It marks nobody as it is: these people could be texted.",
        count,
    )


def _advice(name: str) -> Sentence:
    if refusals.agrees(name):
        return _("A yes in it seems to agree and a no to refuse: let the column become “Opted in to marketing”.")
    if refusals.refuses(name):
        words = _("Let the column become “Do not SMS” or “Opted out of marketing”.")
        return words + _("If it holds other things too, put the refusals into a column of their own.")
    return _("Put the refusals into a column of their own, for example “Do not SMS” with yes for each of these people, and upload the file again.")


def _turned(suits: str) -> Sentence:
    if suits == "opted_in":
        return _(
            "A yes in the column “%(column)s” seems to agree to texts. As it is, a yes blocks and a no does not."
        ) + _("Let the column become “Opted in to marketing”, unless a yes in it refuses.")  # fmt: skip
    return _(
        "A yes in the column “%(column)s” seems to refuse texts. As it is, a yes agrees and a no blocks."
    ) + _("Let the column become “Do not SMS” or “Opted out of marketing”, unless a yes in it agrees.")  # fmt: skip
