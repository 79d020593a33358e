"""Arrays written as text come back from the database as they were."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smsapp.common import arrays

pytestmark = pytest.mark.django_db
STORABLE = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"))


def back(literal, kind):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{kind}[]", [literal])
        return cursor.fetchone()[0]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STORABLE))
def test_texts_stay_what_they_are(values):
    assert back(arrays.texts(values), "text") == values


@pytest.mark.parametrize("values", [[], [""], ["", ""], ["NULL"], ['"'], ["\\"], ['","'], ["{a,b}"], ["a\nb", "\t"], ['a"', "b"]])
def test_texts_that_look_like_arrays(values):
    assert back(arrays.texts(values), "text") == values


@pytest.mark.parametrize("values", [[], [1], [2**63 - 1, -1, 0]])
def test_whole_numbers(values):
    assert back(arrays.integers(values), "bigint") == values
