"""A name from right to left does not turn the sentence around it."""

import pytest

from smsapp.common.bidi import isolated


@pytest.mark.parametrize("name", ["", "Zoé Müller", "王芳", "Анна 3", "+33 6 39 98 00 01", "ann@example.org"])
def test_most_names_stay_as_they_are(name):
    assert isolated(name) == name


@pytest.mark.parametrize("name", ["ליאת כהן", "محمد علي", "Anna ليلى", "ﷺ"])
def test_names_with_letters_that_run_leftward_are_set_apart(name):
    assert isolated(name) == f"\u2068{name}\u2069"
