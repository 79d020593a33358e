"""The whole circle over real sockets: send, report, store, apply; a text that comes in."""

import asyncio
import time
from contextlib import contextmanager

import pytest

from providers.models import WebhookEvent
from providers.services import inbox, sending
from providers.services.providers import callback_url, snapshot
from providers.signals import inbound_received, reports_received
from providers.tests.factories import make_provider, make_sms, make_twilio
from providers.types import ReportStatus

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def listening(signal, listener):
    kept = signal.receivers
    signal.receivers = []
    signal.sender_receivers_cache.clear()
    signal.connect(listener, weak=False)
    try:
        yield
    finally:
        signal.receivers = kept
        signal.sender_receivers_cache.clear()


def send(provider, number: str):
    plain = snapshot(provider.pk)

    async def call():
        async with sending.open_session(2) as session:
            return await sending.send(session, plain, make_sms(number=number, reference="1f-9ab", callback_url=callback_url(plain, "1f-9ab")))

    return asyncio.run(call())


def wait_for(count: int) -> None:
    end = time.monotonic() + 10
    while WebhookEvent.objects.count() < count:
        assert time.monotonic() < end, "the reports did not arrive"
        time.sleep(0.02)


@pytest.mark.parametrize("make", [make_provider, make_twilio])
def test_reports_come_home(live_server, simulator, settings, make):
    settings.PUBLIC_BASE_URL = live_server.url
    provider = make()
    if provider.kind == "twilio":
        provider.options["base_url"] = simulator.url
        provider.save()
    heard = []
    with listening(reports_received, lambda reports, **kwargs: heard.extend(reports)):
        result = send(provider, "+33639980101")
        wait_for(3)
        assert inbox.process() == 3
    assert sorted(report.status for report in heard) == sorted([ReportStatus.ACCEPTED, ReportStatus.ACCEPTED, ReportStatus.DELIVERED])  # in whatever order they came
    assert {(report.gateway_id, report.reference, report.provider_id) for report in heard} == {(result.gateway_id, "1f-9ab", provider.pk)}
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"applied"}


def test_repeated_reports_are_stored_once(live_server, simulator, settings):
    settings.PUBLIC_BASE_URL = live_server.url
    send(make_provider(), "+33639980163")
    wait_for(3)
    until = time.monotonic() + 5
    while simulator.callbacks.counts["answered 200"] < 15:
        assert time.monotonic() < until
        time.sleep(0.02)
    assert WebhookEvent.objects.count() == 3


def test_a_reply_comes_home(live_server, simulator, settings):
    settings.PUBLIC_BASE_URL = live_server.url
    provider, heard = make_provider(), []
    with listening(inbound_received, lambda inbound, **kwargs: heard.append(inbound)):
        send(provider, "+33639980167")
        wait_for(4)
        time.sleep(0.1)
    assert [(text.sender, text.text, text.provider_id) for text in heard] == [("+33639980167", "STOP", provider.pk)]


def test_reports_of_another_provider_are_turned_away(live_server, simulator, settings):
    settings.PUBLIC_BASE_URL = live_server.url
    mine, other = make_provider(), make_provider()
    plain = snapshot(mine.pk)

    async def call():
        async with sending.open_session(2) as session:
            await sending.send(session, plain, make_sms(callback_url=callback_url(snapshot(other.pk), "1f-9ab")))

    asyncio.run(call())
    until = time.monotonic() + 5
    while simulator.callbacks.counts["answered 403"] < 3:
        assert time.monotonic() < until
        time.sleep(0.02)
    assert not WebhookEvent.objects.exists()
