"""The contract for any HTTP gateway, described in three ways: a form, JSON and XML; and what is its own."""

import hmac
import json
from base64 import b64encode
from dataclasses import replace
from urllib.parse import parse_qsl, unquote, urlencode
from xml.etree import ElementTree

import pytest

from providers.backends.base import Doubt, Webhook
from providers.errors import Misconfigured, WebhookRejected
from providers.tests.canned import http as answer
from providers.tests.contract import ODD_TEXT, PUBLIC, REFERENCE, BackendContract
from providers.tests.described import JSON, KEY, PASSWORD, SIGNING, STATUS_MAP, Described
from providers.tests.factories import make_sms
from providers.types import ProviderSnapshot, ReportStatus

WORDS = {
    "DELIVRD": ReportStatus.DELIVERED, "delivrd": ReportStatus.DELIVERED, "UNDELIV": ReportStatus.UNDELIVERED, "REJECTD": ReportStatus.FAILED,
    "buffered": ReportStatus.ACCEPTED,
}  # fmt: skip


class GenericContract(Described, BackendContract):
    words = WORDS
    signs_address = False
    throttled = [(200, b'{"code": "E7"}')]

    def proof(self, body: bytes) -> dict[str, str]:
        return {"x-signature": hmac.digest(SIGNING.encode(), body, "sha256").hex()}

    def hook(self, event: str, body: bytes) -> Webhook:
        query = f"ref={REFERENCE}" if event == "status" else ""
        return Webhook(event, f"{PUBLIC}/{event}/?{query}", query, body, "", self.proof(body))

    def test_its_settings_have_no_fault(self):
        found = self.provider("https://sms.example.org")
        assert self.backend.clean(found.options, found.secrets) == {}


class TestJson(GenericContract):
    options = JSON
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

    @pytest.mark.parametrize(("status", "is_doubt", "words"), [
        (200, False, "Something answers"), (204, False, "Something answers"), (401, False, "Something answers"), (501, False, "Something answers"),
        (404, True, "nothing is at this address"), (410, True, "nothing is at this address"), (301, True, "leads elsewhere"), (503, True, "fault of its own"),
    ])  # fmt: skip
    def test_an_answer_that_may_mean_trouble_is_no_success(self, gateway, status, is_doubt, words):
        gateway.answer = answer(status, b"", {"Location": gateway.url} if status == 301 else {})
        found = self.asked(gateway.url)
        assert (isinstance(found, Doubt), words in found, f"HTTP {status}" in found) == (is_doubt, True, True)

    def asked(self, url: str) -> str:
        import asyncio

        from providers.backends import http

        async def call() -> str:
            async with http.open_session(connections=1, deadline=0.6) as session:
                return await self.backend.check(session, self.wired(url))

        return asyncio.run(call())

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
