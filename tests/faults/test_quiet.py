"""Workers on two machines while the hours of a country close, and when they open again: the gateway's log says when each text came."""

import time
from datetime import timedelta

import pytest

from campaigns.models import Message
from campaigns.services import mailings, quiet_hours
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import make_hours
from campaigns.tests.moved import moved_clock
from campaigns.tests.test_quiet import paris
from tests.faults.invariants import invariants
from tests.faults.people import prepared

pytestmark = pytest.mark.processes
TEXTS, NOON, CLOSES, OPENS = 2_500, paris(2026, 12, 5, 12), paris(2026, 12, 5, 20), paris(2026, 12, 7, 8)  # a Saturday, and Monday
ON_ITS_WAY = 0.5  # seconds from the beginning of a call to the gateway's log


def test_two_machines_stop_at_the_closing_and_go_on_at_the_opening(world):
    """No worker has another clock than the database's."""
    with moved_clock() as clock:
        clock.set(NOON)
        make_hours("FR")
        mailing = prepared(TEXTS)
        for _machine in range(2):
            world.machine()
        clock.set(CLOSES - timedelta(seconds=3))
        mailings.confirm(mailing, None)
        world.wait(lambda: clock.now() > CLOSES + timedelta(seconds=4), "the evening")
        world.wait_for_no_lease()
        before = world.log()
        assert 0 < len(before) < TEXTS and max(line.at for line in before) < (CLOSES + timedelta(seconds=ON_ITS_WAY)).timestamp()
        (wait,) = quiet_hours.waiting(mailing.pk)
        assert (wait.until, wait.texts) == (OPENS, TEXTS - len(before))
        clock.set(OPENS - timedelta(seconds=3))
        while len(world.log()) == len(before):  # looked at before the clock is
            time.sleep(0.05)
        assert clock.now() >= OPENS
        world.wait_for_the_end(mailing)
        assert Message.objects.filter(mailing=mailing, status=MessageStatus.SENT).count() == TEXTS
        assert invariants(world).unknown == 0
