"""The contract for 46elks, and what is its own."""

import asyncio
import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest

from providers.backends import http
from providers.backends.base import Webhook
from providers.errors import Misconfigured, NotSent, Refused, Unknown
from providers.tests.canned import http as answer
from providers.tests.contract import DEADLINE, PUBLIC, REFERENCE, BackendContract, sample
from providers.tests.factories import make_sms
from providers.types import ProviderSnapshot, ReportStatus

NOON = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
PASSWORD, HOOK = "C0ACCEEC0FAFE879189DD5D57F6EC348", "hook-password-4711"


class TestElks(BackendContract):
    kind = "elks"
    secrets = (PASSWORD, HOOK)
    accepted = (200, sample("elks", "accepted.json"), "s3633fa8e62f823e52fbc67ebf6925ab5")
    refused = [(400, b"Invalid to number", "invalid_number"), (400, b"", "refused"), (400, b"Missing key to", "refused"), (422, b"what", "refused")]
    misconfigured = [(401, b"Unauthorized"), (403, b"Not enough credits"), (402, b""), (404, b""), (307, b"")]
    words = {"created": ReportStatus.ACCEPTED, "sent": ReportStatus.ACCEPTED, "delivered": ReportStatus.DELIVERED, "failed": ReportStatus.FAILED}
    reports = [
        ("report-delivered.txt", ReportStatus.DELIVERED, ""), ("report-failed.txt", ReportStatus.FAILED, "not_delivered"),
        ("report-sent.txt", ReportStatus.ACCEPTED, ""),
    ]  # fmt: skip
    text = "text.txt"
    signs_address = signs_body = False  # it shows a password

    def provider(self, url: str) -> ProviderSnapshot:
        options = {"username": "u2c11ef65b429a8e1", "base_url": url}
        return ProviderSnapshot(id=7, kind="elks", options=options, secrets={"password": PASSWORD, "hook_password": HOOK})

    def hook(self, event: str, body: bytes) -> Webhook:
        query = f"ref={REFERENCE}" if event == "status" else ""
        login = {"authorization": "Basic " + b64encode(f"reports:{HOOK}".encode()).decode()}
        return Webhook(event, f"{PUBLIC}/{event}/?{query}", query, body, "application/x-www-form-urlencoded", login)

    def report_body(self, word: str) -> bytes:
        return f"id=s1&status={word}".encode()

    def test_wire_format(self, gateway):
        gateway.answer = answer(*self.accepted[:2])
        self.send(gateway.url, make_sms(sender="RIVERSIDE", callback_url="https://sms.example.org/hooks/elks/t/status/?ref=1f-9"))
        head, _, body = gateway.requests[0].partition(b"\r\n\r\n")
        assert head.startswith(b"POST /a1/sms HTTP/1.1\r\n")
        assert b64decode(head.partition(b"Basic ")[2].partition(b"\r\n")[0]).decode() == f"u2c11ef65b429a8e1:{PASSWORD}"
        assert dict(parse_qsl(body.decode())) == {
            "from": "RIVERSIDE", "to": "+33639980101", "message": "Hello",
            "whendelivered": f"https://reports:{HOOK}@sms.example.org/hooks/elks/t/status/?ref=1f-9",
        }  # fmt: skip

    @pytest.mark.parametrize(("sentence", "reason"), [
        ("Invalid to number", "invalid_number"), ('"Not a valid phone number to send to"', "invalid_number"), ("Invalid from number", "sender_not_allowed"),
        ("Invalid sender ID", "sender_not_allowed"), ("Message is too long", "text_not_allowed"), ("Missing key message", "refused"),
        ("Something new", "refused"),
    ])  # fmt: skip
    def test_a_sentence_says_what_is_wrong_and_stays_visible(self, gateway, sentence, reason):
        gateway.answer = answer(400, sentence.encode())
        error = self.fails(gateway.url, Refused)
        assert (error.reason, error.detail) == (reason, f"HTTP 400 {sentence}")

    def test_credit_that_is_used_up_stops_the_lane_whatever_its_status(self, gateway):
        gateway.answer = answer(400, b"Not enough credits")
        assert self.fails(gateway.url, Misconfigured).reason == "account"

    def test_text_that_failed_at_once(self, gateway):
        gateway.answer = answer(200, b'{"id": "s1", "status": "failed", "direction": "outgoing"}')
        self.fails(gateway.url, Refused)

    @pytest.mark.parametrize("event", ["status", "inbound"])
    def test_our_answer_is_empty_since_it_would_be_sent_as_a_text(self, event):
        assert self.backend.answer(self.plain, event)[0] == ""

    def test_plain_http_only_on_this_machine(self):
        assert list(self.backend.clean({"base_url": "http://gateway.example.org"}, {})) == ["base_url"]
        assert self.backend.clean({"base_url": "http://127.0.0.1:1"}, {}) == {}

    def asked(self, url: str, text: str = "Hello") -> list[tuple[str, ReportStatus, str]]:
        """What a look-up around noon finds."""

        async def call() -> list:
            async with http.open_session(connections=1, deadline=DEADLINE) as session:
                return await self.backend.look_up(session, self.wired(url), make_sms(sender="RIVERSIDE", text=text), NOON)

        return [(report.gateway_id, report.status, report.reference) for report in asyncio.run(call())]

    def test_look_up_compares_number_sender_text_and_time(self, gateway):
        right = {"id": "s1", "created": "2026-11-29T12:04:00.000000", "direction": "outgoing", "from": "RIVERSIDE", "to": "+33639980101",
                 "message": "Hello", "status": "delivered"}  # fmt: skip
        others = [
            {"message": "Hello you"}, {"from": "OTHER"}, {"to": "+33639980102"}, {"created": "2026-11-29T12:20:00"}, {"created": "soon"}, {"id": ""},
            {"direction": "incoming"}, {"direction": "outgoing-reply"}, {"created": None},
        ]  # fmt: skip
        gateway.answer = answer(200, json.dumps({"data": [right, *({**right, **other} for other in others), 5]}).encode())
        assert self.asked(gateway.url) == [("s1", ReportStatus.DELIVERED, "1-abc")]
        line = gateway.requests[0].partition(b"\r\n")[0].decode()
        assert line.startswith("GET /a1/sms?to=%2B33639980101&start=2026-11-29T12%3A15%3A00.000000&end=2026-11-29T11%3A45%3A00.000000&limit=100 ")

    def test_look_up_that_finds_nothing_or_cannot_ask(self, gateway):
        gateway.answer = answer(200, b'{"data": []}')
        assert self.asked(gateway.url) == []
        for status, body, expected in ((200, b"<html>", Unknown), (401, b"", Misconfigured), (429, b"", NotSent), (500, b"", Unknown)):
            gateway.answer = answer(status, body)
            with pytest.raises(expected):
                self.asked(gateway.url)
