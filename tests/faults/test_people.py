"""People act in the middle of a mailing, many at once, and the gateway's log says whether they were heeded."""

import threading
import time
from collections import Counter

import pytest

from campaigns.models import Mailing, MailingEvent, Message
from campaigns.services import mailings
from campaigns.statuses import MailingStatus, MessageStatus
from contacts.models import Contact
from contacts.services import consent, contacts, suppressions
from providers.models import Provider
from providers.services import providers
from tests.faults.browsing import Person
from tests.faults.invariants import OBEYED_WITHIN, invariants
from tests.faults.people import confirmed, prepared

pytestmark = pytest.mark.processes
S = MessageStatus


def test_twenty_launches_at_once(world):
    mailing = prepared(400)
    world.web()
    world.machine()
    people = [Person(world, "marketer"), Person(world, "administrator")]
    start, answers = threading.Barrier(20), []

    def click(number: int) -> None:
        start.wait()
        answers.append(people[number % 2].launch(mailing).status)

    threads = [threading.Thread(target=click, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.wait_for_the_end(mailing)
    assert Counter(answers) == {302: 20}
    assert MailingEvent.objects.filter(mailing=mailing, status=MailingStatus.SENDING).count() == 1
    invariants(world)
    assert world.statuses() == {S.SENT: 400}


def test_people_opt_out_are_deleted_and_die_while_their_texts_are_queued(world):
    """None of them gets a text later than five seconds after, and each is skipped with the reason."""
    mailing = confirmed(900, rate=60)
    world.machine()
    world.wait_for_texts(60)
    waiting = list(Message.objects.filter(status=S.OPEN).order_by("-id").select_related("contact")[:200])
    for number, text in enumerate(waiting):
        (stop, opt_out, delete, die)[number % 4](text)
    done = time.time()
    world.wait_for_the_end(mailing)
    seen = invariants(world)
    reasons = Counter(seen.rows[text.pk].reason for text in waiting if seen.rows[text.pk].status == S.SKIPPED)
    assert {"suppressed", "opted_out", "deleted", "deceased"} == reasons.keys() and sum(reasons.values()) == 200
    late = [line for line in seen.log if line.at > done + OBEYED_WITHIN and line.message in {text.pk for text in waiting}]
    assert not late


def stop(text: Message) -> None:
    suppressions.suppress(text.number, note="STOP", author=None, reason="stop")


def opt_out(text: Message) -> None:
    consent.opt_out(text.contact, source="reply", number=text.number)


def delete(text: Message) -> None:
    contacts.delete(text.contact)


def die(text: Message) -> None:
    Contact.objects.filter(pk=text.contact_id).update(deceased=True)


def test_the_provider_is_switched_off_in_the_middle(world):
    mailing = confirmed(800, rate=200)
    world.machine()
    world.wait_for_texts(200)
    switch(active=False)
    time.sleep(5)
    gone = len(world.log())
    time.sleep(2)
    world.wait_for_no_lease()
    assert len(world.log()) == gone < 800
    assert invariants(world).having(S.OPEN)
    switch(active=True)
    world.wait_for_the_end(mailing)
    assert invariants(world).unknown == 0
    assert world.statuses() == {S.SENT: 800}


def switch(*, active: bool) -> None:
    provider = Provider.objects.get()
    provider.active = active
    providers.save(provider)


@pytest.mark.short
def test_a_mailing_is_paused_resumed_and_cancelled(world):
    mailing = confirmed(1_200, rate=200)
    world.machine()
    world.wait_for_texts(100)
    mailings.pause(mailing, None)
    time.sleep(3)
    gone = len(world.log())
    time.sleep(1)
    assert len(world.log()) == gone < 600, "a pause takes effect within seconds"
    invariants(world)
    mailings.resume(mailing, None)
    world.wait_for_texts(gone + 100)
    mailings.cancel(mailing, None)
    world.wait(lambda: not world.statuses()[S.OPEN], "the end of what was under way")
    time.sleep(1)
    seen = invariants(world)
    assert Mailing.objects.get().status == MailingStatus.CANCELLED
    assert (seen.unknown, len(seen.arrived) + len(seen.having(S.CANCELLED))) == (0, 1_200)
