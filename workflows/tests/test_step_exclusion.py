"""Exclusion: the main people without the others."""

import pytest

from workflows.tests.working import performed

pytestmark = pytest.mark.django_db


def test_who_comes_by_another_link_is_taken_out_and_leaves_by_the_other_exit():
    assert performed("exclusion", [1, 2, 3, 4], ("minus", [3]), ("minus", [4, 5])) == {"out": {1, 2}, "taken": {3, 4}}


def test_the_main_link_counts_whichever_came_first():
    assert performed("exclusion", ("minus", [1]), ("main", [1, 2])) == {"out": {2}, "taken": {1}}


def test_without_people_on_the_main_link_nobody_is_left_and_without_others_everybody():
    assert performed("exclusion", ("minus", [1]), missing=1) == {"out": set(), "taken": set()}
    assert performed("exclusion", [1, 2], missing=1) == {"out": {1, 2}, "taken": set()}
