"""The contract for Vonage, and what is its own."""

import json
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

import pytest

from providers.backends.base import Webhook
from providers.backends.vonage import METHODS, REASONS, REFUSALS, signature
from providers.errors import Unknown, WebhookRejected
from providers.failures import FAILURES
from providers.tests.canned import http as answer
from providers.tests.contract import PUBLIC, BackendContract, sample
from providers.tests.factories import make_sms
from providers.types import ProviderSnapshot, ReportStatus, SendResult

SECRET, SIGNING = "api-secret-4711", "signature-secret-0815"


def error(status: str, text: str = "no") -> bytes:
    return json.dumps({"message-count": "1", "messages": [{"status": status, "error-text": text}]}).encode()


def fields_of(body: bytes) -> dict[str, str]:
    return json.loads(body) if body.startswith(b"{") else dict(parse_qsl(body.decode(), keep_blank_values=True))


class TestVonage(BackendContract):
    kind = "vonage"
    secrets = (SECRET, SIGNING)
    accepted = (200, sample("vonage", "accepted.json"), "0C000000217B7F02")
    refused = [
        (200, error("2"), "refused"), (200, error("3"), "refused"), (200, error("6"), "no_route"), (200, error("7"), "blocked"),
        (200, error("12"), "text_not_allowed"), (200, error("15"), "sender_not_allowed"), (200, error("29"), "country_not_allowed"),
        (200, error("33"), "unknown_number"), (200, error("99"), "refused"), (400, b"", "refused"),
    ]  # fmt: skip
    misconfigured = [
        (200, error("4")), (200, error("14")), (200, error("32")), (200, error("8")), (200, error("9")), (200, error("11")), (401, b""), (402, b""), (307, b""),
    ]  # fmt: skip
    throttled = [(200, error("1", "Throttled")), (200, error("10"))]
    unknown = [(200, error("5")), (200, sample("vonage", "one-part-of-two.json")), (200, error("")), (200, b'{"messages": []}'), (200, b'{"messages": [5]}')]
    words = {
        "accepted": ReportStatus.ACCEPTED, "buffered": ReportStatus.ACCEPTED, "delivered": ReportStatus.DELIVERED, "expired": ReportStatus.UNDELIVERED,
        "failed": ReportStatus.FAILED, "rejected": ReportStatus.FAILED, "unknown": ReportStatus.UNKNOWN, "DELIVRD": ReportStatus.DELIVERED,
        "UNDELIV": ReportStatus.UNDELIVERED,
    }  # fmt: skip
    reports = [
        ("report-delivered.json", ReportStatus.DELIVERED, ""), ("report-failed.json", ReportStatus.FAILED, "unreachable"),
        ("report-rejected.txt", ReportStatus.FAILED, "filtered"), ("report-expired.txt", ReportStatus.UNDELIVERED, "not_delivered"),
        ("report-buffered.json", ReportStatus.ACCEPTED, ""),
    ]  # fmt: skip
    text = "text.json"
    method = "sha256"

    def provider(self, url: str) -> ProviderSnapshot:
        options = {"api_key": "abcd1234", "base_url": url, "signature_method": self.method}
        return ProviderSnapshot(id=7, kind="vonage", options=options, secrets={"api_secret": SECRET, "signature_secret": SIGNING})

    def hook(self, event: str, body: bytes) -> Webhook:
        fields = fields_of(body)
        fields |= {"sig": signature(fields, SIGNING, self.method)}
        signed = json.dumps(fields).encode() if body.startswith(b"{") else urlencode(fields).encode()
        return Webhook(event, f"{PUBLIC}/{event}/", "", signed, "")

    def report_body(self, word: str) -> bytes:
        return urlencode({"messageId": "0C1", "status": word, "err-code": "0", "client-ref": "1-abc"}).encode()

    def forged(self, good: Webhook) -> list[Webhook]:
        fields = fields_of(good.body)
        wrong = ["", " ", "x", fields["sig"][:-2], fields["sig"] + "=", "é" * 64, "A" * 64, signature(fields, "another", "sha256")]
        changed = [fields | {"sig": bad} for bad in wrong] + [fields | {"status": "failed"}, fields | {"text": "STOP"}, fields | {"new": "1"}]
        changed += [{name: value for name, value in fields.items() if name != "sig"}, fields | {"sig": signature(fields, SIGNING, "sha1")}]
        bodies = [json.dumps(one).encode() for one in changed] + [b"", b"[]", b"a=1&" * 5000, json.dumps(fields | {"x": []}).encode()]
        return [replace(good, body=body) for body in bodies]

    def sent(self, gateway, **changes: object) -> dict[str, str]:
        gateway.answer = answer(*self.accepted[:2])
        self.send(gateway.url, make_sms(**changes))
        return dict(parse_qsl(gateway.requests[-1].partition(b"\r\n\r\n")[2].decode()))

    def test_wire_format(self, gateway):
        fields = self.sent(gateway, callback_url="https://sms.example.org/hooks/vonage/t/status/?ref=1-abc")
        assert gateway.requests[0].startswith(b"POST /sms/json HTTP/1.1\r\n")
        assert fields == {
            "api_key": "abcd1234", "api_secret": SECRET, "from": "33639980001", "to": "33639980101", "text": "Hello", "type": "text",
            "client-ref": "1-abc", "callback": "https://sms.example.org/hooks/vonage/t/status/",
        }  # fmt: skip

    def test_what_no_gsm_letter_says_goes_as_unicode(self, gateway):
        assert self.sent(gateway, text="Ça va 😀")["type"] == "unicode"
        assert self.sent(gateway, text="5 € [ok]")["type"] == "text"

    def test_an_address_that_is_too_long_for_the_gateway_is_left_out(self, gateway):
        assert "callback" not in self.sent(gateway, callback_url=f"https://{'a' * 90}.example.org/status/?ref=1")

    @pytest.mark.parametrize(("seconds", "told"), [(None, None), (3600, "3600000"), (1, "20000"), (10_000_000, "604800000")])
    def test_a_text_expires_within_the_bounds_of_the_gateway(self, gateway, seconds, told):
        assert self.sent(gateway, valid_for=seconds).get("ttl") == told

    def test_a_text_in_two_parts_is_one_text_known_by_both(self, gateway):
        """With our reference in it the first receipt would speak for both."""
        gateway.answer = answer(200, sample("vonage", "two-parts.json"))
        sent = self.send(gateway.url, make_sms(text="a" * 161))
        assert sent == SendResult("62dfdf68-6c7c-479a-a190-5c52f798a787", ("62dfdf68-6c7c-479a-a190-5c52f798a787", "72ff9536-62d6-455a-9f0b-65f3c265b423"))
        assert b"client-ref" not in gateway.requests[0]

    def test_a_short_text_is_known_by_our_reference(self, gateway):
        gateway.answer = answer(*self.accepted[:2])
        assert self.send(gateway.url).known_as == ()

    def test_a_text_of_which_a_part_was_taken_is_never_repeated(self, gateway):
        gateway.answer = answer(200, sample("vonage", "one-part-of-two.json"))
        assert "1 of 2 parts" in self.fails(gateway.url, Unknown).detail

    @pytest.mark.parametrize("method", [method for method, _label in METHODS])
    def test_each_way_to_sign(self, method):
        self.method = method
        self.backend.verify(self.plain, self.hook("status", sample("vonage", "report-delivered.json")))

    def test_a_signature_as_the_documentation_describes_it(self):
        fields = {"b": "1&2=3", "a": "x"}  # sorted, & and = made _, the secret at the end
        from hashlib import md5

        assert signature(fields, "s", "md5hash") == md5(b"&a=x&b=1_2_3s", usedforsecurity=False).hexdigest().upper()

    def test_a_report_may_come_by_get(self):
        query = self.hook("status", sample("vonage", "report-rejected.txt")).body
        webhook = Webhook("status", f"{PUBLIC}/status/?{query.decode()}", query.decode(), query, "")
        self.backend.verify(self.plain, webhook)
        assert self.backend.parse_status(self.plain, webhook)[0].reason == "filtered"
        assert "GET" in self.backend.hook_methods

    def test_signature_in_small_letters(self):
        good = self.hook("status", sample("vonage", "report-delivered.json"))
        fields = json.loads(good.body)
        self.backend.verify(self.plain, replace(good, body=json.dumps(fields | {"sig": fields["sig"].lower()}).encode()))
        with pytest.raises(WebhookRejected):
            self.backend.verify(replace(self.plain, options={"signature_method": "sha512"}), good)

    def test_the_provider_says_how_long_where_the_text_does_not(self, gateway, monkeypatch):
        made = self.provider(gateway.url)
        monkeypatch.setattr(type(self), "provider", lambda self, url: replace(made, options=made.options | {"validity": "5"}))
        assert self.sent(gateway)["ttl"] == "300000"
        assert self.sent(gateway, valid_for=60)["ttl"] == "60000"

    def test_every_code_has_a_category_of_ours(self):
        assert {*REASONS.values(), *REFUSALS.values()} <= set(FAILURES)
