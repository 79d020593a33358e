"""The contract for Twilio, and what is its own."""

import json
from base64 import b64decode
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
from twilio.request_validator import RequestValidator

from providers import registry
from providers.backends.base import Webhook
from providers.backends.twilio import REASONS
from providers.errors import Refused
from providers.failures import FAILURES
from providers.tests.canned import http as answer
from providers.tests.contract import PUBLIC, REFERENCE, BackendContract, sample
from providers.tests.factories import make_sms
from providers.types import ProviderSnapshot, ReportStatus

TOKEN = "auth-token-4711"


def error(code: int, message: str = "no") -> bytes:
    return json.dumps({"code": code, "message": message, "more_info": "", "status": 400}).encode()


class TwilioContract(BackendContract):
    token = TOKEN
    secrets = (TOKEN,)
    accepted = (201, sample("twilio", "accepted.json"), "SM00000000000000000000000000000001")
    refused = [
        (400, error(21211), "invalid_number"), (400, error(21610), "opted_out"), (400, error(21614), "not_mobile"), (400, error(21635), "not_mobile"),
        (400, error(21408), "country_not_allowed"), (400, error(21606), "sender_not_allowed"), (400, error(21617), "text_not_allowed"),
        (400, error(99999), "refused"), (400, b"<html>", "refused"), (403, error(21610), "opted_out"), (422, b"", "refused"),
    ]  # fmt: skip
    misconfigured = [
        (401, error(20003)), (403, error(20003)), (403, b""), (404, error(20404)), (401, b"<html>"), (400, error(20005)), (307, b""), (400, error(21703)),
    ]  # fmt: skip
    throttled = [(400, error(21611)), (400, error(14107)), (503, error(20429))]
    words = {
        "queued": ReportStatus.ACCEPTED, "sending": ReportStatus.ACCEPTED, "sent": ReportStatus.ACCEPTED, "delivered": ReportStatus.DELIVERED,
        "read": ReportStatus.DELIVERED, "undelivered": ReportStatus.UNDELIVERED, "failed": ReportStatus.FAILED, "Delivered": ReportStatus.DELIVERED,
        "canceled": ReportStatus.FAILED, "accepted": ReportStatus.ACCEPTED, "scheduled": ReportStatus.ACCEPTED,
    }  # fmt: skip
    reports = [
        ("report-delivered.txt", ReportStatus.DELIVERED, ""), ("report-undelivered.txt", ReportStatus.UNDELIVERED, "unreachable"),
        ("report-unknown-number.txt", ReportStatus.UNDELIVERED, "unknown_number"), ("report-failed.txt", ReportStatus.FAILED, "not_delivered"),
        ("report-sent.txt", ReportStatus.ACCEPTED, ""),
    ]  # fmt: skip
    text = "text.txt"

    def hook(self, event: str, body: bytes) -> Webhook:
        url = f"{PUBLIC}/{event}/" + (f"?ref={REFERENCE}" if event == "status" else "")
        signature = RequestValidator(self.token).compute_signature(url, dict(parse_qsl(body.decode(), keep_blank_values=True)))
        return Webhook(event, url, url.partition("?")[2], body, "application/x-www-form-urlencoded", {"x-twilio-signature": signature})

    def report_body(self, word: str, code: str = "") -> bytes:
        return f"MessageSid=SM1&MessageStatus={word}&To=%2B33639980101{f'&ErrorCode={code}' if code else ''}".encode()


class TestTwilio(TwilioContract):
    kind = "twilio"

    def provider(self, url: str) -> ProviderSnapshot:
        return ProviderSnapshot(id=7, kind="twilio", options={"account_sid": "ACtest", "base_url": url}, secrets={"auth_token": TOKEN})

    def sent(self, gateway, **changes: object) -> tuple[bytes, dict[str, str]]:
        """(head, fields) of the request for a text."""
        gateway.answer = answer(*self.accepted[:2])
        self.send(gateway.url, make_sms(**changes))
        head, _, body = gateway.requests[-1].partition(b"\r\n\r\n")
        return head, dict(parse_qsl(body.decode()))

    def test_wire_format(self, gateway):
        head, fields = self.sent(gateway, callback_url="https://sms.example.org/hooks/?ref=1")
        assert head.startswith(b"POST /2010-04-01/Accounts/ACtest/Messages.json HTTP/1.1\r\n")
        assert fields == {"To": "+33639980101", "From": "+33639980001", "Body": "Hello", "StatusCallback": "https://sms.example.org/hooks/?ref=1"}
        assert self.login(head) == f"ACtest:{TOKEN}"

    @pytest.mark.parametrize("sender", ["+33639980001", "36111", "RIVERSIDE"])
    def test_numbers_short_codes_and_names_send(self, gateway, sender):
        assert self.sent(gateway, sender=sender)[1]["From"] == sender

    @pytest.mark.parametrize(("seconds", "told"), [(None, None), (90, "90"), (0, "1"), (36_000, "36000"), (90_000, "36000")])
    def test_a_text_expires_within_the_bounds_of_the_gateway(self, gateway, seconds, told):
        assert self.sent(gateway, valid_for=seconds)[1].get("ValidityPeriod") == told

    @staticmethod
    def login(head: bytes) -> str:
        return b64decode(head.lower().partition(b"authorization: basic ")[2] and head.partition(b"Basic ")[2].partition(b"\r\n")[0]).decode()

    def test_api_key_and_messaging_service(self, gateway, monkeypatch):
        options = {"account_sid": "ACtest", "base_url": gateway.url, "api_key_sid": "SKkey", "messaging_service_sid": "MG1"}
        made = ProviderSnapshot(id=7, kind="twilio", options=options, secrets={"auth_token": TOKEN, "api_key_secret": "hush"})
        monkeypatch.setattr(TestTwilio, "provider", lambda self, url: made)
        head, fields = self.sent(gateway)
        assert b"/Accounts/ACtest/" in head
        assert self.login(head) == "SKkey:hush"
        assert (fields["MessagingServiceSid"], "From" in fields) == ("MG1", False)
        registry.get("twilio").verify(made, self.hook("status", self.report_body("sent")))  # signed with the auth token all the same

    def test_text_that_failed_at_once(self, gateway):
        gateway.answer = answer(201, b'{"sid": "SM1", "status": "failed", "error_code": 30006}')
        assert self.fails(gateway.url, Refused).reason == "not_mobile"

    def test_codes_of_reports(self):
        meanings = {
            "30003": "unreachable", "30005": "unknown_number", "30007": "filtered", "30022": "throttled", "30024": "sender_not_allowed",
            "30042": "sender_not_allowed", "30450": "filtered", "30453": "filtered", "30500": "gateway_trouble", "63038": "throttled",
            "": "not_delivered", "x": "not_delivered",
        }  # fmt: skip
        for code, reason in meanings.items():
            found = self.backend.parse_status(self.plain, self.hook("status", self.report_body("undelivered", code)))[0]
            assert (found.reason, found.raw_code) == (reason, code)

    def test_the_provider_says_how_long_where_the_text_does_not(self, gateway, monkeypatch):
        made = self.provider(gateway.url)
        monkeypatch.setattr(type(self), "provider", lambda self, url: replace(made, options=made.options | {"validity": "5"}))
        assert self.sent(gateway, valid_for=None)[1]["ValidityPeriod"] == "300"
        assert self.sent(gateway, valid_for=60)[1]["ValidityPeriod"] == "60"

    def test_every_code_has_a_category_of_ours(self):
        assert set(REASONS.values()) <= set(FAILURES)

    def test_nul_bytes_do_not_reach_the_database(self):
        webhook = replace(self.hook("inbound", b""), body=b"MessageSid=SM%00&From=%2B1%00&Body=a%00b")
        text = self.backend.parse_inbound(self.plain, webhook)[0]
        assert (text.gateway_id, text.sender, text.text) == ("SM", "+1", "ab")

    @pytest.mark.parametrize(
        ("options", "secrets", "fault"),
        [
            ({"api_key_sid": "SK1"}, {}, "api_key_secret"),
            ({}, {"api_key_secret": "x"}, "api_key_sid"),
            ({"base_url": "http://gateway.example.org"}, {}, "base_url"),
        ],
    )
    def test_faults_between_fields(self, options, secrets, fault):
        assert list(self.backend.clean(options, secrets)) == [fault]

    def test_only_a_stand_in_on_this_machine_takes_fictional_numbers(self):
        here = ["http://127.0.0.1:1", "http://localhost", "http://[::1]:8"]
        world = ["", "https://api.twilio.com", "http://127.0.0.1.evil.example", "http://10.0.0.1"]
        assert [url for url in here + world if self.backend.accepts_fictional(self.provider(url))] == here

    def test_gateway_answers_stop_itself(self):
        assert self.backend.confirms_opt_out
