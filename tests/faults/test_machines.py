"""Two machines against one PostgreSQL and one Redis; one of them is cut off in the middle, or is slow, or both have a beat."""

import time

import pytest

from campaigns.statuses import MessageStatus
from tests.faults.invariants import invariants
from tests.faults.people import confirmed, window
from tests.faults.world import LEASE

pytestmark = pytest.mark.processes
S = MessageStatus


class Cable:
    """Everything between a machine and the rest of the world."""

    def __init__(self, world) -> None:
        self.wires = [world.proxy(port) for port in (world.postgres.port, world.redis.port, world.gateway.url)]
        postgres, redis, gateway = (wire.port for wire in self.wires)
        self.env = {"DATABASE_URL": world.postgres.url(postgres), "REDIS_URL": world.redis.url(redis), "SIMULATOR_URL": f"http://127.0.0.1:{gateway}"}

    def do(self, verb: str) -> None:
        for wire in self.wires:
            getattr(wire, verb)()


@pytest.mark.parametrize("verb", ["cut", "freeze"])
def test_one_of_two_machines_is_cut_off_in_the_middle(world, verb):
    """`cut`: its connections are reset and refused. `freeze`: they stand, and nothing goes through. The other one ends the mailing; the one
    that comes back starts nothing that is over, and works again."""
    world.gateway.gateway.settings.latency = 0.02
    cable = Cable(world)
    mailing = confirmed(2_500)
    world.machine(workers="urgent bulk")
    far = world.machine(workers="urgent bulk", **cable.env)
    world.wait_for_texts(400)
    cable.do(verb)
    world.wait_for_the_end(mailing)
    before = len(world.log())
    cable.do("heal")
    time.sleep(2)
    assert len(world.log()) == before, "the one that came back sent what was over"
    assert invariants(world).unknown <= window()
    world.machines[0].stop()
    second = confirmed(300, group=mailing.include_groups.get(), provider=mailing.provider)
    world.wait_for_the_end(second, seconds=60 + LEASE)
    assert far["bulk"].lives()
    assert invariants(world).having(S.SENT)
