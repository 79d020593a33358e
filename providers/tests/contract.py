"""What every backend that speaks HTTP must satisfy, against a real socket. A backend's test subclasses BackendContract and gives its samples."""

import asyncio
import json
import logging
import socket
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qsl

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
REFERENCE = "1f-9ab3c0d2e4f5"
PUBLIC = "https://sms.example.org/hooks/x/t"
ODD_TEXT = "Ça va ? 5 € & co = 100 % 😀 <b>\"'\\ {to}\n+1"


def sample(kind: str, name: str) -> bytes:
    """A file of providers/tests/samples/<kind>/, as the gateway sends it."""
    return (Path(__file__).parent / "samples" / kind / name).read_bytes().rstrip(b"\n")


class Asked:
    """How a backend that speaks HTTP is asked. A test's class gives the kind, its secrets and a provider."""

    kind: ClassVar[str]
    secrets: ClassVar[tuple[str, ...]] = ()

    def provider(self, url: str) -> ProviderSnapshot:
        """A provider whose gateway is at `url`."""
        raise NotImplementedError

    @property
    def backend(self):
        return registry.get(self.kind)

    @property
    def plain(self) -> ProviderSnapshot:
        return self.provider("http://127.0.0.1")

    def wired(self, url: str) -> ProviderSnapshot:
        plain = self.provider(url)
        return replace(plain, wire=self.backend.wire(plain))

    def send(self, url: str, sms: OutboundSms | None = None) -> SendResult:
        async def call() -> SendResult:
            async with http.open_session(connections=4, deadline=DEADLINE) as session:
                return await self.backend.send(session, self.wired(url), sms or make_sms())

        return asyncio.run(call())

    def fails(self, url: str, expected: type[ProviderError]) -> ProviderError:
        begun = time.monotonic()
        with pytest.raises(ProviderError) as caught:
            self.send(url)
        assert time.monotonic() - begun < DEADLINE + 1.5
        assert type(caught.value) is expected, (caught.value, caught.value.detail)
        assert not caught.value.reason or caught.value.reason in FAILURES
        self.holds_no_secret(caught.value)
        return caught.value

    def holds_no_secret(self, error: BaseException) -> None:
        text = repr(error) + str(error) + repr(vars(error)) + repr(error.__context__ if not error.__suppress_context__ else "")
        assert not [secret for secret in self.secrets if secret in text]


class BackendContract(Asked):
    """Samples are (HTTP status, body), and for refusals the neutral reason. Reports are files of samples/<kind>/ with what they mean."""

    accepted: ClassVar[tuple[int, bytes, str]]  # the last is the gateway's id
    refused: ClassVar[list[tuple[int, bytes, str]]]
    misconfigured: ClassVar[list[tuple[int, bytes]]]
    throttled: ClassVar[list[tuple[int, bytes]]] = []  # beside 429
    unknown: ClassVar[list[tuple[int, bytes]]] = []  # beside 5xx and nonsense
    reports: ClassVar[list[tuple[str, ReportStatus, str]]]  # the first is a delivered text with our reference
    words: ClassVar[dict[str, ReportStatus]]
    text: ClassVar[str]  # a text from +33639980102 that says "Bonjour"
    signs_address: ClassVar[bool] = True
    signs_body: ClassVar[bool] = True
    case_matters: ClassVar[bool] = True  # in a signature

    def hook(self, event: str, body: bytes) -> Webhook:
        """A webhook with that body, as the gateway proves it; the address of a report carries our reference."""
        raise NotImplementedError

    def report_body(self, word: str) -> bytes:
        """The body of a report with that status word."""
        raise NotImplementedError

    def values_of(self, request: bytes) -> set[str]:
        """What a request to the gateway says."""
        return set(dict(parse_qsl(request.partition(b"\r\n\r\n")[2].decode(), keep_blank_values=True)).values())

    def forged(self, good: Webhook) -> list[Webhook]:
        """The same webhook, proved wrongly in many ways."""
        name, value = next(iter(good.headers.items()))
        wrong = ["", " ", "x", value[:-2], value + "=", "é" * 28, "\0", "A" * 28]
        wrong += [value.lower(), value.swapcase()] if self.case_matters else []
        forged = [replace(good, headers={name: bad}) for bad in wrong if bad != value] + [replace(good, headers={})]
        if self.signs_body:
            forged += [replace(good, body=good.body + b"&x=1"), replace(good, body=b"\xff" + good.body), replace(good, body=b"a=1&" * 5000)]
        return forged + ([replace(good, url=good.url + "&y=2"), replace(good, url="http://[")] if self.signs_address else [])

    # --- a text ---

    def test_accepted_text_has_the_gateways_id(self, gateway):
        status, body, id_ = self.accepted
        gateway.answer = answer(status, body)
        assert self.send(gateway.url).gateway_id == id_

    def test_text_arrives_whole(self, gateway):
        gateway.answer = answer(*self.accepted[:2])
        self.send(gateway.url, make_sms(text=ODD_TEXT))
        assert ODD_TEXT in self.values_of(gateway.requests[0])

    def test_refused(self, gateway):
        for status, body, reason in self.refused:
            gateway.answer = answer(status, body)
            assert self.fails(gateway.url, Refused).reason == reason, body

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

    def test_429_may_say_until_when(self, gateway):
        gateway.answer = answer(429, b"{}", {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)})
        assert 80 < self.fails(gateway.url, NotSent).retry_after <= 90

    @pytest.mark.parametrize("wait", ["", "soon", "-1", "1e9", "9" * 30, "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 99 Oct 2915 07:28:00 GMT"])
    def test_429_with_an_odd_wait(self, gateway, wait):
        gateway.answer = answer(429, b"", {"Retry-After": wait})
        assert self.fails(gateway.url, NotSent).retry_after is None

    def test_a_gateway_that_asks_for_a_slower_pace_in_its_own_words(self, gateway):
        for status, body in self.throttled:
            gateway.answer = answer(status, body)
            assert self.fails(gateway.url, NotSent).throttled

    @pytest.mark.parametrize("behaviour", ["silence", "reset", "close", "half", "drip", "endless"])
    def test_no_whole_answer_is_unknown(self, gateway, behaviour):
        gateway.answer = behaviour
        self.fails(gateway.url, Unknown)

    @pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
    def test_a_fault_of_the_gateway_is_unknown(self, gateway, status):
        gateway.answer = answer(status, b"<html>oops</html>")
        self.fails(gateway.url, Unknown)

    def test_what_the_gateway_itself_does_not_know_is_unknown(self, gateway):
        for status, body in self.unknown:
            gateway.answer = answer(status, body)
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
            with pytest.raises((Unknown, Misconfigured)) as caught:
                self.send(gateway.url)
            assert caught.value.reason == ("redirected" if status in (302, 303) else "address")
        assert len(gateway.requests) == 5

    def test_an_error_that_repeats_our_secrets_is_cleaned(self, gateway, caplog):
        caplog.set_level(logging.DEBUG)
        words = " ".join(self.secrets)
        for status in (400, 401, 429, 500):
            for body in (json.dumps({"code": 1, "message": words, "error-text": words}).encode(), words.encode()):
                gateway.answer = answer(status, body)
                with pytest.raises(ProviderError) as caught:
                    self.send(gateway.url)
                self.holds_no_secret(caught.value)
        assert not [secret for secret in self.secrets if secret in caplog.text]

    # --- what it tells us ---

    def test_every_sample_of_a_report(self):
        for name, status, reason in self.reports:
            webhook = self.hook("status", sample(self.kind, name))
            self.backend.verify(self.plain, webhook)
            report = self.backend.parse_status(self.plain, webhook)[0]
            assert (report.status, report.reason, bool(report.gateway_id)) == (status, reason, True), name

    def test_every_status_word(self):
        for word, status in self.words.items():
            assert self.backend.parse_status(self.plain, self.hook("status", self.report_body(word)))[0].status is status, word

    def test_unknown_status_word_is_kept(self):
        report = self.backend.parse_status(self.plain, self.hook("status", self.report_body("teleported")))[0]
        assert (report.status, report.raw_status) == (ReportStatus.UNKNOWN, "teleported")

    def test_report_has_our_reference(self):
        report = self.backend.parse_status(self.plain, self.hook("status", sample(self.kind, self.reports[0][0])))[0]
        assert (report.status, report.reference) == (ReportStatus.DELIVERED, REFERENCE)

    def test_inbound_text(self):
        text = self.backend.parse_inbound(self.plain, self.hook("inbound", sample(self.kind, self.text)))[0]
        assert isinstance(text, InboundSms)
        assert (text.sender, text.text, bool(text.gateway_id)) == ("+33639980102", "Bonjour", True)

    @pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"a=%00%ff", b"&&&===", b"a=1&" * 5000, b'{"json": 1}', b"[" * 5000, b"<a>" * 5000])
    @pytest.mark.parametrize("event", ["status", "inbound"])
    def test_nonsense_webhook_is_a_value_error(self, event, body):
        with pytest.raises(ValueError):
            (self.backend.parse_status if event == "status" else self.backend.parse_inbound)(self.plain, Webhook(event, "", "", body, ""))

    @pytest.mark.parametrize("event", ["status", "inbound"])
    def test_right_signature_is_taken_and_any_other_rejected(self, event):
        good = self.hook(event, sample(self.kind, self.reports[0][0] if event == "status" else self.text))
        self.backend.verify(self.plain, good)
        self.backend.verify(replace(self.plain, wire=None), good)
        for webhook in self.forged(good):
            with pytest.raises(WebhookRejected):
                self.backend.verify(self.plain, webhook)

    def test_without_our_secrets_nothing_is_taken(self):
        good = self.hook("status", sample(self.kind, self.reports[0][0]))
        with pytest.raises(WebhookRejected):
            self.backend.verify(replace(self.plain, secrets={}, webhook_token="another"), good)

    # --- what it declares ---

    def test_declarations_have_words(self):
        assert str(self.backend.label)
        for setting in self.backend.settings:
            assert str(setting.label)
            assert str(setting.help) or setting.choices or not setting.required
