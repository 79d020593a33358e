"""What Twilio's list of messages tells of a text whose call ended without an answer."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qsl

import pytest

from providers import registry
from providers.errors import Misconfigured, ProviderError
from providers.services import sending
from providers.tests import test_backend_twilio
from providers.tests.canned import http as answer
from providers.tests.factories import make_sms
from providers.tests.test_backend_twilio import TOKEN, error
from providers.types import ReportStatus

AROUND = datetime(2026, 11, 23, 0, 5, tzinfo=UTC)
SMS = make_sms()


def line(**changes):
    return {
        "sid": "SM7", "to": SMS.number, "from": SMS.sender, "body": SMS.text, "status": "delivered", "error_code": None, "direction": "outbound-api",
        "date_created": format_datetime(AROUND), **changes,
    }  # fmt: skip


def look_up(gateway, *lines, body=None, status=200, **options):
    gateway.answer = answer(status, json.dumps({"messages": list(lines)}).encode() if body is None else body)
    provider = test_backend_twilio.TestTwilio().provider(gateway.url)
    provider = replace(provider, options={**provider.options, **options})
    provider = replace(provider, wire=registry.get(provider.kind).wire(provider))

    async def ask():
        async with sending.open_session(1) as session:
            return await sending.look_up(session, provider, SMS, AROUND)

    return asyncio.run(ask())


def test_it_asks_by_number_sender_and_day(gateway):
    look_up(gateway)
    target = gateway.requests[0].split(b" ")[1].decode()
    path, _mark, query = target.partition("?")
    assert path == "/2010-04-01/Accounts/ACtest/Messages.json"
    assert dict(parse_qsl(query)) == {"To": SMS.number, "From": SMS.sender, "DateSent>": "2026-11-22", "PageSize": "20"}


def test_a_messaging_service_chose_the_sender(gateway):
    look_up(gateway, messaging_service_sid="MG1")
    assert b"From=" not in gateway.requests[0].split(b" ")[1]


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({}, ReportStatus.DELIVERED, ""),
        ({"status": "sent"}, ReportStatus.ACCEPTED, ""),
        ({"status": "undelivered", "error_code": 30005}, ReportStatus.UNDELIVERED, "unknown_number"),
        ({"status": "new word"}, ReportStatus.UNKNOWN, ""),
        ({"date_created": format_datetime(AROUND - timedelta(minutes=14))}, ReportStatus.DELIVERED, ""),
    ],
)
def test_what_is_like_it_is_told_with_our_reference(gateway, changes, status, reason):
    (found,) = look_up(gateway, line(**changes))
    assert (found.status, found.reason, found.gateway_id, found.reference) == (status, reason, "SM7", SMS.reference)


@pytest.mark.parametrize(
    "changes",
    [
        {"body": "Hello you"}, {"to": "+33639980999"}, {"direction": "inbound"}, {"date_created": "never"}, {"date_created": None}, {"sid": None}, {"sid": "x" * 81},
        {"date_created": format_datetime(AROUND - timedelta(minutes=16))}, {"date_created": format_datetime(AROUND + timedelta(minutes=16))},
    ],
)  # fmt: skip
def test_another_text_is_not_taken_for_it(gateway, changes):
    assert look_up(gateway, line(**changes)) == []


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"messages": "none"}', b'{"messages": [1, null, []]}'])
def test_nonsense_proves_nothing(gateway, body):
    assert look_up(gateway, body=body) == []


def test_two_alike_are_both_told(gateway):
    assert [found.gateway_id for found in look_up(gateway, line(), line(sid="SM8"))] == ["SM7", "SM8"]


def test_a_refused_account_is_said_without_secrets(gateway):
    with pytest.raises(Misconfigured) as problem:
        look_up(gateway, body=error(20003, f"bad {TOKEN}"), status=401)
    assert TOKEN not in problem.value.detail


def test_no_answer_is_an_error(gateway):
    gateway.answer = "close"
    with pytest.raises(ProviderError):
        look_up(gateway, body=b"", status=500)
