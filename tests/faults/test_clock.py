"""Two beats, no beat, and clocks that are moved: each due thing happens once, overdue ones once."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from campaigns.models import Chunk, Mailing, MailingEvent, Message
from campaigns.services import mailings, quick_send
from campaigns.statuses import MailingStatus, MessageStatus
from campaigns.tests.factories import fictional
from campaigns.texts import Texts
from contacts.tests.factories import make_contact
from tests.faults.invariants import invariants
from tests.faults.people import confirmed, prepared, window
from tests.faults.servers import Quarters

pytestmark = pytest.mark.processes
S = MessageStatus


def scheduled(amount: int, *, seconds: float) -> Mailing:
    """A mailing, and a one-off text, for a moment to come."""
    mailing = prepared(amount)
    at = timezone.now() + timedelta(seconds=seconds)
    mailings.confirm(mailing, None, at=at)
    number = fictional(9_000)
    pairs = [(make_contact(number).pk, number)]
    quick_send.queue(author=None, provider=mailing.provider, sender="36111", subject="Later", texts=Texts("Hello"), recipients=pairs, key="later", at=at)
    return mailing


def everything_happened_once(world, mailing: Mailing, amount: int) -> None:
    world.wait_for_the_end(mailing)
    world.wait(lambda: world.statuses() == {S.SENT: amount + 1}, "the one-off text")
    assert MailingEvent.objects.filter(mailing=mailing, status=MailingStatus.SENDING).count() == 1
    assert invariants(world).unknown == 0


def test_two_beats(world):
    mailing = scheduled(300, seconds=4)
    world.machine()
    world.machine()
    everything_happened_once(world, mailing, 300)


def test_no_beat_when_things_were_due(world):
    """Two hours without beat, told to the rows: what became due meanwhile happens once."""
    mailing = scheduled(300, seconds=3_600)
    world.machine(beat=False)
    due = timezone.now() - timedelta(hours=2)
    Mailing.objects.update(scheduled_at=due)
    Chunk.objects.filter(mailing=None).update(due_at=due)
    Message.objects.filter(mailing=None).update(scheduled_at=due)
    time.sleep(3)
    assert world.statuses() == {S.OPEN: 301}
    world.beat()
    everything_happened_once(world, mailing, 300)


# --- clocks that are moved ---


@pytest.mark.parametrize("seconds", [-300, 300], ids=["back", "ahead"])
def test_the_clock_of_the_workers_is_moved(world, seconds):
    """Beat goes on ticking, and nothing is started twice or five minutes late: whether something is due, the database says."""
    clock = world.home / "clock"
    clock.write_text("0")
    first = confirmed(600)
    world.machine(include="tests.faults.moved_clock", CLOCK_FILE=str(clock))
    world.wait_for_texts(200)
    clock.write_text(str(seconds))
    world.wait_for_the_end(first)
    second = prepared(0, group=first.include_groups.get(), provider=first.provider)
    mailings.confirm(second, None, at=timezone.now() + timedelta(seconds=3))
    world.wait_for_the_end(second, seconds=60)
    assert MailingEvent.objects.filter(mailing=second, status=MailingStatus.SENDING).count() == 1
    assert invariants(world).unknown == 0


PLACES = ("usr/lib/*/faketime/libfaketimeMT.so.1", "usr/lib*/faketime/libfaketimeMT.so.1")


def library() -> str:
    """libfaketime, or the path in FAKETIME_LIBRARY; without it the test is skipped."""
    found = [os.environ.get("FAKETIME_LIBRARY", ""), *(str(path) for place in PLACES for path in sorted(Path("/").glob(place)))]
    for path in filter(None, found):
        return path
    pytest.skip("needs libfaketime to move the clock of a database: install Debian's package libfaketime")


@pytest.fixture
def clock():
    """A file with the seconds by which a clock is moved, where the database may read it."""
    quarters = Quarters()
    folder = quarters.folder(f"clock-{os.getpid()}")
    yield folder / "clock"
    quarters.remove(folder)


@pytest.mark.parametrize("seconds", [-15, 600], ids=["back", "ahead"])
def test_the_clock_of_the_database_is_moved(new_world, clock, seconds):
    """Ahead: all leases are over at once, while their owners still call. Back: leases last longer, and what is queued waits for as long as the
    clock was put back. Neither doubles a text."""
    clock.write_text("+0\n")
    clock.chmod(0o644)
    faked = {"LD_PRELOAD": library(), "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_CACHE_DURATION": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    world = new_world(**faked)
    mailing = confirmed(1_500)
    world.machine()
    world.wait_for_texts(300)
    clock.write_text(f"{seconds:+d}\n")
    world.wait_for_the_end(mailing)
    assert invariants(world).unknown <= 2 * window()
