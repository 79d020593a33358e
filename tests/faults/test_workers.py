"""Workers die, freeze and are asked to stop in the middle of a mailing."""

import os
import signal
import time

import pytest

from campaigns.models import Chunk
from campaigns.statuses import ChunkState, MessageStatus
from tests.faults.invariants import invariants
from tests.faults.machines import children
from tests.faults.people import confirmed, window

pytestmark = pytest.mark.processes
TEXTS = 1_200
BREAKING = "tests.faults.breaking"


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


MOMENTS = {  # → the most that may be unknown
    "before the claim": 0,
    "after the claim": 0,
    "after the mark": window(),
    "during a call": window(),
    "before the outcome is written": window(),
    "after the outcome is written": window(),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_worker_is_killed_at_a_moment(world, moment):
    mailing = confirmed(400)
    world.machine(workers="urgent")
    broken = world.machine(workers="bulk", beat=False, include=BREAKING, BREAK_AT=moment, BREAK_ONCE=str(world.home / "broken"))
    world.wait(lambda: not broken["bulk"].lives(), "the death of the worker")
    world.machine(workers="bulk", beat=False)
    world.wait_for_the_end(mailing)
    seen = invariants(world)
    assert seen.unknown <= MOMENTS[moment]
    if moment in ("during a call", "before the outcome is written"):
        assert seen.having(MessageStatus.UNKNOWN) & seen.arrived, "nothing had left: this proves nothing"


def test_a_worker_is_frozen_past_its_lease_and_let_go(world):
    world.gateway.gateway.settings.latency = 0.05
    mailing = confirmed(TEXTS, rate=200)
    first = world.machine()
    world.wait_for_texts(100)
    first["bulk"].signal_all(signal.SIGSTOP)
    second = world.machine(workers="bulk", beat=False)
    world.wait_for_the_end(mailing)  # not before the lease of the frozen one is over
    before = len(world.log())
    first["bulk"].signal_all(signal.SIGCONT)
    time.sleep(3)
    second.stop()
    assert len(world.log()) == before, "the frozen one called after its lease was over"
    assert invariants(world).unknown <= window(200)


@pytest.mark.parametrize(
    "ask",
    [pytest.param("its first process", marks=pytest.mark.short), "all its processes"],
)
def test_a_worker_is_asked_to_stop_under_load(world, ask):
    """A supervisor asks the first process (Docker, `kill`); systemd asks all of the group unless told otherwise."""
    world.gateway.gateway.settings.latency = 0.1
    mailing = confirmed(700, rate=200)
    world.machine(workers="urgent")
    worker = world.machine(workers="bulk", beat=False, SEND_SLICE_SECONDS="60")  # no slice is waited for
    world.wait_for_texts(100)
    if ask == "its first process":
        worker["bulk"].ask_to_end()
    else:
        worker["bulk"].signal_all(signal.SIGTERM)
    world.wait(lambda: not worker["bulk"].lives(), "the end of the worker", 15)
    assert not Chunk.objects.filter(state=ChunkState.CLAIMED).exists(), "it left without giving back what it held"
    assert world.statuses()[MessageStatus.OPEN], "stopped too late to prove anything"
    world.machine(workers="bulk", beat=False)
    world.wait_for_the_end(mailing)
    assert invariants(world).unknown == 0
