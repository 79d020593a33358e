"""The process that holds sessions dies, freezes and is asked to stop; the network to the SMSC breaks."""

import signal
import time

import pytest

from campaigns.models import Chunk
from campaigns.services import mailings
from campaigns.statuses import ChunkState, MessageStatus
from campaigns.tests.factories import make_provider
from providers.models import Bind
from tests.faults.invariants import invariants
from tests.faults.people import RATE, confirmed, prepared, window
from tests.faults.world import DEADLINE

pytestmark = pytest.mark.processes
TEXTS = 1_200
WINDOW = 20


def operator(world, port=0, rate=RATE):
    options = {"host": "127.0.0.1", "port": str(port or world.gateway.smpp_port), "system_id": "demo", "window": str(WINDOW), "enquire": "5"}
    return make_provider(kind="smpp", options=options, secrets={"password": "hush"}, rate=rate)


@pytest.mark.short
def test_the_sender_is_killed_and_another_one_goes_on(world):
    mailing = prepared(TEXTS, provider=operator(world))
    world.machine(workers="urgent")
    first, second = world.sender(), world.sender()
    world.wait(lambda: world.gateway.smsc.all, "the session")
    mailings.confirm(mailing, None)
    world.wait_for_texts(200)
    (first if Bind.objects.get().holder.endswith(f" {first['sender'].pid}") else second).kill()
    assert world.statuses()[MessageStatus.OPEN], "killed too late to prove anything"
    world.wait_for_the_end(mailing)
    assert invariants(world).unknown <= window()


def test_the_sender_is_asked_to_stop_under_load(world):
    world.gateway.gateway.settings.latency = 0.1
    mailing = confirmed(700, provider=operator(world, rate=200))
    world.machine(workers="urgent")
    first = world.sender()
    world.wait_for_texts(100)
    first["sender"].ask_to_end()
    world.wait(lambda: not first["sender"].lives(), "the end of the sender", 15)
    assert not Chunk.objects.filter(state=ChunkState.CLAIMED).exists(), "it left without giving back what it held"
    assert not Bind.objects.exclude(owner=None).exists(), "it left without giving back its sessions"
    assert world.statuses()[MessageStatus.OPEN], "stopped too late to prove anything"
    world.sender()
    world.wait_for_the_end(mailing)
    assert invariants(world).unknown == 0


def test_the_sender_is_frozen_past_its_lease_and_let_go(world):
    """Another one binds meanwhile. The frozen one finds its lease over, and says nothing more."""
    world.gateway.gateway.settings.latency = 0.05
    mailing = confirmed(TEXTS, provider=operator(world, rate=200))
    world.machine(workers="urgent")
    first = world.sender()
    world.wait_for_texts(100)
    first["sender"].signal_all(signal.SIGSTOP)
    second = world.sender()
    world.wait_for_the_end(mailing)
    before = len(world.log())
    first["sender"].signal_all(signal.SIGCONT)
    time.sleep(3)
    assert Bind.objects.get().holder.endswith(f" {second['sender'].pid}")
    second.stop()
    assert len(world.log()) == before, "the frozen one called after its lease was over"
    assert invariants(world).unknown <= window(200)


def test_the_network_to_the_smsc_flaps(world):
    network = world.proxy(world.gateway.smpp_port)
    mailing = confirmed(TEXTS, provider=operator(world, network.port))
    world.machine(workers="urgent")
    world.sender()
    for _flap in range(4):
        world.wait_for_texts(world.gateway.gateway.accepted + 50)
        network.cut()
        time.sleep(0.4)
        network.heal()
    world.wait_for_the_end(mailing, seconds=90)
    assert invariants(world).unknown <= 4 * WINDOW, "more than the texts that were under way each time"


def test_the_smsc_is_half_open_for_a_time(world):
    """The connection stands and nothing goes through: texts under way are unknown at their deadline, the session is left, the rest waits."""
    network = world.proxy(world.gateway.smpp_port)
    mailing = confirmed(TEXTS, provider=operator(world, network.port))
    world.machine(workers="urgent")
    world.sender()
    world.wait_for_texts(200)
    network.freeze()
    time.sleep(2 * DEADLINE + 1)
    network.heal()
    world.wait_for_the_end(mailing, seconds=90)
    assert invariants(world).unknown <= 3 * WINDOW


def test_the_database_is_away_longer_than_a_lease(world):
    """Nobody renews leases: the sender leaves its sessions, and binds again when it can."""
    mailing = confirmed(TEXTS, provider=operator(world))
    world.machine(workers="urgent")
    world.sender()
    world.wait_for_texts(200)
    world.postgres.stop(signal.SIGQUIT)
    world.wait(lambda: not world.gateway.smsc.all, "the end of the sessions", 20)
    world.postgres.start()
    world.wait_for_the_end(mailing, seconds=90)
    assert invariants(world).unknown <= 2 * window()
