"""The worlds themselves: they cost the other tests no time."""

import signal
import time

import pytest

pytestmark = pytest.mark.processes


@pytest.mark.short
def test_a_world_ends_at_once_also_where_the_tests_were_started_in_the_background(new_world):
    before = signal.signal(signal.SIGQUIT, signal.SIG_IGN)  # as a shell does for what it starts with `&`
    try:
        world = new_world()
    finally:
        signal.signal(signal.SIGQUIT, before)
    begun = time.monotonic()
    world.end()
    assert time.monotonic() - begun < 10, "some server did not heed its last signal, and was waited for"
    assert not world.postgres.runs() and not world.redis.answers()
