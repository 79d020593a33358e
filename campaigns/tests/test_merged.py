"""Two people of one mailing become one: one text leaves, whatever the mailing does at that moment."""

import asyncio
import json
import random
import time
from collections import Counter, defaultdict
from threading import Thread

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from campaigns.models import Chunk, Exclusion, Mailing, MailingTally, Message
from campaigns.pipeline import deliver, dispatch, outcomes, prepare
from campaigns.pipeline.database import Database
from campaigns.services import figures, mailings, merged, replies, rounds
from campaigns.statuses import ChunkState, MailingStatus, MessageStatus
from campaigns.tests.factories import fictional, make_mailing, make_provider, make_ready, make_sending
from campaigns.tests.working import in_background, send_all
from contacts.duplicates.choices import Choices
from contacts.models import Activity, Contact, Group, Membership
from contacts.services import merge
from contacts.services.errors import ContactsError
from contacts.tests.factories import make_contact, make_group
from providers.errors import NotSent, Refused
from providers.services import sending
from providers.types import InboundSms
from smsapp.celery import app
from smsapp.testing import processes

pytestmark = pytest.mark.django_db(transaction=True)
A, B, C = (fictional(index) for index in range(3))
SKIPPED, OPEN, SENT = MessageStatus.SKIPPED, MessageStatus.OPEN, MessageStatus.SENT


@pytest.fixture(autouse=True)
def world(settings):
    settings.SEND_SLICE_SECONDS = 1.0
    settings.SEND_CONNECTIONS = 8


def unite(winner, *losers):
    people = Contact.objects.filter(id__in=[winner.pk, *[loser.pk for loser in losers]])
    return merge.merge([person.pk for person in people], Choices(winner.pk), seen={person.pk: person.updated_at for person in people})


def told(mailing):
    """{contact: (status, reason)} of the mailing's messages."""
    return {row.contact_id: (MessageStatus(row.status), row.reason) for row in Message.objects.filter(mailing=mailing)}


def rows_equal_figures(mailing):
    mailing.refresh_from_db()
    found, rows = figures.of(mailing), Counter(Message.objects.filter(mailing=mailing).values_list("status", flat=True))
    assert (found.open, found.sent, found.skipped) == (rows[OPEN], rows[SENT], rows[SKIPPED])
    assert found.segments == sum(Message.objects.filter(mailing=mailing).values_list("segments", flat=True))
    return True


def two_people(**provider):
    ana, ben = make_contact(A), make_contact(B)
    return ana, ben, make_group(ana, ben), make_provider(**provider)


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


# --- while it is being prepared ---


def preparing_with(monkeypatch, mailing, number_of_batch, act):
    """Prepare in batches of one; `act` happens after so many of them."""
    monkeypatch.setattr(prepare, "BATCH", 1)
    real, calls = prepare._write, []

    def write(*args, **kwargs):
        done = real(*args, **kwargs)
        calls.append(1)
        if len(calls) == number_of_batch:
            act()
        return done

    monkeypatch.setattr(prepare, "_write", write)
    mailings.prepare(mailing, None)


@pytest.mark.parametrize("winner", [0, 1])
@pytest.mark.parametrize("after", [1, 2])
def test_a_merge_during_the_preparation(gateway, monkeypatch, winner, after):
    people, group = [make_contact(A), make_contact(B)], None
    group = make_group(*people)
    mailing = make_mailing(group)
    preparing_with(monkeypatch, mailing, after, lambda: unite(people[winner], people[1 - winner]))
    assert prepare.prepare(mailing.pk)
    mailing.refresh_from_db()
    assert (figures.of(mailing).total, figures.of(mailing).excluded_total) == (1, 1)
    mailings.confirm(mailing, None)
    send_all(mailing)
    assert gateway.calls == {(A, B)[winner]: 1}
    assert rows_equal_figures(mailing)


class Killed(BaseException):
    pass


def killed():
    raise Killed


@pytest.mark.parametrize("loser_in_group", [True, False])
def test_a_preparation_that_goes_on_forgets_nobody(gateway, monkeypatch, loser_in_group):
    """The winner's id lies before the watermark, the loser's behind it; the worker dies between."""
    winner, between, loser = make_contact(A), make_contact(C), make_contact(B)
    group = make_group(between, *([loser] if loser_in_group else [winner]))
    mailing = make_mailing(group)
    preparing_with(monkeypatch, mailing, 1, lambda: (unite(winner, loser), killed()))
    with pytest.raises(Killed):
        prepare.prepare(mailing.pk)
    monkeypatch.undo()
    monkeypatch.setattr(sending, "send", gateway.send)
    assert prepare.prepare(mailing.pk)
    mailings.confirm(Mailing.objects.get(), None)
    send_all(mailing)
    assert gateway.calls == {A: 1, C: 1}
    assert Mailing.objects.get().targeted == 2


def test_a_merge_waits_for_the_last_step_of_a_preparation(monkeypatch):
    """The mailing becomes ready without having seen the merge, which then sees the ready mailing."""
    ana, ben = make_contact(A), make_contact(B)
    mailing = make_mailing(make_group(ana, ben))
    mailings.prepare(mailing, None)
    real, threads = merged.keep_one_text_each, []

    def begin_a_merge(mailing_id):
        real(mailing_id)
        threads.append(Thread(target=lambda: (unite(ana, ben), connections.close_all())))
        threads[0].start()
        time.sleep(0.4)
        assert Contact.objects.active().count() == 2

    monkeypatch.setattr(merged, "keep_one_text_each", begin_a_merge)
    prepare.prepare(mailing.pk)
    threads[0].join()
    assert told(mailing) == {ana.pk: (OPEN, "")}
    assert dict(Exclusion.objects.values_list("contact", "reason")) == {ben.pk: "merged"}


def test_one_number_of_both_was_one_text_already(gateway):
    ana, ben = make_contact(A), make_contact(A)
    mailing = make_sending(make_group(ana, ben))
    unite(ben, ana)
    send_all(mailing)
    assert (gateway.calls, told(mailing)) == ({A: 1}, {ana.pk: (SENT, "")})


def test_a_mailing_after_the_merge_knows_one_person():
    ana, ben, group, provider = two_people()
    unite(ana, ben)
    mailing = make_ready(group, provider=provider)
    assert (told(mailing), mailing.targeted) == ({ana.pk: (OPEN, "")}, 1)


def test_an_excluded_group_of_the_loser_excludes_the_winner():
    ana, ben, group, provider = two_people()
    out = make_group(ben)
    unite(ana, ben)
    assert told(make_ready(group, provider=provider, exclude=[out])) == {}


# --- what comes back ---


def test_replies_reach_the_winner_by_any_number():
    ana, ben, _group, provider = two_people()
    unite(ana, ben)
    for number in (A, B):
        replies.keep(InboundSms(provider_id=provider.pk, gateway_id=f"in{number}", sender=number, recipient="36111", text="Hello"))
    assert set(Activity.objects.filter(kind="sms_received").values_list("contact", flat=True)) == {ana.pk}


# --- many at once ---


def crowd(pairs):
    """So many pairs, the two of a pair far apart in the mailing; {contact: number}."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contacts_contact (first_name, last_name, organisation, email, language, external_id, do_not_sms, opted_out, deceased,"
            " sms_number, sms_country, reach, created_at, updated_at)"
            " SELECT 'Anna', 'N' || i, '', '', '', '', false, false, false, '+3363998' || lpad(i::text, 4, '0'), 'FR', 3, now(), now()"
            " FROM generate_series(0, %s) i",
            [2 * pairs - 1],
        )
        cursor.execute(
            "INSERT INTO contacts_phonenumber (contact_id, number, kind, is_primary, line, country, textable)"
            " SELECT id, sms_number, 'mobile', true, 'mobile', 'FR', true FROM contacts_contact"
        )
    group = Group.objects.create(name="Crowd")
    people = list(Contact.objects.order_by("id"))
    Membership.objects.bulk_create(Membership(group=group, contact=person) for person in people)
    return group, [(people[n], people[n + pairs]) for n in range(pairs)]


def merge_at_random(pairs, seed):
    """Merge pair after pair, either way round."""
    dice = random.Random(seed)
    try:
        for pair in pairs:
            winner, loser = pair if dice.random() < 0.5 else pair[::-1]
            try:
                unite(winner, loser)
            except ContactsError as refused:
                assert refused.code == "being_texted"
    finally:
        connections.close_all()


def late_seconds(pairs, began):
    """Second texts whose call began later after the merge than a text that was just judged may wait; nobody is without one."""
    merged_at = dict(Activity.objects.filter(kind="change", subject="merged").values_list("contact", "at"))
    late = []
    for pair in pairs:
        calls = sorted(at for person in pair for at in began[person.sms_number])
        assert 1 <= len(calls) <= 2
        when = next(merged_at[person.pk] for person in pair if person.pk in merged_at)
        late += [at for at in calls[1:] if (at - when).total_seconds() > deliver.JUDGED_FOR]
    return late


@pytest.mark.parametrize("seed", range(3))
def test_merging_while_workers_send(gateway, monkeypatch, seed):
    """Threads: two workers, two people who merge; some calls come back."""
    group, pairs = crowd(60)
    dice = random.Random(seed)
    dice.shuffle(pairs)
    gateway.seconds = 0.05
    for pair in pairs[::5]:
        gateway.errors[pair[dice.randrange(2)].sms_number] = NotSent("No connection.", reason="not_reached")
    real, began = sending.send, defaultdict(list)

    async def counted(session, provider, sms):
        at = timezone.now()
        result = await real(session, provider, sms)
        began[sms.number].append(at)
        return result

    monkeypatch.setattr(sending, "send", counted)
    mailing = make_sending(group, provider=make_provider(rate=60))
    people = [Thread(target=merge_at_random, args=(pairs[n::2], seed + n)) for n in range(2)]
    workers = [in_background(mailing.provider_id) for _worker in range(2)]
    [thread.start() for thread in people]
    [thread.join() for thread in [*people, *workers]]
    for _round in range(20):
        Chunk.objects.filter(state=ChunkState.READY).update(due_at=timezone.now())
        rounds.send_slice(mailing.provider_id, urgent_only=False)
    assert rows_equal_figures(mailing) and mailing.status == MailingStatus.FINISHED
    assert Contact.objects.active().count() == 60
    assert not late_seconds(pairs, began)


@pytest.mark.processes
def test_merging_while_processes_send(tmp_path, settings):
    """Two worker processes against the simulated gateway; its log tells what left."""
    group, pairs = crowd(200)
    provider = make_provider(rate=30)
    mailing = make_sending(group, provider=provider)
    log = tmp_path / "requests.log"
    with processes.simulator("--plain", "--hold-reports", "--latency", "20", "--log", str(log)) as url:
        environment = {"DATABASE_URL": processes.database_url(), "REDIS_URL": settings.REDIS_URL, "SECRET_KEY": settings.SECRET_KEY, "SIMULATOR_URL": url}
        with processes.celery_worker("bulk", "-c", "2", **environment) as worker:
            for _bell in range(2):
                app.send_task("campaigns.tasks.dispatch_bulk", args=[provider.pk], queue="bulk")
            sent = Message.objects.filter(mailing=mailing, status=SENT)
            processes.wait_until(lambda: sent.count() > 20, "the first texts", process=worker)
            merge_at_random(pairs[::-1], seed=4)
            processes.wait_until(lambda: Mailing.objects.get().status == MailingStatus.FINISHED, "the end", process=worker)
        time.sleep(0.2)  # the simulator writes its log every 50 ms
    gone = Counter(json.loads(line)["number"] for line in log.read_text().splitlines())
    sent_at = dict(Message.objects.filter(mailing=mailing, status=SENT).values_list("number", "sent_at"))
    assert rows_equal_figures(mailing) and figures.of(mailing).skipped > 20
    assert (gone.keys(), max(gone.values())) == (sent_at.keys(), 1)
    assert Contact.objects.active().count() == 200
    assert not late_seconds(pairs, defaultdict(list, {number: [at] for number, at in sent_at.items()}))
