"""The contract for Twilio, and what is its own."""

import json
from base64 import b64decode
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from twilio.request_validator import RequestValidator

from providers import registry
from providers.backends.base import Webhook
from providers.errors import NotSent, Refused
from providers.tests.canned import http as answer
from providers.tests.contract import BackendContract
from providers.tests.factories import make_sms
from providers.types import ProviderSnapshot, ReportStatus

SAMPLES = Path(__file__).parent / "samples" / "twilio"
TOKEN = "auth-token-4711"
URL = "https://sms.example.org/hooks/x/t/status/?ref=1f-9ab3c0d2e4f5"


def error(code: int, message: str = "no") -> bytes:
    return json.dumps({"code": code, "message": message, "more_info": "", "status": 400}).encode()


class TwilioContract(BackendContract):
    token = TOKEN
    secrets = (TOKEN,)
    accepted = (201, (SAMPLES / "accepted.json").read_bytes(), "SM00000000000000000000000000000001")
    refused = [
        (400, error(21211), "invalid_number"), (400, error(21610), "opted_out"), (400, error(21614), "not_mobile"),
        (400, error(21408), "country_not_allowed"), (400, error(21606), "sender_not_allowed"), (400, error(21617), "text_not_allowed"),
        (400, error(99999), "refused"), (400, b"<html>", "refused"), (403, error(21610), "opted_out"), (422, b"", "refused"),
    ]  # fmt: skip
    misconfigured = [(401, error(20003)), (403, error(20003)), (403, b""), (404, error(20404)), (401, b"<html>"), (400, error(20005)), (307, b"")]
    words = {
        "queued": ReportStatus.ACCEPTED, "sending": ReportStatus.ACCEPTED, "sent": ReportStatus.ACCEPTED, "delivered": ReportStatus.DELIVERED,
        "read": ReportStatus.DELIVERED, "undelivered": ReportStatus.UNDELIVERED, "failed": ReportStatus.FAILED, "Delivered": ReportStatus.DELIVERED,
    }  # fmt: skip

    @classmethod
    def webhook(cls, event: str, fields: dict[str, str]) -> Webhook:
        url = URL if event == "status" else "https://sms.example.org/hooks/x/t/inbound/"
        signature = RequestValidator(cls.token).compute_signature(url, fields)
        return Webhook(event, url, url.partition("?")[2], urlencode(fields).encode(), "application/x-www-form-urlencoded", {"x-twilio-signature": signature})

    @classmethod
    def report(cls, word: str, code: str = "") -> Webhook:
        return cls.webhook("status", {"MessageSid": "SM1", "MessageStatus": word, "To": "+33639980101"} | ({"ErrorCode": code} if code else {}))

    def signed(self, event: str) -> Webhook:
        if event == "status":
            return self.report("delivered")
        return self.webhook("inbound", {"MessageSid": "SM2", "From": "+33639980102", "To": "+33639980001", "Body": "Bonjour"})


class TestTwilio(TwilioContract):
    kind = "twilio"

    def provider(self, url: str) -> ProviderSnapshot:
        return ProviderSnapshot(id=7, kind="twilio", options={"account_sid": "ACtest", "base_url": url}, secrets={"auth_token": TOKEN})

    def test_wire_format(self, gateway):
        gateway.answer = answer(*self.accepted[:2])
        self.send(gateway.url, make_sms(callback_url="https://sms.example.org/hooks/?ref=1"))
        head, _, body = gateway.requests[0].partition(b"\r\n\r\n")
        assert head.startswith(b"POST /2010-04-01/Accounts/ACtest/Messages.json HTTP/1.1\r\n")
        assert dict(parse_qsl(body.decode())) == {
            "To": "+33639980101", "From": "+33639980001", "Body": "Hello", "StatusCallback": "https://sms.example.org/hooks/?ref=1",
        }  # fmt: skip
        assert self.login(head) == f"ACtest:{TOKEN}"

    @staticmethod
    def login(head: bytes) -> str:
        return b64decode(head.lower().partition(b"authorization: basic ")[2] and head.partition(b"Basic ")[2].partition(b"\r\n")[0]).decode()

    def test_api_key_and_messaging_service(self, gateway, monkeypatch):
        gateway.answer = answer(*self.accepted[:2])
        options = {"account_sid": "ACtest", "base_url": gateway.url, "api_key_sid": "SKkey", "messaging_service_sid": "MG1"}
        made = ProviderSnapshot(id=7, kind="twilio", options=options, secrets={"auth_token": TOKEN, "api_key_secret": "hush"})
        monkeypatch.setattr(TestTwilio, "provider", lambda self, url: made)
        self.send(gateway.url)
        head, _, body = gateway.requests[0].partition(b"\r\n\r\n")
        assert b"/Accounts/ACtest/" in head
        assert self.login(head) == "SKkey:hush"
        assert parse_qsl(body.decode())[1] == ("MessagingServiceSid", "MG1")
        registry.get("twilio").verify(made, self.signed("status"))  # signed with the auth token all the same

    def test_full_queue_slows_the_lane(self, gateway):
        gateway.answer = answer(400, error(21611))
        assert self.fails(gateway.url, NotSent).throttled

    def test_text_that_failed_at_once(self, gateway):
        gateway.answer = answer(201, b'{"sid": "SM1", "status": "failed", "error_code": 30006}')
        assert self.fails(gateway.url, Refused).reason == "not_mobile"

    def test_codes_of_reports(self):
        for code, reason in {"30003": "unreachable", "30005": "unknown_number", "30007": "filtered", "": "not_delivered", "x": "not_delivered"}.items():
            found = registry.get("twilio").parse_status(self.provider(""), self.report("undelivered", code))[0]
            assert (found.reason, found.raw_code) == (reason, code)

    def test_nul_bytes_do_not_reach_the_database(self):
        webhook = replace(self.signed("inbound"), body=b"MessageSid=SM%00&From=%2B1%00&Body=a%00b")
        text = registry.get("twilio").parse_inbound(self.provider(""), webhook)[0]
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
        assert list(registry.get("twilio").clean(options, secrets)) == [fault]

    def test_only_a_stand_in_on_this_machine_takes_fictional_numbers(self):
        backend = registry.get("twilio")
        taken = {
            url: backend.accepts_fictional(self.provider(url))
            for url in (
                "",
                "https://api.twilio.com",
                "http://127.0.0.1:1",
                "http://localhost",
                "http://[::1]:8",
                "http://127.0.0.1.evil.example",
                "http://10.0.0.1",
            )
        }
        assert [url for url, yes in taken.items() if yes] == ["http://127.0.0.1:1", "http://localhost", "http://[::1]:8"]

    def test_gateway_answers_stop_itself(self):
        assert registry.get("twilio").confirms_opt_out
