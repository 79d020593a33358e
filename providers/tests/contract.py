"""What every backend must satisfy. A backend's test subclasses BackendContract and gives its samples."""

import asyncio
import json
import socket
import time
from dataclasses import replace
from typing import ClassVar

import pytest

from providers import registry
from providers.backends import http
from providers.backends.base import Webhook
from providers.errors import Misconfigured, NotSent, ProviderError, Refused, Unknown, WebhookRejected
from providers.failures import FAILURES
from providers.tests.canned import closed_port
from providers.tests.canned import http as answer
from providers.tests.factories import make_sms
from providers.types import InboundSms, OutboundSms, ProviderSnapshot, ReportStatus, SendResult

DEADLINE = 0.6


class BackendContract:
    """Samples are (HTTP status, body); reports are (Webhook, expected status, expected reason)."""

    kind: ClassVar[str]
    secrets: ClassVar[tuple[str, ...]] = ()
    accepted: ClassVar[tuple[int, bytes, str]]  # the last is the gateway's id
    refused: ClassVar[list[tuple[int, bytes, str]]]  # the last is the neutral reason
    misconfigured: ClassVar[list[tuple[int, bytes]]]

    def provider(self, url: str) -> ProviderSnapshot:
        """A provider whose gateway is at `url`."""
        raise NotImplementedError

    def signed(self, event: str) -> Webhook:
        """A rightly signed webhook: a report of a delivered text, or a text from +33639980102 that says "Bonjour"."""
        raise NotImplementedError

    @classmethod
    def report(cls, word: str, code: str = "") -> Webhook:
        """A status webhook with that word."""
        raise NotImplementedError

    words: ClassVar[dict[str, ReportStatus]]

    def wired(self, url: str) -> ProviderSnapshot:
        plain = self.provider(url)
        return replace(plain, wire=registry.get(self.kind).wire(plain))

    def send(self, url: str, sms: OutboundSms | None = None) -> SendResult:
        async def call() -> SendResult:
            async with http.open_session(connections=4, deadline=DEADLINE) as session:
                return await registry.get(self.kind).send(session, self.wired(url), sms or make_sms())

        return asyncio.run(call())

    def fails(self, url: str, expected: type[ProviderError]) -> ProviderError:
        begun = time.monotonic()
        with pytest.raises(ProviderError) as caught:
            self.send(url)
        assert time.monotonic() - begun < DEADLINE + 1.5
        assert type(caught.value) is expected
        assert not caught.value.reason or caught.value.reason in FAILURES
        self.holds_no_secret(caught.value)
        return caught.value

    def holds_no_secret(self, error: BaseException) -> None:
        text = repr(error) + str(error) + repr(vars(error)) + repr(error.__context__ if not error.__suppress_context__ else "")
        assert not [secret for secret in self.secrets if secret in text]

    def test_accepted_text_has_the_gateways_id(self, gateway):
        status, body, reference = self.accepted
        gateway.answer = answer(status, body)
        assert self.send(gateway.url) == SendResult(reference)

    def test_text_arrives_whole(self, gateway):
        from urllib.parse import parse_qsl

        gateway.answer = answer(*self.accepted[:2])
        self.send(gateway.url, make_sms(text="Ça va ? 5 € & co = 100 % 😀\n+1"))
        assert "Ça va ? 5 € & co = 100 % 😀\n+1" in dict(parse_qsl(gateway.requests[0].partition(b"\r\n\r\n")[2].decode())).values()

    def test_refused(self, gateway):
        for status, body, reason in self.refused:
            gateway.answer = answer(status, body)
            assert self.fails(gateway.url, Refused).reason == reason

    def test_bad_credentials_are_misconfigured(self, gateway):
        for status, body in self.misconfigured:
            gateway.answer = answer(status, body)
            self.fails(gateway.url, Misconfigured)

    def test_nobody_listening_is_not_sent(self):
        self.fails(f"http://127.0.0.1:{closed_port()}", NotSent)

    def test_name_that_leads_nowhere_is_not_sent(self):
        self.fails("http://gateway.invalid", NotSent)

    def test_bad_tls_is_not_sent(self, gateway):
        gateway.answer = answer(201, b"{}")
        self.fails(gateway.url.replace("http:", "https:"), NotSent)

    def test_connecting_that_takes_too_long_is_not_sent(self):
        with socket.socket() as full:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            crowd = [socket.socket() for _ in range(4)]  # nobody accepts: the queue is full and the next one waits
            for one in crowd:
                one.setblocking(False)
                one.connect_ex(full.getsockname())
            time.sleep(0.05)
            self.fails(f"http://127.0.0.1:{full.getsockname()[1]}", NotSent)
            for one in crowd:
                one.close()

    def test_429_is_not_sent_and_says_how_long(self, gateway):
        gateway.answer = answer(429, b"{}", {"Retry-After": "7"})
        error = self.fails(gateway.url, NotSent)
        assert (error.throttled, error.retry_after) == (True, 7.0)

    @pytest.mark.parametrize("wait", ["", "soon", "-1", "1e9", "9" * 30, "Wed, 21 Oct 2026 07:28:00 GMT"])
    def test_429_with_an_odd_wait(self, gateway, wait):
        gateway.answer = answer(429, b"", {"Retry-After": wait})
        assert self.fails(gateway.url, NotSent).retry_after is None

    @pytest.mark.parametrize("behaviour", ["silence", "reset", "close", "half", "drip"])
    def test_no_whole_answer_is_unknown(self, gateway, behaviour):
        gateway.answer = behaviour
        self.fails(gateway.url, Unknown)

    @pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
    def test_a_fault_of_the_gateway_is_unknown(self, gateway, status):
        gateway.answer = answer(status, b"<html>oops</html>")
        self.fails(gateway.url, Unknown)

    @pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"<html>", b"\xff\xfe", b'{"sid": 5}', b'{"sid": ""}', b"[" * 50_000])
    def test_nonsense_in_a_2xx_is_unknown(self, gateway, body):
        gateway.answer = answer(self.accepted[0], body)
        self.fails(gateway.url, Unknown)

    def test_ten_megabytes_are_not_read(self, gateway):
        gateway.answer = answer(self.accepted[0], b'{"sid": "' + b"x" * 10_000_000 + b'"}')
        assert "over 65536 bytes" in self.fails(gateway.url, Unknown).detail

    def test_no_redirect_is_followed(self, gateway):
        for status in (301, 302, 303, 307, 308):
            gateway.answer = answer(status, b"", {"Location": gateway.url + "/again"})
            with pytest.raises((Unknown, Misconfigured)):
                self.send(gateway.url)
        assert len(gateway.requests) == 5

    def test_an_error_that_repeats_our_secrets_is_cleaned(self, gateway):
        for status in (400, 401, 429, 500):
            gateway.answer = answer(status, json.dumps({"code": 1, "message": " ".join(self.secrets)}).encode())
            with pytest.raises(ProviderError) as caught:
                self.send(gateway.url)
            self.holds_no_secret(caught.value)

    def test_every_status_word(self):
        backend, provider = registry.get(self.kind), self.provider("http://127.0.0.1")
        for word, status in self.words.items():
            assert backend.parse_status(provider, self.report(word))[0].status is status

    def test_unknown_status_word_is_kept(self):
        report = registry.get(self.kind).parse_status(self.provider("http://127.0.0.1"), self.report("teleported"))[0]
        assert (report.status, report.raw_status) == (ReportStatus.UNKNOWN, "teleported")

    def test_report_has_our_reference(self):
        report = registry.get(self.kind).parse_status(self.provider("http://127.0.0.1"), self.signed("status"))[0]
        assert (report.status, report.reference) == (ReportStatus.DELIVERED, "1f-9ab3c0d2e4f5")

    def test_inbound_text(self):
        text = registry.get(self.kind).parse_inbound(self.provider("http://127.0.0.1"), self.signed("inbound"))[0]
        assert isinstance(text, InboundSms)
        assert (text.sender, text.text) == ("+33639980102", "Bonjour")

    @pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"a=%00%ff", b"&&&===", b"a=1&" * 5000, b'{"json": 1}'])
    @pytest.mark.parametrize("event", ["status", "inbound"])
    def test_nonsense_webhook_is_a_value_error(self, event, body):
        backend, provider = registry.get(self.kind), self.provider("http://127.0.0.1")
        with pytest.raises(ValueError):
            (backend.parse_status if event == "status" else backend.parse_inbound)(provider, Webhook(event, "", "", body, ""))

    @pytest.mark.parametrize("event", ["status", "inbound"])
    def test_right_signature_is_taken(self, event):
        registry.get(self.kind).verify(self.provider("http://127.0.0.1"), self.signed(event))

    @pytest.mark.parametrize("event", ["status", "inbound"])
    def test_any_other_signature_is_rejected(self, event):
        backend, provider, good = registry.get(self.kind), self.provider("http://127.0.0.1"), self.signed(event)
        name, value = next(iter(good.headers.items()))
        wrong = ["", " ", "x", value[:-2], value + "=", value.lower(), "é" * 28, "\0", value.swapcase(), "A" * 28]
        forged = [replace(good, headers={name: bad}) for bad in wrong if bad != value]
        forged += [replace(good, headers={}), replace(good, body=good.body + b"&x=1"), replace(good, body=b"\xff" + good.body)]
        forged += [replace(good, url=good.url + "&y=2"), replace(good, url="http://["), replace(good, body=b"a=1&" * 5000)]
        for webhook in forged:
            with pytest.raises(WebhookRejected):
                backend.verify(provider, webhook)

    def test_declarations_have_words(self):
        backend = registry.get(self.kind)
        assert str(backend.label)
        for setting in backend.settings:
            assert str(setting.label)
            assert str(setting.help)
