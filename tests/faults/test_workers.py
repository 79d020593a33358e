"""Workers die in the middle of a mailing."""

import os
import signal

import pytest

from campaigns.statuses import MessageStatus
from tests.faults.invariants import invariants
from tests.faults.people import confirmed, window
from tests.faults.world import children

pytestmark = pytest.mark.processes
TEXTS = 1_200


@pytest.mark.short
def test_a_pool_child_is_killed_during_its_calls(world):
    mailing = confirmed(TEXTS)
    machine = world.machine()
    world.wait_for_texts(200)
    (child,) = children(machine["bulk"])
    os.kill(child, signal.SIGKILL)
    world.wait_for_the_end(mailing)
    assert invariants(world).unknown <= window()


@pytest.mark.short
def test_the_whole_group_is_killed_and_another_machine_goes_on(world):
    mailing = confirmed(TEXTS)
    first = world.machine()
    world.wait_for_texts(200)
    first.kill()
    assert world.statuses()[MessageStatus.OPEN], "killed too late to prove anything"
    world.machine()
    world.wait_for_the_end(mailing)
    assert invariants(world).unknown <= window()
