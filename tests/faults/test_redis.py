"""The broker forgets everything, goes away, or stops answering: tasks are hints, so nothing is lost but time."""

import signal
import time

import pytest

from campaigns.models import Message
from campaigns.statuses import MailingStatus, MessageStatus
from campaigns.tests.factories import fictional
from contacts.tests.factories import make_contact
from tests.faults.browsing import Person
from tests.faults.invariants import invariants
from tests.faults.people import confirmed, prepared

pytestmark = pytest.mark.processes
AWAY = 6.0  # seconds; a console that finds its way back after them does so after five minutes


@pytest.mark.short
def test_redis_is_flushed_in_the_middle(world):
    mailing = confirmed(1_500)
    world.machine()
    for texts in (100, 500, 900):
        world.wait_for_texts(texts)
        world.redis.client().flushall()
    world.wait_for_the_end(mailing)
    assert invariants(world).unknown == 0


@pytest.mark.parametrize(
    ("goes", "comes"),
    [
        (lambda redis: redis.stop(signal.SIGKILL), lambda redis: redis.start()),
        (lambda redis: redis.signal_all(signal.SIGSTOP), lambda redis: redis.signal_all(signal.SIGCONT)),
    ],
    ids=["away", "silent"],
)
def test_redis_does_not_answer_for_a_time(world, goes, comes):
    mailing = confirmed(1_500)
    world.machine()
    world.wait_for_texts(200)
    goes(world.redis)
    time.sleep(AWAY)
    comes(world.redis)
    world.wait_for_the_end(mailing)
    assert invariants(world).unknown == 0


@pytest.mark.parametrize("how", [pytest.param("gone", marks=pytest.mark.short), "silent"])
def test_redis_is_down_at_the_click(world, how):
    """Send is accepted within 2 s; when Redis is back, everything goes by itself."""
    mailing, other = prepared(50), make_contact(fictional(5_000))
    world.web()
    person = Person(world, "marketer")
    assert person.get("/").status == 200
    if how == "gone":
        world.redis.stop(signal.SIGKILL)
    else:
        world.redis.signal_all(signal.SIGSTOP)
    answer = person.launch(mailing)
    mailing.refresh_from_db()
    assert (answer.status, mailing.status) == (302, MailingStatus.SENDING)
    assert answer.seconds < 2.0
    answer = person.text(other.numbers.get(), mailing.provider)
    assert (answer.status, Message.objects.filter(mailing=None).count()) == (302, 1), answer.body[:2000]
    assert answer.seconds < 2.0
    for path in ("/", "/contacts/", f"/sms/mailings/{mailing.pk}/"):
        assert person.get(path).status == 200
    if how == "gone":
        world.redis.start()
    else:
        world.redis.signal_all(signal.SIGCONT)
    world.machine()
    world.wait_for_the_end(mailing)
    world.wait(lambda: world.statuses() == {MessageStatus.SENT: 51}, "the one-off text")
    assert invariants(world).unknown == 0
