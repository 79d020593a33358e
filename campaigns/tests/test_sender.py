"""The sender process: the same pipeline over sessions that it holds, one owner for each."""

import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from campaigns.models import Chunk, InboundMessage, Mailing, Message
from campaigns.pipeline import deliver
from campaigns.services import rounds
from campaigns.statuses import ChunkState, MailingStatus, MessageStatus
from campaigns.tests.factories import fictional, make_mailing
from campaigns.tests.senders import launch, make_operator, queue, sending, status, wait
from campaigns.tests.working import rows_equal_figures
from contacts.tests.factories import make_contact, make_crowd, make_group
from providers.backends.base import Webhook
from providers.models import Bind, InboundPart, SentPart, WebhookEvent
from providers.services import heard, inbox
from providers.simulator import smpp as simulated
from providers.simulator.smpp import SmscSettings
from providers.smpp import pdus

pytestmark = pytest.mark.django_db(transaction=True)


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
    group = make_group(*make_crowd(map(fictional, range(1000, 1300))))
    smsc.use(endings=False)
    mailing = make_mailing(group, provider=make_operator(smsc, options={"binds": "2", "window": "20"}))
    with sending():
        launch(mailing)
        wait(lambda: Mailing.objects.get(pk=mailing.pk).status == MailingStatus.FINISHED)
    assert rows_equal_figures(mailing)
    assert {row.status for row in Message.objects.filter(mailing=mailing)} == {MessageStatus.SENT}
    assert smsc.gateway.accepted == 300


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


def test_urgent_texts_do_not_wait_for_a_mailing(smsc):
    group = make_group(*make_crowd(map(fictional, range(1000, 1400))))
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
    group = make_group(*make_crowd(map(fictional, range(1000, 1300))))
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
