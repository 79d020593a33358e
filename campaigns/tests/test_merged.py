"""Two people of one mailing become one: one text leaves, whatever the mailing does at that moment."""

import asyncio
import time
from collections import Counter
from threading import Thread

import pytest
from django.db import connections, transaction
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Chunk, Exclusion, Mailing, MailingTally, Message
from campaigns.pipeline import deliver, dispatch, outcomes
from campaigns.pipeline.database import Database
from campaigns.services import figures, mailings, merged, replies
from campaigns.statuses import ChunkState, MailingStatus, MessageStatus
from campaigns.tests.factories import fictional, make_provider, make_ready, make_sending
from campaigns.tests.working import A, B, C, in_background, rows_equal_figures, send_all, told, two_people, unite
from contacts.models import Activity, Contact
from contacts.services.errors import ContactsError
from contacts.tests.factories import make_contact, make_group
from providers.errors import NotSent, Refused
from providers.types import InboundSms
from smsapp.testing import processes

pytestmark = pytest.mark.django_db(transaction=True)
SKIPPED, OPEN, SENT = MessageStatus.SKIPPED, MessageStatus.OPEN, MessageStatus.SENT


@pytest.fixture(autouse=True)
def world(settings):
    settings.SEND_SLICE_SECONDS = 1.0
    settings.SEND_CONNECTIONS = 8


# --- before anything has started ---


@pytest.mark.parametrize("winner", [0, 1])
@pytest.mark.parametrize("rate", [1, 1000], ids=["in one chunk, small", "in one chunk"])
def test_of_two_waiting_texts_the_winners_stays(gateway, winner, rate):
    *people, group, provider = two_people(rate=rate)
    mailing = make_sending(group, provider=provider)
    unite(people[winner], people[1 - winner])
    assert told(mailing) == {people[winner].pk: (OPEN, ""), people[1 - winner].pk: (SKIPPED, "merged")}
    send_all(mailing)
    assert gateway.calls == {(A, B)[winner]: 1}
    assert (mailing.status, rows_equal_figures(mailing)) == (MailingStatus.FINISHED, True)


def test_texts_in_two_chunks(gateway):
    ana, carl, ben = make_contact(A), make_contact(C), make_contact(B)
    dora = make_contact(fictional(7))
    mailing = make_sending(make_group(ana, carl, ben, dora), provider=make_provider(rate=1))
    assert len(set(Message.objects.values_list("chunk", flat=True))) == 2
    unite(ben, ana)
    assert told(mailing)[ana.pk] == (SKIPPED, "merged")
    send_all(mailing, slices=20)
    assert set(gateway.calls.values()) == {1} and A not in gateway.calls and B in gateway.calls
    assert rows_equal_figures(mailing)


def test_of_two_losers_one_is_texted_for_the_winner(gateway):
    ana, ben, group, provider = two_people()
    carl = make_contact(C)
    mailing = make_sending(group, provider=provider)
    unite(carl, ana, ben)
    send_all(mailing)
    assert gateway.calls == {A: 1}
    assert told(mailing) == {ana.pk: (SENT, ""), ben.pk: (SKIPPED, "merged")}


def test_a_losers_own_text_goes_on_judged_by_the_winner(gateway):
    ana, ben, _group, provider = two_people()
    mailing = make_sending(make_group(ben), provider=provider)
    unite(ana, ben)
    send_all(mailing)
    assert (gateway.calls, told(mailing)) == ({B: 1}, {ben.pk: (SENT, "")})


def test_the_winners_opt_out_holds_for_the_losers_text(gateway):
    ana, ben, _group, provider = two_people()
    Contact.objects.filter(pk=ana.pk).update(opted_out=True)
    mailing = make_sending(make_group(ben), provider=provider)
    unite(ana, ben)
    send_all(mailing)
    assert (gateway.calls, told(mailing)) == ({}, {ben.pk: (SKIPPED, "opted_out")})


def test_who_was_merged_before_counts_too(gateway):
    ana, ben, group, provider = two_people()
    carl = make_contact(C)
    mailing = make_sending(group, provider=provider)
    unite(carl, ana)
    unite(carl, ben)
    send_all(mailing)
    assert gateway.calls == {A: 1}


def test_somebody_elses_texts_stay(gateway):
    ana, ben, group, provider = two_people()
    carl, dora = make_contact(C), make_contact(None)
    mailing = make_sending(make_group(carl, dora, ana), group, provider=provider)
    other = make_sending(make_group(carl, ben), provider=provider)
    unite(carl, dora)
    assert all(status == (OPEN, "") for status in told(mailing).values()) and len(told(other)) == 2


@pytest.mark.parametrize(
    ("steps", "keeps"),
    [
        ([], "left out"),
        (["schedule"], SKIPPED),
        (["confirm"], SKIPPED),
        (["confirm", "pause"], SKIPPED),
        (["confirm", "cancel"], OPEN),
        (["draft"], OPEN),
    ],
)
def test_what_waits_is_dropped_wherever_the_mailing_waits(steps, keeps):
    ana, ben, group, provider = two_people()
    mailing = make_ready(group, provider=provider)
    moves = {
        "schedule": lambda: mailings.confirm(mailing, None, timezone.now() + timezone.timedelta(hours=1)),
        "confirm": lambda: mailings.confirm(mailing, None),
        "pause": lambda: mailings.pause(mailing, None),
        "cancel": lambda: mailings.cancel(mailing, None),
        "draft": lambda: mailings.take_back(mailing, None),
    }
    for step in steps:
        moves[step]()
    unite(ana, ben)
    assert told(mailing).get(ben.pk, ("left out",))[0] == keeps
    left_out = dict(Exclusion.objects.values_list("contact", "reason"))
    assert left_out == ({ben.pk: "merged"} if keeps == "left out" else {})
    mailing.refresh_from_db()
    open_texts = Message.objects.filter(status=OPEN).count()
    assert sum(MailingTally.objects.filter(status=OPEN).values_list("messages", flat=True)) == open_texts
    if not steps:
        assert (figures.of(mailing).total, figures.of(mailing).segments, figures.of(mailing).excluded) == (1, 1, {"merged": 1})


# --- while it is being sent ---


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
    assert gateway.calls == {A: 1, B: 2}
    assert told(mailing) == {ana.pk: (SKIPPED, "merged"), ben.pk: (SENT, "")}


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


# --- what is shown, and what comes back ---


def test_lists_of_a_mailing_lead_to_the_winner(client_for):
    ana, ben, group, provider = two_people()
    carl = make_contact(None)
    mailing = make_sending(group, make_group(carl), provider=provider)
    unite(ana, ben, carl)
    client, here = client_for("viewer"), f'href="{reverse("contacts:detail", args=[ana.pk])}"'
    messages = client.get(reverse("campaigns:messages", args=[mailing.pk])).content.decode()
    assert messages.count(here) == 2 and "Merged with somebody who gets this text" in messages
    assert here in client.get(reverse("campaigns:left_out", args=[mailing.pk])).content.decode()
    assert here in client.get(reverse("campaigns:message", args=[Message.objects.get(contact=ben).pk])).content.decode()
    narrowed = client.get(reverse("campaigns:messages", args=[mailing.pk]), {"reason": "merged"})
    assert [message.contact_id for message in narrowed.context["page"]] == [ben.pk]


def test_the_page_that_asks_counts_the_texts_that_wait():
    ana, ben, group, provider = two_people()
    make_sending(group, provider=provider)
    make_ready(make_group(ben), provider=provider)
    assert merged.waiting_texts([ana.pk, ben.pk]).counts == {ana.pk: 1, ben.pk: 2}
    assert merged.waiting_texts([ana.pk]).note(2) == "waiting texts go on; one text a mailing"


def test_replies_reach_the_winner_by_any_number():
    ana, ben, _group, provider = two_people()
    unite(ana, ben)
    for number in (A, B):
        replies.keep(InboundSms(provider_id=provider.pk, gateway_id=f"in{number}", sender=number, recipient="36111", text="Hello"))
    assert set(Activity.objects.filter(kind="sms_received").values_list("contact", flat=True)) == {ana.pk}
