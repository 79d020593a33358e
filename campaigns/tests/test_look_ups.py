"""Look-ups of unknown texts: asked of the simulated gateway over a socket, settled like a report, and never wrongly."""

import asyncio
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.utils import timezone

from campaigns.models import Message, UnknownText
from campaigns.pipeline import deliver
from campaigns.pipeline.record import RECORD
from campaigns.services import look_ups, rounds
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import make_message, make_provider
from contacts.tests.factories import make_contact
from providers import registry
from providers.services import providers, sending
from providers.types import OutboundSms
from smsapp.testing import processes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
S = MessageStatus


@pytest.fixture(scope="module")
def gateway():
    with processes.simulator("--hold-reports") as url:
        yield url


@pytest.fixture(autouse=True)
def world(gateway, settings, short_slices):
    settings.SIMULATOR_URL = gateway
    settings.CALL_DEADLINE_SECONDS = 1.5


def lost_text(ending="0169", **changes):
    """A text of which we do not know; 0169: the gateway took it on, 0156: it did not."""
    provider = changes.pop("provider", None) or make_provider()
    number = f"+3363998{ending}"
    contact = make_contact(number)
    message = make_message(provider, number, contact=contact, text=f"Hello {provider.pk}", **changes)
    deliver.run_slice(provider.pk, urgent_only=False)
    assert Message.objects.get(id=message.pk).status == S.UNKNOWN
    UnknownText.objects.update(look_at=timezone.now())
    return message


def status(message):
    message.refresh_from_db()
    return S(message.status)


def test_what_the_gateway_took_on_is_sent():
    message = lost_text()
    assert look_ups.run() == 1
    assert status(message) is S.SENT
    assert message.gateway_id.startswith("SM")
    assert not UnknownText.objects.exists()


def test_no_match_leaves_it_unknown_and_is_tried_again_later():
    message = lost_text("0156")
    assert look_ups.run() == 0
    assert status(message) is S.UNKNOWN
    row = UnknownText.objects.get()
    assert row.looks == 1
    assert row.look_at > timezone.now() + timedelta(seconds=30)


def test_after_some_questions_nobody_asks_any_more():
    lost_text("0156")
    UnknownText.objects.update(looks=4, look_at=timezone.now())
    look_ups.run()
    assert UnknownText.objects.get().look_at is None


def test_another_text_of_ours_is_not_taken_for_it():
    """The same words to the same person, which arrived under an id that we know."""
    message = lost_text()  # the gateway has one such text …
    (found,) = asyncio.run(listed_for(message))
    make_message(message.provider, message.number, contact=message.contact, text=message.text, gateway_id=found.gateway_id)
    with connection.cursor() as cursor:
        cursor.execute(RECORD, [list(Message.objects.values_list("id", flat=True))])
    assert look_ups.run() == 0  # … and it is the other one
    assert status(message) is S.UNKNOWN


async def listed_for(message):
    async with sending.open_session(1) as session:
        row = await UnknownText.objects.aget(message=message.pk)
        provider = await sync_to_async(providers.snapshot)(message.provider_id)
        return await sending.look_up(session, provider, OutboundSms(message.number, message.text, message.sender, "x"), row.since)


def test_two_that_may_be_it_settle_nothing():
    provider = make_provider()
    first = lost_text(provider=provider)
    second = make_message(provider, first.number, contact=first.contact, text=first.text)
    deliver.run_slice(provider.pk, urgent_only=False)
    UnknownText.objects.update(look_at=timezone.now())
    assert look_ups.run() == 0
    assert (status(first), status(second)) == (S.UNKNOWN, S.UNKNOWN)


def test_a_gateway_that_is_not_there_changes_nothing(settings):
    message = lost_text()
    settings.SIMULATOR_URL = f"http://127.0.0.1:{processes.free_port()}"
    assert look_ups.run() == 0
    assert status(message) is S.UNKNOWN


def test_the_tick_rings_for_what_is_due_and_a_person_can_ask_at_once(monkeypatch):
    rung = []
    monkeypatch.setattr(look_ups, "ring", lambda task, **options: rung.append(task.name))
    message = lost_text("0156")
    UnknownText.objects.update(look_at=timezone.now() + timedelta(hours=1))
    rounds.look_around()
    assert not rung
    assert look_ups.ask_for([message.pk]) == 1
    rounds.look_around()
    assert rung == ["campaigns.tasks.look_up_unknown"] * 2


def test_a_gateway_that_cannot_be_asked_is_not_asked(monkeypatch):
    message = lost_text("0156")
    monkeypatch.setattr(type(registry.get("simulator")), "can_look_up", False)
    assert look_ups.ask_for([message.pk]) == 0
    assert not look_ups.possible() or message.provider_id not in look_ups._able()
