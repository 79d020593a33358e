"""Quiet hours in the pipeline: what keeps which hours, what waits, what is let go, and what follows when a rule changes."""

from datetime import datetime, timedelta

import pytest
from django.db import connection

from campaigns.models import Chunk, Message, OpenHours
from campaigns.pipeline import deliver
from campaigns.services import mailings, quiet_hours, rounds, standstill
from campaigns.statuses import ChunkState, MailingStatus, MessageStatus
from campaigns.tests.factories import fictional, make_hours, make_people, make_provider, make_ready, make_sending
from campaigns.tests.test_quiet import NEW_YORK, paris
from campaigns.tests.working import rows_equal_figures
from contacts.tests.factories import make_contact, make_group
from providers.errors import NotSent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("short_slices")]
EVENING, MORNING, NOON = paris(2026, 12, 1, 21), paris(2026, 12, 2, 8), paris(2026, 12, 2, 12)
BRITISH, WASHINGTON, LOS_ANGELES_NUMBER, TORONTO = "+447700900001", "+12025550101", "+12135550101", "+14165550101"


def work(mailing, slices=2):
    """What workers and the tick do."""
    rounds.look_around()
    for _slice in range(slices):
        deliver.run_slice(mailing.provider_id, urgent_only=False)
    rounds.look_around()
    mailing.refresh_from_db()


def everywhere():
    return make_group(*[make_contact(number) for number in (fictional(1), BRITISH, WASHINGTON, LOS_ANGELES_NUMBER, TORONTO)])


def hours_of(mailing):
    """{number: (country, zones)} of the hours that texts keep; None: none."""
    rows = Message.objects.filter(mailing=mailing).values_list("number", "chunk__hours__country", "chunk__hours__zones")
    return {number: country and (country, zones) for number, country, zones in rows}


# --- who keeps which hours ---


def test_texts_of_one_chunk_keep_the_same_hours():
    make_hours("FR")
    make_hours("US", sunday="8-21")
    found = hours_of(make_ready(everywhere()))
    assert found[fictional(1)] == ("FR", "Europe/Paris")
    assert (found[WASHINGTON], found[LOS_ANGELES_NUMBER]) == (("US", "America/New_York"), ("US", "America/Los_Angeles"))
    assert found[BRITISH] is found[TORONTO] is None  # no rule about them, though Canada's numbers begin like American ones


def test_without_rules_nothing_is_sorted():
    mailing = make_ready(everywhere())
    assert set(hours_of(mailing).values()) == {None} and mailing.chunks.count() == 1
    assert not OpenHours.objects.exists()


def test_a_mailing_to_one_country_has_no_more_chunks_than_before():
    make_hours("FR")
    assert make_ready(make_people(3)).chunks.count() == 1


# --- waiting and going on ---


def test_what_is_confirmed_in_the_evening_leaves_in_the_morning(clock, gateway):
    clock.set(EVENING)
    make_hours("FR")
    mailing = make_sending(make_group(*[make_contact(number) for number in (fictional(1), fictional(2), BRITISH)]))
    work(mailing)
    assert set(gateway.calls) == {BRITISH}
    assert mailing.status == MailingStatus.SENDING and standstill.since(mailing, clock.now()) is None
    (wait,) = quiet_hours.waiting(mailing.pk)
    assert (wait.country, wait.until, wait.texts) == ("FR", MORNING, 2)
    assert quiet_hours.next_openings([mailing.pk]) == {mailing.pk: MORNING}
    clock.set(MORNING - timedelta(seconds=5))
    work(mailing)
    assert set(gateway.calls) == {BRITISH}
    clock.set(MORNING)
    work(mailing)
    assert gateway.calls == {BRITISH: 1, fictional(1): 1, fictional(2): 1}
    assert mailing.status == MailingStatus.FINISHED and rows_equal_figures(mailing)


def test_waiting_texts_are_nobody_s_trouble(clock, gateway):
    clock.set(EVENING)
    make_hours("FR")
    mailing = make_sending(make_people(2))
    work(mailing)
    clock.forward(hours=3)
    work(mailing)
    assert standstill.since(mailing, clock.now()) is None
    assert not Chunk.objects.filter(state=ChunkState.READY, due_at__lte=clock.now()).exists()  # nobody rings for them all night


def test_no_call_starts_after_the_closing_and_what_did_not_start_comes_back(clock, gateway):
    clock.set(EVENING.replace(hour=12))
    make_hours("FR")
    gateway.seconds = 0.6
    mailing = make_ready(make_people(60), provider=make_provider(rate=1000))
    clock.set(EVENING.replace(hour=19, minute=59, second=58))
    mailings.confirm(mailing, None)
    work(mailing, slices=4)
    assert 0 < len(gateway.calls) < 60
    open_ = Message.objects.filter(mailing=mailing, status=MessageStatus.OPEN)
    assert open_.count() == 60 - len(gateway.calls)
    assert {wait.until for wait in quiet_hours.waiting(mailing.pk)} == {MORNING}
    clock.set(MORNING)
    gateway.seconds = 0.0
    work(mailing, slices=6)
    assert set(gateway.calls.values()) == {1} and len(gateway.calls) == 60
    assert mailing.status == MailingStatus.FINISHED


def test_each_coast_at_its_own_hour(clock, gateway):
    clock.set(datetime(2026, 12, 2, 21, 30, tzinfo=NEW_YORK))
    make_hours("US", sunday="8-21", **dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "8-21"))
    mailing = make_sending(make_group(*[make_contact(number) for number in (WASHINGTON, LOS_ANGELES_NUMBER)]))
    work(mailing)
    assert set(gateway.calls) == {LOS_ANGELES_NUMBER}
    clock.set(datetime(2026, 12, 3, 8, 0, 1, tzinfo=NEW_YORK))
    work(mailing)
    assert set(gateway.calls) == {LOS_ANGELES_NUMBER, WASHINGTON}


def test_a_pause_and_a_cancellation_reach_what_waits(clock, gateway):
    clock.set(EVENING)
    make_hours("FR")
    mailing = make_sending(make_people(3))
    work(mailing)
    mailings.pause(mailing, None)
    clock.set(NOON)
    work(mailing)
    assert not gateway.calls
    mailings.resume(mailing, None)
    work(mailing)
    assert len(gateway.calls) == 3
    clock.set(EVENING + timedelta(days=1))
    other = make_sending(make_people(2), provider=mailing.provider)
    work(other)
    mailings.cancel(other, None)
    clock.set(NOON + timedelta(days=1))
    work(other)
    assert len(gateway.calls) == 3 and other.status == MailingStatus.CANCELLED


def test_nothing_leaves_while_nobody_tells_the_next_hours(clock, gateway):
    """A beat that stands still closes; it never opens."""
    clock.set(NOON)
    make_hours("FR")
    mailing = make_sending(make_people(2))
    clock.set(EVENING + timedelta(days=1))
    deliver.run_slice(mailing.provider_id, urgent_only=False)
    assert not gateway.calls


def test_a_retry_waits_for_the_morning_too_and_is_not_too_old_then(clock, gateway):
    clock.set(paris(2026, 12, 5, 19, 59, 50))  # a Saturday
    make_hours("FR")
    mailing = make_sending(make_people(1))
    gateway.errors[fictional(0)] = NotSent("not_reached")
    work(mailing)
    clock.set(paris(2026, 12, 5, 20, 1))
    work(mailing)
    assert gateway.calls == {fictional(0): 1}
    clock.set(paris(2026, 12, 7, 8))
    gateway.errors[fictional(0)] = NotSent("not_reached")  # older than a day by now, and tried again all the same
    work(mailing)
    clock.forward(minutes=1)
    work(mailing)
    assert gateway.calls == {fictional(0): 3} and mailing.status == MailingStatus.FINISHED


# --- what it costs ---


def test_the_tick_asks_little_when_nothing_is_over(django_assert_num_queries):
    make_hours("FR")
    with django_assert_num_queries(3):
        quiet_hours.advance()


def test_the_claim_of_a_mailing_without_hours_reads_no_more_chunks():
    """The plan of the claim is the one it had: by its index, one row at a time."""
    from campaigns.pipeline.dispatch import CLAIM

    provider = make_provider()
    facts = {"provider": provider.pk, "lowest": 1, "owner": "00000000-0000-0000-0000-000000000000", "lease": 30, "resting": []}
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute(f"EXPLAIN {CLAIM}", facts)
        words = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("RESET enable_seqscan")
    assert "chunk_ready" in words
