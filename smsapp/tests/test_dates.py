"""Dates in words."""

from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.utils import translation

from smsapp.common import dates


@pytest.mark.parametrize(
    ("language", "day", "form", "words"),
    [
        ("fr", date(2026, 11, 1), "j F", "1er novembre"),
        ("fr", date(2026, 11, 1), "l j F", "dimanche 1er novembre"),
        ("fr", datetime(2026, 5, 1, 11, 1, tzinfo=UTC), "j F Y", "1er mai 2026"),
        ("fr", date(2026, 11, 21), "j F", "21 novembre"),
        ("fr", date(2026, 11, 2), "j F", "2 novembre"),
        ("en", date(2026, 11, 1), "j F", "1 November"),
    ],
)
def test_the_first_of_a_month_is_an_ordinal_in_french_alone(language, day, form, words):
    with translation.override(language):
        assert dates.said(day, form) == words
        assert Template("{% load ui %}{{ day|date_said:form }}").render(Context({"day": day, "form": form})) == words


def test_people_read_it_in_lists_too():
    with translation.override("fr"):
        assert "1er nov" in Template("{% load ui %}{{ day|person_time }}").render(Context({"day": date(2020, 11, 1)}))
