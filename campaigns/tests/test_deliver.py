"""Delivery against the simulated gateway over a socket: every outcome of a call, rules at the last moment, lanes."""

import json
import time
from collections import Counter

import pytest
from django.utils import timezone

from campaigns.models import Chunk, Message
from campaigns.pipeline import deliver, dispatch, finish
from campaigns.services import figures, mailings, quick_send
from campaigns.statuses import ChunkState, MailingStatus, MessageStatus
from campaigns.tests.factories import make_message, make_people, make_provider, make_sending
from campaigns.texts import Texts
from contacts.models import Activity, Contact, Suppression
from contacts.tests.factories import make_contact, make_group
from providers.models import Provider
from smsapp.testing import processes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    log = tmp_path_factory.mktemp("gateway") / "requests.log"
    with processes.simulator("--hold-reports", "--log", str(log)) as url:
        yield url, log


@pytest.fixture(autouse=True)
def world(gateway, settings, short_slices):
    """Calls reach the simulator of this module and end soon."""
    settings.SIMULATOR_URL = gateway[0]
    settings.CALL_DEADLINE_SECONDS = 1.5


def send_all(provider, slices=8, urgent_only=False):
    for _slice in range(slices):
        if not deliver.run_slice(provider.id, urgent_only=urgent_only):
            return


def outcome(ending, **changes):
    provider = make_provider()
    message = make_message(provider, f"+3363998{ending}", **changes)
    deliver.run_slice(provider.id, urgent_only=False)
    return Message.objects.get(id=message.id), provider


@pytest.mark.parametrize(
    ("ending", "status", "reason"),
    [
        ("0001", MessageStatus.SENT, ""),
        ("0150", MessageStatus.FAILED, "invalid_number"),
        ("0151", MessageStatus.FAILED, "opted_out"),
        ("0155", MessageStatus.UNKNOWN, None),
        ("0156", MessageStatus.UNKNOWN, "no_answer"),
        ("0159", MessageStatus.UNKNOWN, None),
        ("0172", MessageStatus.UNKNOWN, None),
    ],
)
def test_what_a_call_becomes(ending, status, reason):
    message, _provider = outcome(ending)
    assert MessageStatus(message.status) is status
    assert reason is None or message.reason == reason
    assert message.attempts == 1
    assert bool(message.gateway_id) == (status is MessageStatus.SENT)
    assert Chunk.objects.get().state == ChunkState.DONE


def test_a_throttled_text_waits_and_costs_no_attempt():
    message, provider = outcome("0154")
    assert (message.status, message.attempts) == (MessageStatus.OPEN, 0)
    chunk = Chunk.objects.get(id=message.chunk_id)
    assert chunk.state == ChunkState.READY
    assert chunk.due_at > timezone.now()
    assert Provider.objects.get(id=provider.id).lane == Provider.Lane.SLOWED


def test_wrong_credentials_pause_the_lane_and_lose_nothing():
    message, provider = outcome("0170")
    assert (message.status, message.attempts) == (MessageStatus.OPEN, 0)
    provider.refresh_from_db()
    assert provider.lane == Provider.Lane.PAUSED
    assert provider.lane_reason
    assert deliver.run_slice(provider.id, urgent_only=False) is False
    assert Message.objects.get().status == MessageStatus.OPEN


def test_a_gateway_that_is_down_is_tried_again_later(settings):
    settings.SIMULATOR_URL = f"http://127.0.0.1:{processes.free_port()}"
    message, _provider = outcome("0001")
    assert (message.status, message.attempts) == (MessageStatus.OPEN, 1)
    assert Chunk.objects.get(id=message.chunk_id).due_at > timezone.now()


def test_a_text_that_never_gets_through_fails_with_its_reason(settings):
    settings.SIMULATOR_URL = f"http://127.0.0.1:{processes.free_port()}"
    message, _provider = outcome("0001", attempts=5)
    assert (MessageStatus(message.status), message.reason, message.attempts) == (MessageStatus.FAILED, "not_reached", 6)


def test_every_number_gets_one_text_and_every_text_one_activity(gateway):
    mailing = make_sending(make_people(40))
    send_all(mailing.provider)
    finish.finish()
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.FINISHED
    assert figures.of(mailing).sent == 40
    assert Activity.objects.filter(kind=Activity.Kind.SMS_SENT, subject=mailing.name).values("contact").distinct().count() == 40
    time.sleep(0.2)
    sids = set(Message.objects.values_list("gateway_id", flat=True))
    lines = [json.loads(line) for line in gateway[1].read_text().splitlines()]
    assert max(Counter(line["number"] for line in lines if line["sid"] in sids).values()) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"opted_out": True}, "opted_out"), ({"do_not_sms": True}, "do_not_sms"), ({"deceased": True}, "deceased"), ({"deleted_at": timezone.now()}, "deleted")],
)
def test_what_changed_after_confirmation_is_caught_at_the_claim(change, reason):
    ana, ben = make_contact("+33639980001"), make_contact("+33639980002")
    mailing = make_sending(make_group(ana, ben))
    Contact.objects.filter(id=ana.id).update(**change)
    send_all(mailing.provider)
    assert {m.contact_id: (MessageStatus(m.status), m.reason) for m in Message.objects.all()} == {
        ana.id: (MessageStatus.SKIPPED, reason),
        ben.id: (MessageStatus.SENT, ""),
    }
    assert not Activity.objects.filter(contact=ana).exists()


def test_a_number_suppressed_while_queued_is_not_texted():
    mailing = make_sending(make_people(1))
    Suppression.objects.create(number="+33639980000", reason="stop")
    send_all(mailing.provider)
    assert (Message.objects.get().status, Message.objects.get().reason) == (MessageStatus.SKIPPED, "suppressed")


def test_an_erased_contact_is_not_texted():
    contact = make_contact("+33639980001")
    mailing = make_sending(make_group(contact))
    contact.delete()
    send_all(mailing.provider)
    assert Message.objects.get().reason == "deleted"


def test_a_paused_mailing_sends_nothing_and_then_goes_on():
    mailing = make_sending(make_people(5))
    mailings.pause(mailing, None)
    send_all(mailing.provider)
    assert figures.of(mailing).queued == 5
    mailings.resume(mailing, None)
    send_all(mailing.provider)
    assert figures.of(mailing).sent == 5


def test_a_provider_switched_off_keeps_its_texts():
    mailing = make_sending(make_people(3))
    Provider.objects.filter(id=mailing.provider_id).update(active=False)
    send_all(mailing.provider)
    assert figures.of(mailing).queued == 3


def test_pausing_between_strides_stops_the_rest(monkeypatch):
    mailing = make_sending(make_people(12), provider=make_provider(rate=8))  # strides of 2, one chunk of 12
    real = dispatch.start

    async def paused_after_two(connection, claim, upto, provider):
        if upto > 4:
            await deliver._in_django(mailings.pause, mailing, None)
        return await real(connection, claim, upto, provider)

    monkeypatch.setattr(dispatch, "start", paused_after_two)
    deliver.run_slice(mailing.provider_id, urgent_only=False)
    found = figures.of(mailing)
    assert (found.sent, found.open) == (4, 8)
    assert Chunk.objects.get().state == ChunkState.HELD


def test_a_lost_lease_starts_no_further_call(monkeypatch):
    mailing = make_sending(make_people(6), provider=make_provider(rate=8))
    real = dispatch.start

    async def frozen(connection, claim, upto, provider):
        texts = await real(connection, claim, upto, provider)
        claim.lease_end = time.monotonic()  # as after a long sleep: over on our own clock
        return texts

    monkeypatch.setattr(dispatch, "start", frozen)
    deliver.run_slice(mailing.provider_id, urgent_only=False)
    assert set(Message.objects.values_list("status", flat=True)) == {MessageStatus.OPEN}


def test_urgent_goes_before_bulk():
    provider = make_provider(rate=4)
    mailing = make_sending(make_people(40), provider=provider)
    contact = make_contact("+33639980900")
    quick_send.queue(author=None, provider=provider, sender="36111", subject="Hi", texts=Texts("Hello"), recipients=[(contact.id, "+33639980900")], key="k")
    deliver.run_slice(provider.id, urgent_only=False)
    urgent = Message.objects.get(contact=contact)
    assert urgent.status == MessageStatus.SENT
    assert figures.of(mailing).queued > 20


def test_the_rate_of_a_provider_is_kept():
    provider = make_provider(rate=10)
    mailing = make_sending(make_people(60), provider=provider)
    began = time.monotonic()
    deliver.run_slice(provider.id, urgent_only=False)
    most = 10 * (time.monotonic() - began) + 10  # a burst of one second, then the rate
    assert 5 <= figures.of(mailing).sent <= most


def test_a_double_click_queues_one_text():
    provider, contact = make_provider(), make_contact("+33639980001")
    facts = {"author": None, "provider": provider, "sender": "36111", "subject": "Hi", "texts": Texts("Hello {contact.first_name}"), "key": "same"}
    first = quick_send.queue(recipients=[(contact.id, "+33639980001")], **facts)
    second = quick_send.queue(recipients=[(contact.id, "+33639980001")], **facts)
    assert [m.id for m in first] == [m.id for m in second]
    assert (Message.objects.count(), Activity.objects.count()) == (1, 1)
    send_all(provider)
    assert Message.objects.get().status == MessageStatus.SENT
    assert Activity.objects.count() == 1
