"""Reports that name the gateway's ids only find our reference; what sessions hear is stored once."""

import asyncio

import psycopg
import pytest
from django.db import connection

from providers.backends.base import Webhook
from providers.models import InboundPart, WebhookEvent
from providers.services import heard, sent_parts
from providers.simulator.smpp import _deliver
from providers.smpp import pdus
from providers.smpp.pdus import Address
from providers.tests.factories import make_provider
from providers.types import DeliveryReport, ReportStatus
from smsapp.testing.processes import database_url

pytestmark = pytest.mark.django_db(transaction=True)
DELIVERED, UNDELIVERED, ACCEPTED = ReportStatus.DELIVERED, ReportStatus.UNDELIVERED, ReportStatus.ACCEPTED


def remember(provider, *texts):
    async def write():
        async with await psycopg.AsyncConnection.connect(database_url(), autocommit=True) as own, own.cursor() as cursor:
            await sent_parts.remember(cursor, provider.pk, texts)

    asyncio.run(write())


def resolved(provider, *reports):
    told = [DeliveryReport(provider.pk, gateway_id, status) for gateway_id, status in reports]
    return [(report.reference, report.status) for report in sent_parts.resolve(told)]


def test_an_id_finds_its_text_at_its_own_provider_only():
    provider, other = make_provider(), make_provider()
    remember(provider, ("1-abc", ["7"]))
    assert resolved(provider, ("7", DELIVERED), ("8", DELIVERED)) == [("1-abc", DELIVERED), ("", DELIVERED)]
    assert resolved(other, ("7", DELIVERED)) == [("", DELIVERED)]


def test_an_id_that_is_used_again_means_the_newer_text():
    provider = make_provider()
    remember(provider, ("1-abc", ["7"]))
    remember(provider, ("2-def", ["7"]))
    assert resolved(provider, ("7", DELIVERED)) == [("2-def", DELIVERED)]


def test_a_text_has_arrived_when_all_of_its_parts_have():
    provider = make_provider()
    remember(provider, ("1-abc", ["a", "b"]))
    assert resolved(provider, ("b", DELIVERED), ("b", DELIVERED)) == [("1-abc", ACCEPTED)] * 2
    remember(provider, ("1-abc", ["a", "b"]))  # a repeat after a commit that nobody heard of forgets nothing
    assert resolved(provider, ("a", DELIVERED)) == [("1-abc", DELIVERED)]


def test_a_part_that_did_not_arrive_is_told_at_once_and_may_arrive_late():
    provider = make_provider()
    remember(provider, ("1-abc", ["a", "b"]))
    assert resolved(provider, ("a", UNDELIVERED), ("b", DELIVERED)) == [("1-abc", UNDELIVERED), ("1-abc", ACCEPTED)]
    assert resolved(provider, ("a", DELIVERED)) == [("1-abc", DELIVERED)]
    assert resolved(provider, ("a", UNDELIVERED), ("b", DELIVERED))[1] == ("1-abc", DELIVERED)  # delivered is not taken back


def test_a_report_with_our_reference_is_left_as_it_is():
    report = DeliveryReport(1, "7", DELIVERED, reference="9-xyz")
    assert sent_parts.resolve([report]) == [report]


def test_a_receipt_that_comes_again_is_stored_once():
    provider = make_provider(kind="smpp")
    receipt = Webhook("status", "", "", b"a receipt", "")
    assert heard.store(provider.pk, [receipt, receipt]) == [True, True]
    assert heard.store(provider.pk, [receipt]) == [True]
    assert WebhookEvent.objects.count() == 1


def test_a_part_that_comes_again_counts_once():
    provider = make_provider(kind="smpp")
    body = _deliver(Address(1, 1, "33639980102"), Address(3, 0, "36111"), b"\x05\x00\x03\x2a\x02\x01Bon", 0, esm_class=0x40)
    assert isinstance(pdus.decode(body), pdus.DeliverSm)
    for token in ("bind=x-1", "bind=y-1"):
        heard.store(provider.pk, [Webhook("inbound", "", token, body, "")])
    assert InboundPart.objects.count() == 1
    assert connection.is_usable()
