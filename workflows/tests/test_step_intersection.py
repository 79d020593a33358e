"""Intersection: who comes by all links."""

import pytest

from workflows.tests.working import performed

pytestmark = pytest.mark.django_db


def test_only_who_comes_by_all_links_goes_on():
    assert performed("intersection", [1, 2, 3], [2, 3, 4], [3, 2, 9])["out"] == {2, 3}


def test_a_way_on_which_nobody_came_has_nobody_in_common():
    assert performed("intersection", [1, 2], missing=1)["out"] == set()
    assert performed("intersection", [1, 2], [])["out"] == set()
