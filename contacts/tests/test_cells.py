"""One cell to one value: tables of examples."""

from datetime import date

import pytest

from contacts import spelling
from contacts.importing import cells

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "region", "day"),
    [
        ("1990-04-17", "FR", date(1990, 4, 17)), ("17/04/1990", "FR", date(1990, 4, 17)), ("1.2.2003", "FR", date(2003, 2, 1)),
        ("1990-04-17 00:00:00", "FR", date(1990, 4, 17)), ("03/04/1990", "FR", date(1990, 4, 3)), ("03/04/1990", "US", date(1990, 3, 4)),
        ("12/31/1990", "US", date(1990, 12, 31)), ("4-17-1990", "PH", date(1990, 4, 17)), ("1990-04-17", "US", date(1990, 4, 17)),
    ],
)  # fmt: skip
def test_dates(text, region, day):
    assert cells.birth_date(text, TODAY, region) == day


@pytest.mark.parametrize(("text", "unsure"), [("03/04/1990", True), ("3.4.1990 10:00", True), ("04/04/1990", False), ("4/04/1990", False), ("17/04/1990", False),
                                              ("1990-03-04", False), ("", False)])  # fmt: skip
def test_dates_of_two_readings(text, unsure):
    assert spelling.has_two_readings(text) is unsure


@pytest.mark.parametrize(
    ("text", "region", "code"),
    [
        ("31/02/1990", "FR", "no_such_day"),
        ("12/31/1990", "FR", "date_other_order"),
        ("31/12/1990", "US", "date_other_order"),
        ("17/04/90", "FR", "date_short_year"),
        ("2026-11-24", "FR", "date_in_future"),
        ("1899-01-01", "FR", "date_too_old"),
        ("33000", "FR", "not_a_date"),
        ("0000-00-00", "FR", "no_such_day"),
        ("April", "FR", "not_a_date"),
    ],
)
def test_dates_that_are_refused(text, region, code):
    with pytest.raises(cells.CellProblem) as refused:
        cells.birth_date(text, TODAY, region)
    assert refused.value.code == code


@pytest.mark.parametrize(("text", "value"), [("Oui", True), ("X", True), ("1", True), ("non", False), ("FAUX", False), ("0", False)])
def test_yes_and_no(text, value):
    assert spelling.yes_or_no(text) is value


@pytest.mark.parametrize("text", ["maybe", "2", "ouais", "yes!"])
def test_neither_yes_nor_no(text):
    with pytest.raises(cells.CellProblem):
        spelling.yes_or_no(text)


@pytest.mark.parametrize("text", ["a@b", "a b@c.fr", "a@@b.fr", "@b.fr", "a@b..fr", "x" * 250 + "@b.fr", "a@b.fr;c@d.fr"])
def test_emails_that_are_refused(text):
    with pytest.raises(cells.CellProblem):
        cells.email(text)


@pytest.mark.parametrize("text", ["lea@example.org", "o'neil@example.co.uk", "a+b@x-y.fr"])
def test_emails(text):
    assert cells.email(text) == text


@pytest.mark.parametrize(("text", "code"), [("Français", "fr"), ("EN", "en"), ("fr-CA", "fr"), ("Anglais", "en")])
def test_languages(text, code):
    assert cells.language(text) == code


def test_unknown_language_is_refused():
    with pytest.raises(cells.CellProblem):
        cells.language("Deutsch")


@pytest.mark.parametrize(
    ("raw", "text"),
    [("  Léa   Marie ", "Léa Marie"), ("'+33639980001", "+33639980001"), ("'quoted", "'quoted"), ("\u200bLe\u0301a\u00a0", "Léa"), ("O'Neil", "O'Neil")],
)
def test_tidy(raw, text):
    assert cells.tidy(raw) == text
