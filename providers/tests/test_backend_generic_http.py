"""The contract for any HTTP gateway, described in three ways: a form, JSON and XML; and what is its own."""

import hmac
import json
from base64 import b64encode
from dataclasses import replace
from typing import ClassVar
from urllib.parse import parse_qsl, unquote, urlencode
from xml.etree import ElementTree

import pytest

from providers.backends.base import Webhook
from providers.errors import Misconfigured, NotSent, WebhookRejected
from providers.tests.canned import http as answer
from providers.tests.contract import ODD_TEXT, PUBLIC, REFERENCE, BackendContract
from providers.tests.factories import make_sms
from providers.types import ProviderSnapshot, ReportStatus

KEY, SIGNING, PASSWORD = "api-key-4711 &", "signature-secret-0815", "pass/word=23"
STATUS_MAP = "DELIVRD = delivered\nUNDELIV = undelivered\nREJECTD = failed\nbuffered = accepted"
WORDS = {
    "DELIVRD": ReportStatus.DELIVERED, "delivrd": ReportStatus.DELIVERED, "UNDELIV": ReportStatus.UNDELIVERED, "REJECTD": ReportStatus.FAILED,
    "buffered": ReportStatus.ACCEPTED,
}  # fmt: skip


class GenericContract(BackendContract):
    kind = "generic_http"
    secrets = (KEY, SIGNING, PASSWORD)
    words = WORDS
    signs_address = False
    options: ClassVar[dict[str, str]]
    throttled = [(200, b'{"code": "E7"}')]

    @pytest.fixture(autouse=True)
    def _inside(self, settings):
        settings.PRIVATE_GATEWAY_HOSTS = ["127.0.0.1", "gateway.invalid"]
        self.settings = settings

    def provider(self, url: str) -> ProviderSnapshot:
        options = {**self.options, "url": url + self.options["url"]}
        return ProviderSnapshot(id=7, kind=self.kind, options=options, secrets={"api_key": KEY, "signature_secret": SIGNING, "password": PASSWORD})

    def proof(self, body: bytes) -> dict[str, str]:
        return {"x-signature": hmac.digest(SIGNING.encode(), body, "sha256").hex()}

    def hook(self, event: str, body: bytes) -> Webhook:
        query = f"ref={REFERENCE}" if event == "status" else ""
        return Webhook(event, f"{PUBLIC}/{event}/?{query}", query, body, "", self.proof(body))

    def test_its_settings_have_no_fault(self):
        found = self.provider("https://sms.example.org")
        assert self.backend.clean(found.options, found.secrets) == {}


class TestJson(GenericContract):
    options = {
        "url": "/send?key={api_key}", "method": "POST", "format": "json", "auth": "bearer",
        "body": '{"to": "{to}", "from": "{from}", "sms": {"text": "{text}", "ref": "{reference}"}, "dlr": "{callback}"}',
        "headers": "X-Reference: {reference}\nAccept: application/json",
        "id_at": "$.data.id", "success_at": "$.status", "success_words": "ok, queued", "error_at": "$.code", "error_words_at": "$.message",
        "error_map": "E1 = invalid_number\nE7 = throttled\nE8 = account\nE9 = gateway_trouble\n6 = unreachable",
        "report_status_at": "$.data.state", "report_id_at": "$.data.id", "report_reference_at": "$.data.ref", "report_code_at": "$.data.err",
        "status_map": STATUS_MAP, "text_from_at": "from", "text_to_at": "to", "text_at": "$.message.text", "text_id_at": "$.message.id",
        "proof": "hmac", "signature_header": "X-Signature", "signature_algorithm": "sha256", "signature_encoding": "hex",
    }  # fmt: skip
    accepted = (200, b'{"status": "OK", "data": {"id": 4711}}', "4711")
    refused = [
        (200, b'{"status": "error", "code": "E1", "message": "bad number"}', "invalid_number"), (200, b'{"status": "error"}', "refused"),
        (400, b'{"code": "e1"}', "invalid_number"), (400, b"no", "refused"), (200, b'{"status": "error", "code": "E99"}', "refused"),
    ]  # fmt: skip
    misconfigured = [(401, b""), (403, b"{}"), (402, b""), (404, b""), (405, b""), (200, b'{"status": "error", "code": "E8"}'), (301, b"")]
    unknown = [(200, b'{"code": "E9"}'), (200, b'{"status": "ok"}'), (200, b'{"status": "ok", "data": {"id": ""}}'), (200, b'{"status": null}')]
    reports = [
        ("report-delivered.json", ReportStatus.DELIVERED, ""), ("report-absent.json", ReportStatus.UNDELIVERED, "unreachable"),
        ("report-rejected.json", ReportStatus.FAILED, "not_delivered"),
    ]  # fmt: skip
    text = "text.json"
    case_matters = False

    def values_of(self, request: bytes) -> set[str]:
        told = json.loads(request.partition(b"\r\n\r\n")[2])
        return {told["sms"]["text"], told["sms"]["ref"], told["to"]}

    def report_body(self, word: str) -> bytes:
        return json.dumps({"data": {"id": "m-1", "state": word}}).encode()

    def test_wire_format(self, gateway):
        gateway.answer = answer(*self.accepted[:2])
        self.send(gateway.url, make_sms(callback_url="https://sms.example.org/h/?ref=1-abc"))
        head, _, body = gateway.requests[0].partition(b"\r\n\r\n")
        assert head.startswith(b"POST /send?key=api-key-4711%20%26 HTTP/1.1\r\n")
        lines = dict(line.split(": ", 1) for line in head.decode().lower().splitlines()[1:])
        assert (lines["authorization"], lines["x-reference"], lines["content-type"]) == (f"bearer {KEY}", "1-abc", "application/json")
        assert json.loads(body) == {
            "to": "+33639980101", "from": "+33639980001", "sms": {"text": "Hello", "ref": "1-abc"}, "dlr": "https://sms.example.org/h/?ref=1-abc",
        }  # fmt: skip

    def test_half_a_character_does_not_break_the_call(self, gateway):
        gateway.answer = answer(*self.accepted[:2])
        self.send(gateway.url, make_sms(text="a\ud800b"))
        assert json.loads(gateway.requests[0].partition(b"\r\n\r\n")[2])["sms"]["text"] == "a?b"

    def test_a_gateway_that_is_told_no_reference_of_ours_is_known_by_its_id(self, gateway):
        gateway.answer = answer(*self.accepted[:2])
        assert self.send(gateway.url).known_as == ()
        self.options = self.options | {"body": '{"to": "{to}", "text": "{text}"}', "headers": ""}
        assert self.send(gateway.url).known_as == ("4711",)

    def test_many_reports_in_one_post(self):
        options = self.options | {"report_list_at": "$.reports", "report_status_at": "$.state", "report_id_at": "id"}
        body = b'{"reports": [{"id": 1, "state": "DELIVRD"}, {"id": 2, "state": "REJECTD"}]}'
        found = self.backend.parse_status(replace(self.plain, options=options), Webhook("status", "", "", body, ""))
        assert [(report.gateway_id, report.status) for report in found] == [("1", ReportStatus.DELIVERED), ("2", ReportStatus.FAILED)]
        for nothing in (b'{"reports": []}', b'{"reports": 5}', b"{}", b"[5]"):
            with pytest.raises(ValueError):
                self.backend.parse_status(replace(self.plain, options=options), Webhook("status", "", "", nothing, ""))

    def test_check_says_what_it_knows(self, gateway):
        gateway.answer = answer(405, b"")
        assert "HTTP 405" in self.asked(gateway.url)
        assert gateway.requests[0].startswith(b"OPTIONS /send HTTP/1.1\r\n")
        assert KEY.encode() not in gateway.requests[0]

    def asked(self, url: str) -> str:
        import asyncio

        from providers.backends import http

        async def call() -> str:
            async with http.open_session(connections=1, deadline=0.6) as session:
                return await self.backend.check(session, self.wired(url))

        return asyncio.run(call())

    # --- where it may lead ---

    @pytest.mark.parametrize("url", [
        "https://127.0.0.1:1", "https://localhost:1", "https://[::1]:1", "https://10.0.0.1", "https://192.168.1.1", "https://172.16.0.9",
        "https://169.254.169.254", "https://[::ffff:127.0.0.1]", "https://[::ffff:a00:1]", "https://[fd00:ec2::254]", "https://[fe80::1]",
        "https://2130706433", "https://0x7f.1", "https://127.1", "https://0", "https://100.100.100.200", "https://168.63.129.16",
        "https://[64:ff9b::7f00:1]", "https://[2002:7f00:1::]", "https://[::]", "https://224.0.0.1", "https://255.255.255.255",
    ])  # fmt: skip
    def test_a_machine_inside_is_never_called(self, url):
        self.settings.PRIVATE_GATEWAY_HOSTS = []
        with pytest.raises(Misconfigured) as caught:
            self.send(url)
        assert "inside" in str(caught.value) or "understood" in str(caught.value), str(caught.value)
        self.holds_no_secret(caught.value)

    def test_a_name_that_leads_inside_is_never_called(self, gateway, monkeypatch):
        self.settings.PRIVATE_GATEWAY_HOSTS = []
        for addresses in (["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["::ffff:127.0.0.1"]):
            self.resolve(monkeypatch, addresses)
            with pytest.raises(Misconfigured):
                self.send(gateway.url.replace("http://127.0.0.1", "https://gateway.example.org"))
        assert gateway.requests == []

    def test_what_was_checked_is_what_is_called(self, gateway, monkeypatch):
        """The name is looked up once; the client has no way to find this name by itself."""
        self.settings.PRIVATE_GATEWAY_HOSTS = ["gateway.example.org"]
        asked = self.resolve(monkeypatch, ["127.0.0.1"])
        gateway.answer = answer(*self.accepted[:2])
        assert self.send(gateway.url.replace("127.0.0.1", "gateway.example.org")).gateway_id == "4711"
        assert b"host: gateway.example.org:" in gateway.requests[0].lower()
        assert asked == ["gateway.example.org"]

    def test_a_name_server_that_does_not_answer_is_not_sent_in_time(self, monkeypatch):
        import socket
        import time

        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: time.sleep(1))
        self.settings.PRIVATE_GATEWAY_HOSTS = []
        self.fails("https://gateway.example.org", NotSent)

    def test_a_name_is_looked_up_again_after_a_failure(self, gateway, monkeypatch):
        import asyncio

        from providers.backends import http

        self.settings.PRIVATE_GATEWAY_HOSTS = ["gateway.example.org"]
        gateway.answer = answer(*self.accepted[:2])
        wired = self.wired(gateway.url.replace("127.0.0.1", "gateway.example.org"))

        async def calls() -> str:
            async with http.open_session(connections=4, deadline=2) as session:
                self.resolve(monkeypatch, [])
                with pytest.raises(NotSent):
                    await self.backend.send(session, wired, make_sms())
                asked = self.resolve(monkeypatch, ["127.0.0.1"])
                await asyncio.gather(*[self.backend.send(session, wired, make_sms()) for _ in range(10)])
                return ",".join(asked)

        assert asyncio.run(calls()) == "gateway.example.org", "once for the whole session"
        assert len(gateway.requests) == 10

    def resolve(self, monkeypatch, addresses: list[str]) -> list[str]:
        import socket

        asked: list[str] = []

        def getaddrinfo(host, port, *args, **options):
            asked.append(host)
            return [(socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return asked

    @pytest.mark.parametrize("url", [
        "http://sms.example.org", "https://user:pass@sms.example.org", "https://sms.example.org\\@10.0.0.1", "https://sms.example.org#x",
        "https://sms.example.org.", "ftp://sms.example.org", "https://", "sms.example.org", "https://sms.example.org:99999", "https://sms .example.org",
        "https://10.1.2.3", "https://127.1", "https://①②⑦.⓪.⓪.①", "https://sms.example.org/\n", "https://{to}.example.org", "javascript:alert(1)",
    ])  # fmt: skip
    def test_addresses_that_are_refused_when_they_are_entered(self, url):
        self.settings.PRIVATE_GATEWAY_HOSTS = []
        options = self.options | {"url": url}
        assert "url" in self.backend.clean(options, self.plain.secrets)

    def test_plain_http_needs_a_named_host_at_the_moment_of_the_call_too(self, gateway):
        self.settings.PRIVATE_GATEWAY_HOSTS = []
        gateway.answer = answer(*self.accepted[:2])
        with pytest.raises(Misconfigured):
            self.send(gateway.url)
        assert gateway.requests == []

    def test_settings_that_are_not_whole_pause_the_lane(self):
        broken = replace(self.plain, options=self.options | {"url": "https://x.example.org", "body": "{"})
        assert self.backend.wire(broken) is None
        self.provider = lambda url: broken
        with pytest.raises(Misconfigured):
            self.send("https://x.example.org")


class TestForm(GenericContract):
    options = {
        "url": "/cgi/send", "method": "POST", "format": "form", "auth": "basic", "username": "anna",
        "body": "to={to_digits}\nfrom={from}\ntext={text}\ndlr-url={callback}\nkey={api_key}\ncoding=2", "id_at": r"re:^0: Accepted (\w+)", "success_at": "re:^0: ",
        "error_at": r"re:^(\d+):", "error_map": "3 = throttled\n5 = credentials\n7 = opted_out", "report_status_at": "state", "report_id_at": "id",
        "report_code_at": "err", "status_map": STATUS_MAP, "text_from_at": "from", "text_to_at": "to", "text_at": "text", "text_id_at": "id",
        "proof": "basic", "hook_user": "gateway", "hook_answer": "ACK",
    }  # fmt: skip
    secrets = (KEY, PASSWORD)
    accepted = (202, b"0: Accepted m4711", "m4711")
    refused = [(202, b"7: STOP", "opted_out"), (400, b"7: STOP", "opted_out"), (400, b"what", "refused")]
    misconfigured = [(403, b"Authorization failed"), (202, b"5: who are you"), (307, b"")]
    throttled = [(202, b"3: later"), (503, b"3: later")]
    unknown = [(202, b"<h1>Hello</h1>"), (202, b"0: Accepted "), (202, b"99")]
    reports = [("report-delivered.txt", ReportStatus.DELIVERED, ""), ("report-rejected.txt", ReportStatus.FAILED, "opted_out")]
    text = "text.txt"
    signs_body = False

    def provider(self, url: str) -> ProviderSnapshot:
        made = super().provider(url)
        return replace(made, secrets={"api_key": KEY, "password": PASSWORD, "hook_password": PASSWORD})

    def proof(self, body: bytes) -> dict[str, str]:
        return {"authorization": "Basic " + b64encode(f"gateway:{PASSWORD}".encode()).decode()}

    def report_body(self, word: str) -> bytes:
        return f"id=m1&state={word}".encode()

    def test_a_report_by_get(self):
        query = f"ref={REFERENCE}&id=m1&state=DELIVRD"
        webhook = Webhook("status", f"{PUBLIC}/status/?{query}", query, query.encode(), "", self.proof(b""))
        self.backend.verify(self.plain, webhook)
        report = self.backend.parse_status(self.plain, webhook)[0]
        assert (report.gateway_id, report.reference, report.status) == ("m1", REFERENCE, ReportStatus.DELIVERED)

    def test_our_answer_is_what_the_gateway_wants(self):
        assert self.backend.answer(self.plain, "status") == ("ACK", "text/plain")

    def test_a_get_with_the_text_behind_the_question_mark(self, gateway):
        options = self.options | {"method": "GET", "format": "none", "url": "/send?to={to}&text={text}", "body": "", "headers": ""}
        self.options, gateway.answer = options, answer(*self.accepted[:2])
        self.send(gateway.url, make_sms(text=ODD_TEXT))
        line = gateway.requests[0].partition(b"\r\n")[0].decode()
        assert line.startswith("GET /send?to=%2B33639980101&text=")
        assert unquote(line.split(" ")[1].partition("text=")[2]) == ODD_TEXT
        assert self.backend.clean({**options, "url": "https://sms.example.org" + options["url"]}, self.plain.secrets) == {}

    @pytest.mark.parametrize(("written", "kept"), [
        ("33639980102", "+33639980102"), ("0033639980102", "+33639980102"), ("+33639980102", "+33639980102"), ("36111", "36111"), ("RIVERSIDE", "RIVERSIDE"),
        ("0639980102", "0639980102"), ("2125550168", "2125550168"), ("639980102", "639980102"),
    ])  # fmt: skip
    def test_a_sender_without_a_country_gets_none_here(self, written, kept):
        plain = ProviderSnapshot(id=7, kind="generic_http", options={"text_from_at": "from", "text_at": "text"})
        body = urlencode({"from": written, "text": "Hi"}).encode()
        assert self.backend.parse_inbound(plain, Webhook("inbound", "", "", body, ""))[0].sender == kept

    def test_without_an_id_the_same_post_is_the_same_text(self):
        options = {name: value for name, value in self.options.items() if name != "text_id_at"}
        plain = replace(self.plain, options=options)
        ids = [self.backend.parse_inbound(plain, Webhook("inbound", "", "", body, ""))[0].gateway_id for body in (b"from=1&text=a", b"from=1&text=a", b"from=1&text=b")]
        assert (ids[0] == ids[1], ids[0] == ids[2]) == (True, False)


class TestXml(GenericContract):
    options = {
        "url": "/xml", "method": "PUT", "format": "xml", "auth": "none",
        "body": '<?xml version="1.0" encoding="UTF-8"?>\n<send key="{api_key}"><sms to="{to}" note="{text}">{text}</sms></send>',
        "id_at": "/reply/sms[2]/@id", "error_at": "/reply/error/code", "error_map": "11 = not_mobile", "report_status_at": "/report/sms/@state",
        "report_id_at": "/report/sms/@id", "report_code_at": "/report/sms/@err", "status_map": STATUS_MAP + "\nx = delivered",
        "text_from_at": "/in/from", "text_to_at": "/in/to", "text_at": "/in/text", "text_id_at": "/in/text/@id",
        "proof": "hmac", "signature_header": "Signature", "signature_algorithm": "sha512", "signature_encoding": "base64",
    }  # fmt: skip
    accepted = (200, b'<?xml version="1.0"?><r:reply xmlns:r="urn:x"><sms id="0"/><r:sms id="m1"/></r:reply>', "m1")
    refused = [(200, b"<reply><error><code> 11 </code></error></reply>", "not_mobile"), (422, b"<reply><error><code>11</code></error></reply>", "not_mobile")]
    misconfigured = [(401, b"<no/>")]
    throttled = [(429, b"<no/>")]
    unknown = [
        (200, b'<!DOCTYPE r [<!ENTITY a "aaaa">]><reply><sms/><sms id="1&a;"/></reply>'), (200, b'<reply><sms id="1"/></reply>'),
        (200, '<?xml version="1.0" encoding="UTF-16"?><reply/>'.encode("utf-16")), (200, b"<a>" * 10_000),
    ]  # fmt: skip
    reports = [("report-delivered.xml", ReportStatus.DELIVERED, ""), ("report-absent.xml", ReportStatus.UNDELIVERED, "not_delivered")]
    text = "text.xml"

    def proof(self, body: bytes) -> dict[str, str]:
        return {"signature": "sha512=" + b64encode(hmac.digest(SIGNING.encode(), body, "sha512")).decode()}

    def values_of(self, request: bytes) -> set[str]:
        root = ElementTree.fromstring(request.partition(b"\r\n\r\n")[2])
        assert [node.tag for node in root.iter()] == ["send", "sms"], "nothing has broken out"
        return {str(root[0].text), root[0].attrib["note"]}

    def report_body(self, word: str) -> bytes:
        return f'<report><sms id="m1" state="{word}"/></report>'.encode()

    def test_what_xml_cannot_hold_is_left_out(self, gateway):
        gateway.answer = answer(*self.accepted[:2])
        self.send(gateway.url, make_sms(text="a\x0bb\x00c\ufffe]]>d"))
        assert self.values_of(gateway.requests[0]) == {"abc]]>d"}

    def test_the_secret_address_alone(self):
        plain = replace(self.plain, options=self.options | {"proof": "address"}, secrets={})
        self.backend.verify(plain, Webhook("status", "", "", b"", ""))
        with pytest.raises(WebhookRejected):
            self.backend.verify(replace(plain, options={"proof": "what"}), Webhook("status", "", "", b"", ""))




def test_the_example_in_the_documentation_works(gateway, settings):
    """docs/providers/generic_http.md: Kannel, inside."""
    import asyncio
    from pathlib import Path

    from providers import registry
    from providers.backends import http

    settings.PRIVATE_GATEWAY_HOSTS = ["127.0.0.1", "kannel.internal"]
    told = next(line for line in (Path(__file__).parents[2] / "docs/providers/generic_http.md").read_text().splitlines() if "kannel.internal:13013" in line)
    address = told.split("`")[1]
    options = {
        "url": address, "method": "GET", "format": "none", "success_at": r"re:^(\d+):", "success_words": "0, 3", "report_status_at": "state",
        "status_map": "1 = delivered\n2 = undelivered\n8 = accepted\n16 = failed", "report_id_at": "id", "proof": "address", "username": "anna", "auth": "none",
    }  # fmt: skip
    secrets = {"password": PASSWORD}
    backend = registry.get("generic_http")
    assert backend.clean(options, secrets) == {}
    here = options | {"url": address.replace("http://kannel.internal:13013", gateway.url)}
    plain = ProviderSnapshot(id=7, kind="generic_http", options=here, secrets=secrets)
    gateway.answer = answer(202, b"0: Accepted for delivery")

    async def call() -> str:
        async with http.open_session(connections=1, deadline=2) as session:
            sms = make_sms(text=ODD_TEXT, callback_url="https://sms.example.org/hooks/g/t/status/?ref=1f-9")
            return (await backend.send(session, replace(plain, wire=backend.wire(plain)), sms)).gateway_id

    assert asyncio.run(call()) == "1-abc"
    query = dict(parse_qsl(gateway.requests[0].split(b" ")[1].decode().partition("?")[2]))
    assert (query["text"], query["password"]) == (ODD_TEXT, PASSWORD)
    called = query["dlr-url"].replace("%d", "1").replace("%I", "m17").partition("?")[2]
    report = backend.parse_status(plain, Webhook("status", "", called, called.encode(), ""))[0]
    assert (report.reference, report.status, report.gateway_id) == ("1f-9", ReportStatus.DELIVERED, "m17")
