"""Test: one of two ways, by how many come."""

import pytest

from workflows.tests.working import performed

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("came", "least", "way"), [([1, 2], 2, "yes"), ([1, 2], 3, "no"), ([], 1, "no"), ([1, 1], 2, "no"), (None, 1, "no")]
)
def test_so_many_people_go_this_way_and_no_other(came, least, way):
    assert performed("test", came, test="least", number=least) == {way: None if came is None else set(came)}
