"""Two people of one mailing become one while it is being sent: one text leaves, at whatever moment."""

import asyncio
import time
from collections import Counter
from threading import Thread

import pytest
from django.db import connections, transaction
from django.utils import timezone

from campaigns.models import Chunk, Mailing, Message
from campaigns.pipeline import deliver, dispatch, outcomes
from campaigns.pipeline.database import Database
from campaigns.services import merged
from campaigns.statuses import ChunkState, MailingStatus
from campaigns.tests.factories import fictional, make_provider, make_sending
from campaigns.tests.working import OPEN, SENT, SKIPPED, A, B, in_background, rows_equal_figures, send_all, told, two_people, unite
from contacts.models import Contact
from contacts.services.errors import ContactsError
from contacts.tests.factories import make_contact, make_group
from providers.errors import NotSent, Refused
from smsapp.testing import processes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("short_slices")]


def slowly(gateway, *, before, seconds=0.8):
    """A worker whose calls take long, once `before` of them have begun."""
    gateway.seconds = seconds
    mailing = Mailing.objects.get()
    thread = in_background(mailing.provider_id)
    processes.wait_until(lambda: len(gateway.started) >= before, "the first call", seconds=10)
    return thread


@pytest.mark.parametrize("winner", [0, 1])
@pytest.mark.parametrize("between", [4, 9], ids=["in one chunk", "in two chunks"])
def test_after_the_call_of_the_first_has_begun_the_second_is_skipped(gateway, winner, between):
    ana, *others, ben = [make_contact(number) for number in (A, *map(fictional, range(10, 10 + between)), B)]
    mailing = make_sending(make_group(ana, *others, ben), provider=make_provider(rate=4))
    thread = slowly(gateway, before=1)
    unite(*(ana, ben)[:: 1 if winner == 0 else -1])
    thread.join()
    send_all(mailing)
    assert (gateway.calls[A], gateway.calls[B], max(gateway.calls.values())) == (1, 0, 1)
    assert (told(mailing)[ana.pk], told(mailing)[ben.pk]) == ((SENT, ""), (SKIPPED, "merged"))
    assert rows_equal_figures(mailing) and mailing.status == MailingStatus.FINISHED


def test_between_the_mark_and_the_read_the_marked_one_goes(gateway, monkeypatch):
    ana, ben, group, provider = two_people(rate=4)
    mailing = make_sending(group, provider=provider)
    real, done = dispatch.reading, []

    def merge_first(**options):
        if not done:
            done.append(1)
            thread = Thread(target=lambda: (unite(ben, ana), connections.close_all()))
            thread.start()
            thread.join()
        return real(**options)

    monkeypatch.setattr(dispatch, "reading", merge_first)
    send_all(mailing)
    assert gateway.calls == {A: 1}
    assert told(mailing) == {ana.pk: (SENT, ""), ben.pk: (SKIPPED, "merged")}


def test_after_the_claim_and_before_the_mark_the_winner_is_texted():
    ana, ben, group, provider = two_people()
    make_sending(group, provider=provider)

    async def claim_then_start():
        async with Database() as database:
            claim = await dispatch.claim(database.connection, provider.pk, urgent_only=False)
            await asyncio.to_thread(lambda: (unite(ben, ana), connections.close_all()))
            return await dispatch.start(database.connection, claim, claim.size, snapshot)

    from providers.services import providers

    snapshot = providers.snapshot(provider.pk)
    assert [(text.number, text.why_not) for text in asyncio.run(claim_then_start())] == [(B, None)]


def test_the_mark_waits_for_a_merge_that_decides():
    ana, ben, group, provider = two_people()
    make_sending(group, provider=provider)
    from providers.services import providers

    snapshot, read = providers.snapshot(provider.pk), []

    def work():
        async def claim_and_start():
            async with Database() as database:
                claim = await dispatch.claim(database.connection, provider.pk, urgent_only=False)
                claimed.append(claim)
                while not go:
                    await asyncio.sleep(0.01)
                read.extend(await dispatch.start(database.connection, claim, claim.size, snapshot))

        asyncio.run(claim_and_start())

    claimed, go = [], []
    thread = Thread(target=work)
    thread.start()
    processes.wait_until(lambda: bool(claimed), "the claim", seconds=10)
    with transaction.atomic():
        unite(ben, ana)
        go.append(1)
        time.sleep(0.3)
        assert read == []
    thread.join()
    assert [text.number for text in read] == [B]


@pytest.mark.parametrize("back", [A, B])
@pytest.mark.parametrize("error", [NotSent("No connection.", reason="not_reached"), NotSent("Busy.", throttled=True, reason="throttled")])
def test_both_in_flight_and_one_comes_back(gateway, back, error):
    ana, ben, group, provider = two_people()
    mailing = make_sending(group, provider=provider)
    gateway.errors[back] = error
    thread = slowly(gateway, before=2)
    unite(ana, ben)
    thread.join()
    Chunk.objects.filter(state=ChunkState.READY).update(due_at=timezone.now())
    provider.refresh_from_db()
    provider.slowed_until = None
    provider.save()
    send_all(mailing)
    assert gateway.calls == {A: 1, B: 1}  # both had begun before the merge; the refused call is not repeated
    assert Counter(status for status, _reason in told(mailing).values()) == {SENT: 1, SKIPPED: 1}
    assert rows_equal_figures(mailing)


def test_both_in_flight_and_both_come_back(gateway):
    ana, ben, group, provider = two_people()
    mailing = make_sending(group, provider=provider)
    gateway.errors = {number: NotSent("No connection.", reason="not_reached") for number in (A, B)}
    thread = slowly(gateway, before=2)
    unite(ben, ana)
    thread.join()
    Chunk.objects.filter(state=ChunkState.READY).update(due_at=timezone.now())
    send_all(mailing)
    assert gateway.calls in ({A: 1, B: 2}, {A: 2, B: 1})  # whose outcome is written first gives way: the other's call still counts as under way
    again, not_again = (ana, ben) if gateway.calls[A] == 2 else (ben, ana)
    assert told(mailing) == {again.pk: (SENT, ""), not_again.pk: (SKIPPED, "merged")}


def test_a_refused_text_leaves_room_for_the_other(gateway):
    ana, ben, group, provider = two_people(rate=4)
    mailing = make_sending(group, provider=provider)
    gateway.errors[A] = Refused("No such number.", reason="invalid_number")
    deliver.run_slice(provider.pk, urgent_only=False)
    Message.objects.filter(contact=ben).update(status=OPEN)
    Chunk.objects.update(state=ChunkState.READY, started_up_to=1)
    unite(ana, ben)
    assert told(mailing)[ben.pk] == (OPEN, "")


def test_outcomes_that_are_being_written_are_waited_for(gateway, monkeypatch):
    """The writer has put one text back, uncommitted, while the other is sent in the same transaction."""
    ana, ben, group, provider = two_people()
    mailing = make_sending(group, provider=provider)
    gateway.errors[B] = NotSent("No connection.", reason="not_reached")
    real, writing = outcomes._requeue, []

    async def slow(*arguments):
        await real(*arguments)
        writing.append(1)
        await asyncio.sleep(0.5)

    monkeypatch.setattr(outcomes, "_requeue", slow)
    thread = in_background(provider.pk)
    processes.wait_until(lambda: bool(writing), "the writer", seconds=10)
    unite(ana, ben)
    thread.join()
    assert told(mailing) == {ana.pk: (SENT, ""), ben.pk: (SKIPPED, "merged")}
    assert rows_equal_figures(mailing)


def test_texts_that_nobody_lets_go_refuse_the_merge_in_words(monkeypatch):
    ana, ben, group, provider = two_people()
    make_sending(group, provider=provider)
    monkeypatch.setattr(merged, "PATIENCE", 0.2)

    def hold():
        with transaction.atomic():
            Chunk.objects.select_for_update().first()
            held.append(1)
            time.sleep(1)
        connections.close_all()

    held = []
    thread = Thread(target=hold)
    thread.start()
    processes.wait_until(lambda: bool(held), "the lock", seconds=5)
    with pytest.raises(ContactsError) as refused:
        unite(ana, ben)
    thread.join()
    assert refused.value.code == "being_texted"
    assert Contact.objects.active().count() == 2
