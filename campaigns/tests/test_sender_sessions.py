"""Who holds which session, what becomes of it when settings change, and what is told of it."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from campaigns.models import InboundMessage, Message
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import fictional
from campaigns.tests.senders import bound, make_operator, queue, sending, status, wait
from providers import session_figures
from providers.models import Bind, InboundPart, Provider
from providers.services import binds, providers
from providers.simulator import smpp as simulated
from providers.smpp import pdus
from smsapp.watch import sending as watch_sending

pytestmark = pytest.mark.django_db(transaction=True)


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
            first.loop.call_soon_threadsafe(first.stopping.set)
            wait(lambda: set(Bind.objects.values_list("owner", flat=True)) == {second.tenant.owner})
            wait(bound(2))
            pk = queue(provider, fictional(101))
            wait(lambda: status(pk) is MessageStatus.SENT)
            assert len(smsc.smsc.all) == 2


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
