"""A text that somebody waits for leaves at once, however much bulk is queued before it on the same provider."""

import time

import pytest

from campaigns.models import Message
from campaigns.services import mailings, quick_send
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import fictional
from campaigns.texts import Texts
from contacts.tests.factories import make_contact
from tests.faults.invariants import S, invariants
from tests.faults.people import confirmed

pytestmark = pytest.mark.processes
BULK, RATE, ONE_OFFS = 9_000, 50, 50


def test_one_off_texts_leave_while_bulk_is_queued(world):
    mailing = confirmed(BULK, rate=RATE)
    world.machine(children=2)
    world.wait_for_texts(3 * RATE)
    people = [make_contact(fictional(BULK + number)) for number in range(ONE_OFFS)]
    asked = {}
    for person in people:
        number = person.numbers.get().number
        facts = {"author": None, "provider": mailing.provider, "sender": "36111", "subject": "Now", "texts": Texts("Hello")}
        (text,) = quick_send.queue(recipients=[(person.pk, number)], key=str(person.pk), **facts)
        asked[text.pk] = time.time()
        time.sleep(0.3)
    world.wait(lambda: not Message.objects.filter(pk__in=asked, status=MessageStatus.OPEN).exists(), "the one-off texts")
    left = {line.message: line.at for line in world.log()}
    waits = sorted(left[key] - at for key, at in asked.items())
    assert waits[-1] < 2.0, f"the slowest took {waits[-1]:.1f} s, half of them {waits[len(waits) // 2]:.2f} s"
    assert S.OPEN in world.statuses(), "no bulk was left"
    mailings.cancel(mailing, None)
    world.wait(lambda: not world.statuses()[S.OPEN], "the end of what was under way")
    world.wait_for_no_lease()
    assert invariants(world).unknown == 0
