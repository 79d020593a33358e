"""The gateway answers badly, slowly, or not at all; the network to it breaks."""

import time

import pytest

from campaigns.models import Message
from campaigns.statuses import MessageStatus
from providers.models import Provider
from providers.services import providers
from tests.faults.invariants import invariants
from tests.faults.people import confirmed, window
from tests.faults.world import CONNECTIONS, DEADLINE

pytestmark = pytest.mark.processes
S = MessageStatus
ODD = {  # ending of a number → what the gateway does, and what becomes of the text (docs/simulator.md)
    "0150": S.FAILED,  # not a valid number
    "0151": S.FAILED,  # opted out
    "0154": S.SENT,  # 429 twice
    "0155": S.UNKNOWN,  # 500
    "0156": S.UNKNOWN,  # never answers
    "0157": S.UNKNOWN,  # reset
    "0158": None,  # accepted after two seconds: at the deadline
    "0159": S.UNKNOWN,  # garbage
    "0169": S.UNKNOWN,  # accepted, the answer is lost
    "0172": S.UNKNOWN,  # 10 MB
    "0173": S.UNKNOWN,  # a byte a second
    "0174": S.UNKNOWN,  # 503
}


@pytest.mark.short
def test_every_kind_of_bad_answer(world):
    """Each has the outcome that fits it, nobody else is harmed, and no worker is held for longer than a call may last."""
    world.gateway.use(rules=[{"ends": "0170"}, {"ends": "0171"}])  # the two that stop the lane are harmless here
    mailing = confirmed(300)
    world.machine()
    began = time.monotonic()
    world.wait_for_the_end(mailing)
    assert time.monotonic() - began < 30
    invariants(world)
    rows = {row.number[-4:]: S(row.status) for row in Message.objects.all()}
    assert {ending: rows[ending] for ending, status in ODD.items() if status} == {ending: status for ending, status in ODD.items() if status}
    assert {rows[number] for number in rows.keys() - ODD.keys() - {"0152", "0153"}} == {S.SENT}


@pytest.mark.parametrize("ending", ["0170", "0171"], ids=["401", "307"])
def test_an_answer_that_stops_the_lane(world, ending):
    """Everything waits, with the reason on screen, and goes on when a person says so."""
    world.gateway.use(rules=[{"ends": number} for number in ODD] + [{"ends": "0170"}, {"ends": "0171"}, {"ends": "0152"}, {"ends": "0153"}])
    world.gateway.gateway.use(stopping(ending))
    mailing = confirmed(300)
    world.machine()
    world.wait(lambda: Provider.objects.get().lane == Provider.Lane.PAUSED, "the pause of the lane")
    world.wait_for_no_lease()
    assert Provider.objects.get().lane_reason
    assert invariants(world).having(S.OPEN)
    world.gateway.use(endings=False)
    providers.resume_lane(mailing.provider_id)
    world.wait_for_the_end(mailing)
    assert invariants(world).unknown == 0


def stopping(ending):
    from providers.simulator.outcomes import ENDINGS, Rule, Script

    return Script([Rule(ENDINGS[ending], ends="0120")], endings=False)


def test_nobody_listens_for_a_time(world):
    network = world.proxy(world.gateway.url)
    network.cut()
    mailing = confirmed(300)
    world.machine(SIMULATOR_URL=f"http://127.0.0.1:{network.port}")
    world.wait(lambda: Message.objects.filter(status=S.OPEN, attempts__gt=0).count() > 100, "some attempts")
    assert invariants_hold_while_it_waits(world)
    network.heal()
    world.wait_for_the_end(mailing, seconds=90)
    assert invariants(world).unknown == 0


def invariants_hold_while_it_waits(world):
    return not world.log() and world.statuses() == {S.OPEN: 300}


def test_a_certificate_that_nobody_trusts(world):
    """There, nobody speaks TLS at all: certainly not sent, tried again later, said in the row."""
    mailing = confirmed(40)
    world.machine(SIMULATOR_URL=world.gateway.url.replace("http:", "https:"))
    world.wait(lambda: Message.objects.filter(status=S.OPEN, attempts__gt=0).count() == 40, "the attempts")
    assert set(Message.objects.values_list("reason", flat=True)) == {"not_reached"}
    assert not world.log() and mailing


def test_the_network_flaps(world):
    network = world.proxy(world.gateway.url)
    mailing = confirmed(2_000)
    world.machine(SIMULATOR_URL=f"http://127.0.0.1:{network.port}")
    for _flap in range(6):
        world.wait_for_texts(world.gateway.gateway.accepted + 50)
        network.cut()
        time.sleep(0.4)
        network.heal()
    world.wait_for_the_end(mailing, seconds=90)
    seen = invariants(world)
    assert seen.unknown <= 6 * CONNECTIONS, "more than the calls that were under way each time"


@pytest.mark.parametrize("seconds", [DEADLINE + 2.0])
def test_the_network_is_half_open_for_a_time(world, seconds):
    """Connections stand, and nothing goes through: calls end at their deadline, as unknown, and no later."""
    network = world.proxy(world.gateway.url)
    mailing = confirmed(1_200)
    world.machine(SIMULATOR_URL=f"http://127.0.0.1:{network.port}")
    world.wait_for_texts(200)
    network.freeze()
    time.sleep(seconds)
    network.heal()
    world.wait_for_the_end(mailing)
    rounds = seconds / DEADLINE + 2
    assert invariants(world).unknown <= rounds * CONNECTIONS


def test_the_network_drags(world):
    """Each piece takes half a second: slow, and nothing worse."""
    network = world.proxy(world.gateway.url)
    network.drag(0.5)
    mailing = confirmed(200)
    world.machine(SIMULATOR_URL=f"http://127.0.0.1:{network.port}")
    world.wait_for_the_end(mailing)
    assert invariants(world).unknown <= window()
