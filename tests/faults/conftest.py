"""Worlds for the fault suite, and the mark that tells its whole from its short form."""

import os
from itertools import count
from pathlib import Path

import pytest

from tests.faults.servers import Quarters
from tests.faults.world import World

HERE = Path(__file__).parent
_numbers = count(1)


def pytest_collection_modifyitems(items):
    """All of this folder is the suite; `short` are those that run every time."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.faults)


@pytest.fixture
def new_world(tmp_path, worker_id, django_db_blocker):
    """`new_world(…)` → a world that has begun; see World.begin."""
    made = []

    def begin(*arguments, **options) -> World:
        home = tmp_path / f"world-{len(made)}"
        home.mkdir()
        world = World(home, Quarters(), f"{worker_id}-{os.getpid()}-{next(_numbers)}")
        made.append(world)
        return world.begin(*arguments, **options)

    with django_db_blocker.unblock():
        try:
            yield begin
        finally:
            for world in reversed(made):
                world.end()


@pytest.fixture
def world(new_world) -> World:
    """The usual world."""
    return new_world()
