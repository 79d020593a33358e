"""Union: everybody, once."""

import pytest

from workflows.tests.working import performed

pytestmark = pytest.mark.django_db


def test_everybody_goes_on_once():
    assert performed("union", [1, 2, 2], [2, 3], [])["out"] == {1, 2, 3}


def test_links_that_only_say_go_on_bring_nobody():
    assert performed("union", [1], None)["out"] == {1}
    assert performed("union", None, None)["out"] == set()


def test_a_way_that_ended_takes_nobody_with_it():
    assert performed("union", [1, 2], missing=1)["out"] == {1, 2}
