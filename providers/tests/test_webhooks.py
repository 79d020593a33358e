"""Webhooks through the door: what is taken, what is turned away, and never a 500."""

from urllib.parse import urlencode

import pytest
from django.test import Client
from twilio.request_validator import RequestValidator

from providers.models import Provider, WebhookEvent
from providers.signals import inbound_received
from providers.tests.factories import make_provider, make_twilio

pytestmark = pytest.mark.django_db
PUBLIC = "https://sms.example.org"
REPORT = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+33639980101"}
TEXT = {"MessageSid": "SM2", "From": "+33639980102", "To": "+33639980001", "Body": "Bonjour é €"}


@pytest.fixture(autouse=True)
def _public(settings):
    settings.PUBLIC_BASE_URL = PUBLIC


def path(provider: Provider, event: str = "status", query: str = "?ref=1f-9ab") -> str:
    return f"/hooks/{provider.kind}/{provider.webhook_token}/{event}/{query}"


def post(address: str, fields, *, token: str = "token-4711", signature: str | None = None, url: str = "", **extra):
    body = fields if isinstance(fields, bytes) else urlencode(fields, doseq=True).encode()
    params = fields if isinstance(fields, dict) else {}
    if signature is None:
        lists = {name: value if isinstance(value, list) else [value] for name, value in params.items()}
        shape = type("Lists", (dict,), {"getlist": lambda self, name: self[name]})(lists)
        signature = RequestValidator(token).compute_signature(url or PUBLIC + address, shape)
    headers = {"HTTP_X_TWILIO_SIGNATURE": signature} if signature else {}
    return Client(enforce_csrf_checks=True).post(address, body, content_type="application/x-www-form-urlencoded", **headers, **extra)


def test_signed_report_is_stored_and_answered():
    provider = make_twilio()
    answer = post(path(provider), REPORT)
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"<Response/>", "text/xml")
    event = WebhookEvent.objects.get()
    assert (event.provider, event.event, event.query, event.state) == (provider, "status", "ref=1f-9ab", "new")
    assert bytes(event.body) == urlencode(REPORT).encode()


def test_repeat_is_stored_once():
    provider = make_twilio()
    for _ in range(10):
        assert post(path(provider), REPORT).status_code == 200
    assert WebhookEvent.objects.count() == 1
    post(path(make_twilio()), REPORT)
    post(path(provider), REPORT | {"MessageStatus": "sent"})
    assert WebhookEvent.objects.count() == 3


@pytest.mark.parametrize("signature", ["", "x", " ", "A" * 28, "é", "Bearer x", "a" * 10_000, "\x80\xff"])
def test_missing_or_malformed_signature_is_403(signature):
    assert post(path(make_twilio()), REPORT, signature=signature).status_code == 403
    assert not WebhookEvent.objects.exists()


def test_a_forged_report_is_logged_without_the_address_that_it_knew(caplog):
    from smsapp.logs import HookTokens

    provider = make_twilio()
    caplog.handler.addFilter(HookTokens())
    assert post(path(provider), REPORT, signature="forged").status_code == 403
    assert "Forbidden: /hooks/twilio/•••/status/" in caplog.text
    assert provider.webhook_token not in caplog.text


def test_signature_of_somebody_else_is_403():
    provider = make_twilio()
    assert post(path(provider), REPORT, token="other").status_code == 403
    assert post(path(provider), REPORT, url=PUBLIC + path(provider, query="?ref=2")).status_code == 403
    assert post(path(provider), REPORT, url="https://elsewhere.example.org" + path(provider)).status_code == 403
    assert post(path(make_twilio(secrets={})), REPORT, token="").status_code == 403


def test_signature_is_over_the_public_address_whatever_the_host():
    assert post(path(make_twilio()), REPORT, HTTP_HOST="127.0.0.1:8000").status_code == 200


def test_without_public_address_the_address_of_the_request_counts(settings):
    settings.PUBLIC_BASE_URL = ""
    provider = make_twilio()
    assert post(path(provider), REPORT, url="http://testserver" + path(provider)).status_code == 200


def test_signature_covers_every_received_field():
    provider = make_twilio()
    assert post(path(provider), REPORT | {"Extra": ["b", "a"], "Empty": ""}).status_code == 200


def test_unknown_kind_or_token_is_404():
    provider = make_twilio()
    for address in (
        f"/hooks/nothing/{provider.webhook_token}/status/", "/hooks/twilio/wrong/status/", f"/hooks/simulator/{provider.webhook_token}/status/",
        f"/hooks/twilio/{provider.webhook_token}/other/", "/hooks/twilio/%00/status/", "/hooks/twilio/%ff%fe/status/",
    ):  # fmt: skip
        assert post(address, REPORT).status_code == 404, address


def test_only_post():
    address = path(make_twilio())
    for method in ("get", "put", "delete", "patch", "options", "head"):
        assert getattr(Client(), method)(address).status_code == 405


def test_too_long_is_413():
    provider = make_twilio()
    assert post(path(provider), b"a" * 65_537, signature="x").status_code == 413


@pytest.mark.parametrize("event", ["status", "inbound"])
@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"%00=%00", b"%ff%fe=%80", b"a=1&" * 5000, b"MessageSid=%00&MessageStatus=%00", b'{"a": "\x00"}'])
def test_nonsense_is_never_a_500(event, body):
    provider = make_twilio()
    assert post(path(provider, event), body).status_code in (200, 400, 403)
    fields = {"odd": "\0", "MessageSid": "\0", "From": "\0", "Body": "\0\ud7ff"}
    assert post(path(provider, event), fields).status_code == 200


def test_nonsense_in_the_query_is_never_a_500():
    provider = make_twilio()
    for query in ("?ref=%00", "?" + "x" * 2000, "?ref=%ff", "?&&&==="):
        assert post(path(provider, query=query), REPORT).status_code in (200, 403)


def test_incoming_text_is_told_in_the_same_request(django_capture_on_commit_callbacks):
    provider, heard = make_twilio(), []

    def listen(inbound, **kwargs):
        heard.append(inbound)

    inbound_received.connect(listen)
    try:
        for _ in range(2):
            assert post(path(provider, "inbound", ""), TEXT).status_code == 200
    finally:
        inbound_received.disconnect(listen)
    assert [(text.sender, text.text, text.provider_id) for text in heard if text.gateway_id == "SM2"] == [("+33639980102", "Bonjour é €", provider.pk)]
    assert heard[0].event_id == WebhookEvent.objects.get().pk
    assert WebhookEvent.objects.get().state == "applied"


def test_incoming_text_that_nobody_could_take_is_posted_again():
    provider = make_twilio()

    def fail(inbound, **kwargs):
        raise RuntimeError("down")

    inbound_received.connect(fail)
    try:
        client = Client(raise_request_exception=False)
        signature = RequestValidator("token-4711").compute_signature(PUBLIC + path(provider, "inbound", ""), TEXT)
        answer = client.post(
            path(provider, "inbound", ""), urlencode(TEXT), content_type="application/x-www-form-urlencoded", HTTP_X_TWILIO_SIGNATURE=signature
        )
        assert answer.status_code == 500
    finally:
        inbound_received.disconnect(fail)
    assert not WebhookEvent.objects.exists()


def test_a_paused_or_inactive_provider_still_listens():
    assert post(path(make_twilio(active=False, lane="paused")), REPORT).status_code == 200


def test_a_fault_of_ours_while_storing_is_a_500_and_the_gateway_posts_again(monkeypatch):
    provider = make_twilio()

    def fail(*args):
        raise ValueError("a bug")

    with monkeypatch.context() as patch:
        patch.setattr("providers.services.storing.store", fail)
        with pytest.raises(ValueError, match="a bug"):
            post(path(provider), REPORT)
    assert post(path(provider), REPORT).status_code == 200
    assert WebhookEvent.objects.count() == 1


@pytest.mark.parametrize("length", ["x", "1e3", "²"])
def test_a_length_that_is_no_number_is_never_a_500(length):
    answer = Client().post(path(make_twilio()), b"", content_type="text/plain", CONTENT_LENGTH=length)
    assert answer.status_code in (400, 403)


def test_a_gateway_that_calls_by_get_is_stored_whole():
    options = {"report_status_at": "state", "report_id_at": "id", "status_map": "DELIVRD = delivered", "proof": "address", "hook_answer": "ACK"}
    provider = make_provider(kind="generic_http", options=options)
    query = "ref=1f-9ab&id=17&state=DELIVRD&note=" + "x" * 900
    answer = Client().get(path(provider, query=f"?{query}"))
    assert (answer.status_code, answer.content) == (200, b"ACK")
    event = WebhookEvent.objects.get()
    assert bytes(event.body) == query.encode()
    assert (len(event.query), event.query) == (500, query[:500])


def test_reports_are_read_by_what_the_administrator_told():
    from providers.services import inbox
    from providers.signals import reports_received

    options = {"report_status_at": "$.state", "report_id_at": "$.id", "status_map": "arrived = delivered", "proof": "address"}
    provider, heard = make_provider(kind="generic_http", options=options), []

    def listen(reports, **kwargs):
        heard.extend(reports)

    reports_received.connect(listen)
    try:
        assert Client().post(path(provider), b'{"id": 17, "state": "arrived"}', content_type="application/json").status_code == 200
        inbox.process()
    finally:
        reports_received.disconnect(listen)
    assert [(report.gateway_id, report.status, report.reference) for report in heard] == [("17", "delivered", "1f-9ab")]


def test_nothing_that_belongs_to_pages_takes_part(django_assert_num_queries):
    provider = make_twilio()
    post(path(provider), REPORT)
    with django_assert_num_queries(1):
        answer = post(path(provider), REPORT | {"MessageStatus": "sent"})
    assert (answer.cookies, answer["Content-Length"]) == ({}, str(len(answer.content)))
    assert not {"Content-Language", "Vary", "Set-Cookie"} & set(answer.headers)


def test_a_change_of_settings_counts_after_a_second(monkeypatch):
    from providers.services import callers

    provider = make_twilio()
    assert post(path(provider), REPORT).status_code == 200
    Provider.objects.filter(pk=provider.pk).update(webhook_token="moved-elsewhere")
    later = callers.time.monotonic() + callers.SECONDS
    monkeypatch.setattr(callers.time, "monotonic", lambda: later)
    assert post(path(provider), REPORT).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_died_meanwhile_costs_nothing():
    from django.db import connection

    provider = make_twilio()
    assert post(path(provider), REPORT).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    other.close()
    for event, fields in (("status", REPORT | {"MessageStatus": "sent"}), ("inbound", TEXT)):
        assert post(path(provider, event, "?ref=1f-9ab" if event == "status" else ""), fields).status_code == 200
    assert WebhookEvent.objects.count() == 3
