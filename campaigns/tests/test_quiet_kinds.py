"""Which texts keep quiet hours: those of mailings and automatic ones, not what a person writes to one, nor confirmations of STOP."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.models import Chunk, Message
from campaigns.pipeline import deliver
from campaigns.pipeline.message_rows import place
from campaigns.services import quiet_hours, rounds
from campaigns.statuses import ChunkState
from campaigns.tests.factories import fictional, make_hours, make_message, make_provider
from campaigns.tests.receiving import make_rule, receive
from campaigns.tests.test_quiet import LOS_ANGELES, NEW_YORK
from campaigns.tests.test_quiet_hours import BRITISH, EVENING, MORNING, NOON

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("short_slices")]


def test_one_off_texts_and_tests_leave_at_any_hour_and_automatic_ones_say_when(clock, gateway):
    clock.set(EVENING)
    make_hours("FR")
    provider = make_provider()
    make_message(provider, fictional(1))
    make_message(provider, fictional(2), kind=Message.Kind.TEST)
    deliver.run_slice(provider.pk, urgent_only=True)
    assert len(gateway.calls) == 2
    kinds = Message.Kind
    assert quiet_hours.opens_at(fictional(1), kinds.AUTOMATIC, EVENING) == MORNING
    assert quiet_hours.opens_at(fictional(1), kinds.AUTOMATIC, NOON) == NOON
    assert quiet_hours.opens_at(BRITISH, kinds.AUTOMATIC, EVENING) == EVENING
    assert {quiet_hours.opens_at(fictional(1), kind, EVENING) for kind in (kinds.ONE_OFF, kinds.TEST)} == {EVENING}


def test_automatic_texts_that_keep_hours_are_held_back_like_those_of_mailings(clock, gateway):
    clock.set(EVENING)
    make_hours("FR")
    text = Message(provider=make_provider(), number=fictional(1), sender="36111", text="Hello", kind=Message.Kind.AUTOMATIC)
    place([text], priority=Chunk.Priority.URGENT, state=ChunkState.READY, keep_hours=True)
    text.save()
    for moment, calls in ((EVENING + timedelta(seconds=5), 0), (MORNING, 1)):
        clock.set(moment)
        rounds.look_around()
        deliver.run_slice(text.provider_id, urgent_only=True)
        assert sum(gateway.calls.values()) == calls


def test_an_answer_to_a_word_waits_for_the_morning_and_the_confirmation_of_stop_does_not(clock, gateway):
    clock.set(EVENING)
    make_hours("FR")
    provider, jazz, stops = make_provider(), fictional(1), fictional(2)
    make_rule("JAZZ", reply="Friday at eight")
    receive(provider, "JAZZ", jazz)
    receive(provider, "STOP", stops)
    for moment, answered in ((EVENING + timedelta(seconds=5), {stops: 1}), (MORNING, {stops: 1, jazz: 1})):
        clock.set(moment)
        rounds.look_around()
        deliver.run_slice(provider.pk, urgent_only=True)
        assert gateway.calls == answered


def test_a_number_that_may_be_anywhere_waits_for_everywhere():
    make_hours("US")
    zones = quiet_hours.zones_of("US", "+18005550199")
    assert "America/New_York" in zones and "Pacific/Honolulu" in zones
    moment = datetime(2026, 12, 2, 9, tzinfo=NEW_YORK)
    opens = quiet_hours.opens_at("+18005550199", Message.Kind.AUTOMATIC, moment)
    assert opens >= datetime(2026, 12, 2, 8, tzinfo=LOS_ANGELES)
    assert all(8 <= opens.astimezone(ZoneInfo(name)).hour < 20 for name in zones)
