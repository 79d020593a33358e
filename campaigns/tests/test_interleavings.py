"""Two workers, a person and a fault at the worst moment: no text twice, none lost, none recorded as what it is not."""

import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from campaigns.models import Chunk, Mailing, Message
from campaigns.pipeline import deliver, dispatch, finish, outcomes, prepare, storing, sweep
from campaigns.pipeline.number_rules import NumberRules
from campaigns.services import figures, mailings, rounds
from campaigns.statuses import ChunkState, MailingStatus, MessageStatus
from campaigns.tests.factories import make_mailing, make_message, make_people, make_provider, make_sending
from campaigns.tests.working import in_background, send_all
from contacts.models import Activity, PhoneNumber, Suppression
from contacts.services import numbers
from contacts.tests.factories import make_contact, make_group
from providers.errors import NotSent, Refused
from providers.models import Provider
from providers.services import providers, sending

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("short_slices")]


def lost_lease():
    Chunk.objects.filter(state=ChunkState.CLAIMED).update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep.sweep()


def test_the_read_of_a_chunk_is_limited_to_the_stride():
    for marketing in (True, False):
        sql, parameters = dispatch.reading(marketing=marketing, rules=NumberRules(frozenset({"FR", "GB"}), real_only=True))
        assert sql.endswith(
            "AND campaigns_message.chunk_id = %s AND campaigns_message.position >= %s AND campaigns_message.position < %s ORDER BY campaigns_message.position"
        )
        assert sql.count("%s") == len(parameters) + 3
        assert " WHERE " in sql


def test_a_slice_that_ends_with_calls_in_flight_does_not_send_them_again(gateway):
    gateway.seconds = 1.5
    mailing = make_sending(make_people(14), provider=make_provider(rate=8))
    threads = []
    for _worker in range(4):
        threads.append(in_background(mailing.provider_id))
        time.sleep(0.7)
    for thread in threads:
        thread.join()
    send_all(mailing)
    assert max(gateway.calls.values()) == 1
    assert (mailing.status, figures.of(mailing).sent) == (MailingStatus.FINISHED, 14)


def test_a_worker_that_dies_before_it_writes_leaves_unknown_ones_and_no_others(gateway, monkeypatch):
    mailing = make_sending(make_people(14), provider=make_provider(rate=8))

    async def dead(*arguments):
        raise RuntimeError("killed")

    monkeypatch.setattr(storing, "write_results", dead)
    deliver.run_slice(mailing.provider_id, urgent_only=False)
    monkeypatch.undo()
    monkeypatch.setattr(sending, "send", gateway.send)
    assert not Chunk.objects.filter(state=ChunkState.DONE).exists()
    lost_lease()
    send_all(mailing)
    found = figures.of(mailing)
    assert max(gateway.calls.values()) == 1
    assert (mailing.status, found.open, found.sent + found.unknown) == (MailingStatus.FINISHED, 0, 14)
    assert found.unknown > 0


def test_cancelling_during_calls_keeps_what_the_gateway_took(gateway):
    gateway.seconds = 0.8
    mailing = make_sending(make_people(12), provider=make_provider(rate=8))
    thread = in_background(mailing.provider_id)
    time.sleep(0.5)
    mailings.cancel(mailing, None)
    finish.finish()
    thread.join()
    finish.finish()
    found = figures.of(mailing)
    assert found.sent == len(gateway.calls) == Activity.objects.count() > 0
    assert (found.sent + found.cancelled, found.open) == (12, 0)


def test_a_chunk_given_back_with_calls_in_flight_is_not_cancelled_under_them(gateway, monkeypatch):
    gateway.seconds = 1.2
    mailing = make_sending(make_people(12), provider=make_provider(rate=8))
    real, asked = deliver.Slice._wait_for_rate, []

    async def third_time_never(self, *chunk, **options):
        asked.append(chunk)
        return 9.0 if len(asked) == 3 else await real(self, *chunk, **options)

    monkeypatch.setattr(deliver.Slice, "_wait_for_rate", third_time_never)
    thread = in_background(mailing.provider_id)
    time.sleep(0.6)
    mailings.cancel(mailing, None)
    finish.finish()
    thread.join()
    finish.finish()
    found = figures.of(mailing)
    assert (found.sent, found.cancelled, len(gateway.calls)) == (4, 8, 4)


def test_a_retry_after_the_rest_was_sent_keeps_the_mailing_open(gateway):
    gateway.seconds, gateway.error = 1.2, NotSent("No connection.", reason="not_reached")
    mailing = make_sending(make_people(10), provider=make_provider(rate=8))
    thread = in_background(mailing.provider_id)
    time.sleep(0.9)
    gateway_error, gateway.error = gateway.error, None
    deliver.run_slice(mailing.provider_id, urgent_only=False)
    finish.finish()
    gateway.error = gateway_error
    thread.join()
    gateway.error = None
    Chunk.objects.filter(state=ChunkState.READY).update(due_at=timezone.now())
    send_all(mailing)
    assert (mailing.status, figures.of(mailing).open) == (MailingStatus.FINISHED, 0)


def test_a_database_that_was_away_gets_the_outcomes_later(gateway, monkeypatch):
    from psycopg import OperationalError

    mailing = make_sending(make_people(40), provider=make_provider(rate=400))
    real, failures = outcomes.write_results, []

    async def away_twice(connection, *arguments):
        if len(failures) < 2:
            failures.append(1)
            await connection.close()
            raise OperationalError("the server is restarting")
        return await real(connection, *arguments)

    monkeypatch.setattr(storing, "write_results", away_twice)
    send_all(mailing, slices=3)
    assert (figures.of(mailing).sent, max(gateway.calls.values())) == (40, 1)


def test_a_slice_ends_when_nothing_can_be_written(gateway, monkeypatch):
    async def broken(*arguments):
        raise RuntimeError("a defect")

    monkeypatch.setattr(storing, "write_results", broken)
    mailing = make_sending(make_people(300), provider=make_provider(rate=1000))
    began = time.monotonic()
    deliver.run_slice(mailing.provider_id, urgent_only=False)
    assert time.monotonic() - began < 10
    assert Message.objects.filter(status=MessageStatus.OPEN).count() == 300  # until the lease is over


def test_a_lane_that_cannot_be_told_costs_no_outcome(gateway, monkeypatch):
    gateway.error = NotSent("Too many.", throttled=True, retry_after=1, reason="throttled")

    def away(*arguments):
        raise RuntimeError("no database for the thread")

    monkeypatch.setattr(providers, "slow_lane", away)
    mailing = make_sending(make_people(20), provider=make_provider(rate=400))
    deliver.run_slice(mailing.provider_id, urgent_only=False)
    assert figures.of(mailing).queued == 20
    assert not Chunk.objects.filter(state=ChunkState.CLAIMED).exists()


def test_a_slowed_lane_is_left_alone_until_its_time(gateway):
    mailing = make_sending(make_people(5))
    providers.slow_lane(mailing.provider_id, 60)
    before = Chunk.objects.get().claims
    assert deliver.run_slice(mailing.provider_id, urgent_only=False) is False
    assert (Chunk.objects.get().claims, gateway.calls) == (before, Counter())


def test_hostile_words_of_a_gateway_cost_no_outcome(gateway):
    gateway.error = Refused("no", reason="refused", detail="HTTP 400 \ud800\x00" + "x" * 500)
    mailing = make_sending(make_people(9))
    send_all(mailing, slices=1)
    assert figures.of(mailing).failed == 9


def test_a_stop_is_obeyed_within_seconds_when_the_gateway_is_slow(gateway, settings):
    settings.SEND_CONNECTIONS = 2
    gateway.seconds = 2.7  # the third stride of two calls would begin 5.4 s after it was judged
    mailing = make_sending(make_people(40), provider=make_provider(rate=400))
    thread = in_background(mailing.provider_id)
    time.sleep(0.3)
    with transaction.atomic():
        for message in Message.objects.all():
            Suppression.objects.create(number=message.number, reason="stop")
        moment = time.monotonic()
    thread.join()
    send_all(mailing, slices=3)
    assert not [start for start in gateway.started if start > moment + 5]
    assert figures.of(mailing).skipped > 20


def test_a_number_taken_off_the_contact_is_not_texted(gateway):
    ana, ben = make_contact("+33639980001"), make_contact("+33639980002")
    mailing = make_sending(make_group(ana, ben))
    numbers.replace(ana, [("+33639980003", PhoneNumber.Kind.MOBILE, True)])
    send_all(mailing, slices=1)
    assert dict(Message.objects.values_list("contact_id", "reason")) == {ana.id: "number_removed", ben.id: ""}
    assert list(gateway.calls) == ["+33639980002"]


@pytest.mark.parametrize(("status", "state"), [(MailingStatus.SENDING, ChunkState.HELD), (MailingStatus.CANCELLED, ChunkState.READY)])
def test_a_chunk_that_took_the_older_state_follows_its_mailing(gateway, status, state):
    mailing = make_sending(make_people(3))
    if status == MailingStatus.CANCELLED:
        mailings.cancel(mailing, None)
    Chunk.objects.update(state=state)
    finish.finish()
    send_all(mailing, slices=1)
    assert (mailing.status, figures.of(mailing).open) == (MailingStatus.FINISHED if status == MailingStatus.SENDING else status, 0)


def test_a_text_that_kills_its_workers_fails_and_lets_the_others_go(gateway):
    mailing = make_sending(make_people(4))
    for _lease in range(3):
        Chunk.objects.filter(state=ChunkState.READY).update(state=ChunkState.CLAIMED, claims=3, lease_until=timezone.now() - timedelta(seconds=1))
        sweep.sweep()
        if Chunk.objects.filter(state=ChunkState.READY).count() > 1:
            break
    poison = Message.objects.order_by("id").first()
    Chunk.objects.filter(id=poison.chunk_id).update(state=ChunkState.CLAIMED, claims=3, lease_until=timezone.now() - timedelta(seconds=1))
    sweep.sweep()
    send_all(mailing)
    poison.refresh_from_db()
    assert (MessageStatus(poison.status), poison.reason) == (MessageStatus.FAILED, "poison")
    assert Activity.objects.filter(source=poison.pk).count() == 1, "its contact's history says so"
    assert (figures.of(mailing).sent, mailing.status) == (3, MailingStatus.FINISHED)


def test_a_text_too_old_to_be_of_use_is_not_tried_for_ever(gateway):
    gateway.error = NotSent("Too many.", throttled=True, reason="throttled")
    message = make_message(make_provider())
    Message.objects.update(created_at=timezone.now() - timedelta(hours=25))
    deliver.run_slice(message.provider_id, urgent_only=False)
    message.refresh_from_db()
    assert (MessageStatus(message.status), message.reason) == (MessageStatus.FAILED, "throttled")


def test_one_long_wait_does_not_hold_up_its_neighbours(gateway, monkeypatch):
    mailing = make_sending(make_people(6))
    delays = iter([3600, None, None, None, None, None])

    async def send(session, provider, sms):
        raise NotSent("later", retry_after=next(delays), reason="not_reached")

    monkeypatch.setattr(sending, "send", send)
    deliver.run_slice(mailing.provider_id, urgent_only=False)
    soon = Chunk.objects.filter(state=ChunkState.READY, due_at__lt=timezone.now() + timedelta(minutes=1))
    assert sum(soon.values_list("size", flat=True)) == 5


def test_a_preparation_that_breaks_says_so(monkeypatch):
    mailing = mailings.prepare(make_mailing(make_people(1)), None)
    monkeypatch.setattr(prepare.Judge, "of", classmethod(lambda *args: 1 / 0))
    assert prepare.prepare(mailing.id) is False
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.ERROR
    assert "nothing was sent" in mailing.problem


def test_a_kind_that_nobody_knows_pauses_its_lane():
    provider = make_provider()
    Provider.objects.update(kind="carrier_pigeon")
    rounds.send_slice(provider.id, urgent_only=False)
    provider.refresh_from_db()
    assert provider.lane == Provider.Lane.PAUSED


def test_a_mailing_that_cannot_start_holds_up_no_other(monkeypatch):
    first, second = make_sending(make_people(1)), make_sending(make_people(2))
    Mailing.objects.update(status=MailingStatus.SCHEDULED, scheduled_at=timezone.now() - timedelta(seconds=1))
    real = mailings.start_due
    monkeypatch.setattr(mailings, "start_due", lambda mailing: 1 / 0 if mailing.id == first.id else real(mailing))
    rounds.look_around()
    second.refresh_from_db()
    assert second.status == MailingStatus.SENDING
