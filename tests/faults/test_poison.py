"""A text that kills whoever touches it: it is stopped, and its neighbours go."""

import pytest

from campaigns.models import Message
from campaigns.statuses import MessageStatus
from contacts.models import Contact
from tests.faults.breaking import POISON
from tests.faults.invariants import invariants
from tests.faults.people import confirmed, crowd, window

pytestmark = pytest.mark.processes
S = MessageStatus
TEXTS, RATE = 60, 30  # one chunk


@pytest.fixture
def poisoned(world):
    """A mailing with a poisoned text in its middle, and workers whom it kills."""

    def send(moment: str) -> Message:
        group = crowd(TEXTS)
        victim = Contact.objects.order_by("id")[TEXTS // 2]
        Contact.objects.filter(pk=victim.pk).update(first_name=POISON)
        mailing = confirmed(TEXTS, rate=RATE, group=group)
        world.machine(include="tests.faults.breaking", BREAK_AT=moment, LEASE_SECONDS="4")
        world.wait_for_the_end(mailing, seconds=120)
        return Message.objects.get(contact=victim)

    return send


def test_poison_before_the_wire(world, poisoned):
    """Counted before it runs: after three deaths the texts of its chunk are tried one by one, after three more it fails. A neighbour whose
    call was under way when its worker died is unknown."""
    text = poisoned("poison in the claim")
    assert (S(text.status), text.reason) == (S.FAILED, "poison")
    seen = invariants(world)
    assert seen.having(S.FAILED) == {text.pk} and text.pk not in seen.arrived
    assert len(seen.having(S.SENT)) + seen.unknown == TEXTS - 1 and seen.unknown <= window(RATE)


def test_poison_in_delivery(world, poisoned):
    text = poisoned("poison in delivery")
    assert (S(text.status), text.reason) == (S.UNKNOWN, "worker_lost")
    assert 1 <= invariants(world).unknown <= window(RATE)
