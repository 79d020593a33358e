"""The sender process: the same pipeline over sessions that it holds, one owner for each."""

import asyncio
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.utils import timezone

from campaigns.models import Chunk, InboundMessage, Mailing, Message
from campaigns.pipeline import deliver
from campaigns.pipeline.prepare import prepare
from campaigns.services import mailings, rounds, sender
from campaigns.services.quick_send import store
from campaigns.statuses import ChunkState, MailingStatus, MessageStatus
from campaigns.tests.factories import fictional, make_mailing, make_provider
from campaigns.tests.working import rows_equal_figures
from contacts.tests.factories import make_contact, make_group
from providers import session_figures
from providers.backends.base import Webhook
from providers.models import Bind, InboundPart, Provider, SentPart, WebhookEvent
from providers.segments import measure
from providers.services import binds, heard, inbox, providers
from providers.simulator import smpp as simulated
from providers.simulator.server import Options, in_thread
from providers.simulator.smpp import SmscSettings
from providers.smpp import pdus
from smsapp.watch import sending as watch_sending

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def smsc(tmp_path):
    options = Options(port=0, smpp_port=0, log=tmp_path / "simulator.log")
    options.script.delays = {"queued": 0.01, "sent": 0.02, "delivered": 0.03}
    with in_thread(options) as running:
        yield running


def make_operator(smsc, **changes):
    options = {"host": "127.0.0.1", "port": str(smsc.smpp_port), "system_id": "demo", "window": "10"} | changes.pop("options", {})
    return make_provider(kind="smpp", options=options, secrets={"password": "hush"}, **{"rate": 500, "max_segments": 5} | changes)


@contextmanager
def sending():
    """A sender in a thread."""
    made, ready = [], threading.Event()

    async def run():
        one = sender.Sender()
        one.loop = asyncio.get_running_loop()
        made.append((one, asyncio.get_running_loop()))
        ready.set()
        await one.run()

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    ready.wait(5)
    one, loop = made[0]
    try:
        yield one
    finally:
        with suppress(RuntimeError):  # it has stopped already
            loop.call_soon_threadsafe(one.stopping.set)
        thread.join(15)
        assert not thread.is_alive()


def wait(true, seconds=10.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def queue(provider, number, text="Hello"):
    """A one-off text, queued; its id."""
    key = str(uuid4())
    row = Message(kind=Message.Kind.ONE_OFF, number=number, sender="36111", text=text, provider=provider, idempotency_key=f"{key}:{number}")
    row.segments = measure(text).segments
    return store([row], key)[0].pk


def status(pk):
    return MessageStatus(Message.objects.get(pk=pk).status)


def bound(amount=1):
    return lambda: Bind.objects.exclude(bound_since=None).count() == amount


def test_a_text_goes_out_and_its_receipt_comes_home(smsc):
    provider = make_operator(smsc)
    with sending():
        pk = queue(provider, fictional(101))
        wait(lambda: status(pk) is MessageStatus.SENT)
        wait(WebhookEvent.objects.exists)
    inbox.process()
    assert status(pk) is MessageStatus.DELIVERED
    assert Message.objects.get(pk=pk).gateway_id.startswith("SM")


def test_what_several_parts_make_of_a_report(smsc):
    provider = make_operator(smsc, options={"ids": "decimal"})
    smsc.smsc.settings = SmscSettings(numeric=True)
    with sending():
        pk = queue(provider, fictional(101), "a" * 400)
        wait(lambda: WebhookEvent.objects.count() == 3)
        wait(lambda: status(pk) is MessageStatus.SENT)
    assert SentPart.objects.count() == 3
    held = list(WebhookEvent.objects.order_by("id").values_list("id", flat=True))
    WebhookEvent.objects.filter(pk=held[2]).update(state="applied")  # the last one is still to come
    inbox.process()
    assert status(pk) is MessageStatus.SENT
    WebhookEvent.objects.filter(pk=held[2]).update(state="new")
    inbox.process()
    assert status(pk) is MessageStatus.DELIVERED


def test_a_mailing_goes_out_whole(smsc):
    group = make_group(*[make_contact(fictional(1000 + index)) for index in range(300)])
    smsc.use(endings=False)
    mailing = make_mailing(group, provider=make_operator(smsc, options={"binds": "2", "window": "20"}))
    with sending():
        launch(mailing)
        wait(lambda: Mailing.objects.get(pk=mailing.pk).status == MailingStatus.FINISHED)
    assert rows_equal_figures(mailing)
    assert {row.status for row in Message.objects.filter(mailing=mailing)} == {MessageStatus.SENT}
    assert smsc.gateway.accepted == 300


def launch(mailing):
    mailings.prepare(mailing, None)
    prepare(mailing.pk)
    mailings.confirm(Mailing.objects.get(pk=mailing.pk), None)


def test_workers_leave_its_texts_alone(smsc):
    provider = make_operator(smsc)
    pk = queue(provider, fictional(101))
    assert deliver.run_slice(provider.pk, urgent_only=True) is False
    assert status(pk) is MessageStatus.OPEN
    assert not smsc.gateway.requests


def test_nobody_rings_workers_for_it(smsc, monkeypatch):
    rung = []
    monkeypatch.setattr("campaigns.services.bells.ring_urgent", rung.append)
    queue(make_operator(smsc), fictional(101))
    rung.clear()
    rounds.look_around()
    assert not rung


def test_a_reply_comes_home(smsc):
    provider, ana = make_operator(smsc), make_contact(fictional(168))
    with sending():
        queue(provider, fictional(168))
        wait(InboundMessage.objects.exists)
    assert [(row.text, row.contact) for row in InboundMessage.objects.all()] == [("Thanks, see you there", ana)]


def test_parts_of_a_reply_are_put_together_across_binds(smsc):
    make_operator(smsc, options={"binds": "2"})
    source, recipient = pdus.Address(1, 1, "33639980102"), pdus.Address(3, 0, "36111")
    with sending():
        wait(bound(2))
        for number, words in ((2, b"jour"), (1, b"Bon")):
            body = simulated._deliver(source, recipient, b"\x05\x00\x03\x2a\x02" + bytes((number,)) + words, 0, esm_class=0x40)
            smsc.loop.call_soon_threadsafe(smsc.smsc.deliver, "demo", body)
            wait(lambda number=number: InboundPart.objects.exists() or number == 1)
        wait(InboundMessage.objects.exists)
    assert InboundMessage.objects.get().text == "Bonjour"
    assert not InboundPart.objects.exists()


def test_a_text_whose_other_parts_never_come_is_kept_as_it_is(smsc):
    provider = make_operator(smsc)
    body = simulated._deliver(pdus.Address(1, 1, "33639980102"), pdus.Address(3, 0, "36111"), b"\x05\x00\x03\x2a\x02\x01STOP", 0, esm_class=0x40)
    assert heard.store(provider.pk, [Webhook("inbound", "", "bind=x-1", body, "")]) == [True]
    assert heard.join_late_parts(provider.pk) == 0
    InboundPart.objects.update(received_at=timezone.now() - timedelta(hours=2))
    assert heard.join_late_parts(provider.pk) == 1
    assert InboundMessage.objects.get().text == "STOP"


def test_what_cannot_be_stored_comes_again(smsc, monkeypatch):
    provider, real, refused = make_operator(smsc), heard.store, []

    def flaky(provider_id, told):
        if len(refused) < 2:
            refused.append(told)
            raise OperationalError("the database is away")
        return real(provider_id, told)

    monkeypatch.setattr(heard, "store", flaky)
    with sending():
        pk = queue(provider, fictional(101))
        wait(WebhookEvent.objects.exists)
    inbox.process()
    assert len(refused) == 2
    assert status(pk) is MessageStatus.DELIVERED


def test_a_wrong_password_pauses_the_lane_until_somebody_mends_it(smsc):
    smsc.gateway.settings.login = "demo:right"
    provider = make_operator(smsc)
    with sending():
        pk = queue(provider, fictional(101))
        wait(lambda: Provider.objects.get().lane == "paused")
        assert "ESME_RINVPASWD" in Provider.objects.get().lane_reason
        provider.secrets = {"password": "right"}
        provider.save(update_fields=["secrets"])
        providers.resume_lane(provider.pk)
        wait(lambda: status(pk) is MessageStatus.SENT)


def test_one_owner_for_each_bind_and_another_takes_over(smsc):
    provider = make_operator(smsc, options={"binds": "2"})
    with sending() as first:
        wait(bound(2))
        with sending() as second:
            time.sleep(2.5)  # it has looked twice
            assert set(Bind.objects.values_list("owner", flat=True)) == {first.tenant.owner}
            assert len(smsc.smsc.all) == 2
            first_loop_stop(first)
            wait(lambda: set(Bind.objects.values_list("owner", flat=True)) == {second.tenant.owner})
            wait(bound(2))
            pk = queue(provider, fictional(101))
            wait(lambda: status(pk) is MessageStatus.SENT)
            assert len(smsc.smsc.all) == 2


def first_loop_stop(one):
    one.loop.call_soon_threadsafe(one.stopping.set)


def test_a_lease_ends_by_the_databases_clock(smsc):
    provider = make_operator(smsc)
    one, other = binds.Tenant(uuid4(), "one"), binds.Tenant(uuid4(), "other")
    assert binds.take(provider.pk, 2, one, 60) == {1, 2}
    assert binds.take(provider.pk, 2, other, 60) == set()
    assert binds.take(provider.pk, 2, one, 60) == {1, 2}
    Bind.objects.filter(number=2).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert binds.take(provider.pk, 2, other, 60) == {2}
    binds.give_back(provider.pk, one)
    assert binds.take(provider.pk, 2, other, 60) == {1, 2}


def test_other_settings_are_followed(smsc):
    provider = make_operator(smsc)
    with sending():
        wait(bound())
        provider.options["system_id"] = "other"
        provider.save(update_fields=["options"])
        wait(lambda: smsc.smsc.peers.get("other"))
        pk = queue(provider, fictional(101))
        wait(lambda: status(pk) is MessageStatus.SENT)


def test_a_provider_that_is_switched_off_is_left(smsc):
    provider = make_operator(smsc)
    with sending():
        wait(bound())
        Provider.objects.filter(pk=provider.pk).update(active=False)
        wait(lambda: not smsc.smsc.all)
        pk = queue(provider, fictional(101))
        time.sleep(0.5)
        assert status(pk) is MessageStatus.OPEN
        Provider.objects.filter(pk=provider.pk).update(active=True)
        wait(lambda: status(pk) is MessageStatus.SENT)


def test_texts_wait_while_no_session_stands_and_cost_no_attempt(smsc):
    smsc.gateway.settings.login = "nobody:at-all"
    provider = make_operator(smsc)
    with sending():
        pk = queue(provider, fictional(101))
        wait(lambda: Provider.objects.get().lane == "paused")
    row = Message.objects.get(pk=pk)
    assert (row.status, row.attempts) == (MessageStatus.OPEN, 0)


def test_urgent_texts_do_not_wait_for_a_mailing(smsc):
    group = make_group(*[make_contact(fictional(1000 + index)) for index in range(400)])
    smsc.use(endings=False)
    smsc.gateway.settings.latency = 0.05
    provider = make_operator(smsc, options={"window": "5"})  # 100 texts a second
    mailing = make_mailing(group, provider=provider)
    with sending():
        launch(mailing)
        wait(lambda: smsc.gateway.accepted > 20)
        began = time.monotonic()
        pk = queue(provider, fictional(999))
        wait(lambda: status(pk) is MessageStatus.SENT)
        assert time.monotonic() - began < 2
        assert Message.objects.filter(mailing=mailing, status=MessageStatus.OPEN).exists()


def test_a_stop_in_good_order_leaves_nothing_unknown(smsc):
    group = make_group(*[make_contact(fictional(1000 + index)) for index in range(300)])
    smsc.use(endings=False)
    smsc.gateway.settings.latency = 0.1
    mailing = make_mailing(group, provider=make_operator(smsc))
    with sending():
        launch(mailing)
        wait(lambda: smsc.gateway.accepted > 20)
    statuses = Counter(Message.objects.filter(mailing=mailing).values_list("status", flat=True))
    assert set(statuses) == {MessageStatus.OPEN, MessageStatus.SENT}
    assert statuses[MessageStatus.SENT] == smsc.gateway.accepted
    assert not Chunk.objects.filter(state=ChunkState.CLAIMED).exists()
    assert not Bind.objects.exclude(owner=None).exists()
    assert not smsc.smsc.all


def test_the_health_page_and_the_doctor_say_how_sessions_stand(smsc):
    provider = make_operator(smsc)
    assert [finding.code for finding in watch_sending._sessions()] == ["no_sender"]
    assert session_figures.figures([provider.pk])[provider.pk][0]["note"] == "no sender runs"
    with sending():
        wait(bound())
        assert watch_sending._sessions() == []
        assert session_figures.figures([provider.pk])[provider.pk] == [{"label": "Sessions", "value": 1, "note": "of 1"}]
    provider.secrets = {"password": "wrong"}
    provider.save(update_fields=["secrets"])
    binds.take(provider.pk, 1, tenant := binds.Tenant(uuid4(), "test"), 60)
    binds.tell(provider.pk, tenant, {1: (0.0, "The gateway takes no further session. ESME_RALYBND (0x05)")})
    (finding,) = watch_sending._sessions()
    assert (finding.code, "ESME_RALYBND" in str(finding.what)) == ("no_session", True)
