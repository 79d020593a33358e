"""Providers in the Django admin: addresses to copy, the connection test, and buttons of the apps above."""

import pytest
from django.test import Client

from providers import slots
from providers.tests.administering import change
from providers.tests.canned import http
from providers.tests.factories import make_provider, make_twilio

pytestmark = pytest.mark.django_db


def test_an_address_that_needs_a_password_has_a_place_for_it(administrator, settings):
    provider = make_provider(kind="elks", secrets={"hook_password": "hook-password-4711"})
    settings.PUBLIC_BASE_URL = "https://sms.example.org"
    page = administrator.get(change(provider)).content.decode()
    assert f"https://reports:PASSWORD@sms.example.org/hooks/elks/{provider.webhook_token}/inbound/" in page
    assert "hook-password" not in page


def test_addresses_to_copy(administrator, settings):
    provider = make_twilio()
    settings.PUBLIC_BASE_URL = "https://sms.example.org"
    page = administrator.get(change(provider)).content.decode()
    assert f"https://sms.example.org/hooks/twilio/{provider.webhook_token}/status/" in page
    assert f"https://sms.example.org/hooks/twilio/{provider.webhook_token}/inbound/" in page
    assert f'data-copy="https://sms.example.org/hooks/twilio/{provider.webhook_token}/inbound/"' in page
    assert "js/copy" in page
    settings.PUBLIC_BASE_URL = ""
    assert "PUBLIC_BASE_URL is empty" in administrator.get(change(provider)).content.decode()
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:8000"
    assert "Only a stand-in on this machine can call them" in administrator.get(change(provider)).content.decode()
    settings.PUBLIC_BASE_URL = "http://sms.example.org"
    assert "does not begin with https" in administrator.get(change(provider)).content.decode()


def test_connection_test(administrator, simulator):
    provider = make_provider()
    page = administrator.post(f"/admin/providers/provider/{provider.pk}/check/", follow=True).content.decode()
    assert "Connected to the account “Simulated gateway”." in page


def test_connection_test_that_fails_says_why(administrator, gateway):
    provider = make_twilio(options={"account_sid": "ACtest", "base_url": gateway.url})
    gateway.answer = http(401, b'{"code": 20003, "message": "Authenticate"}')
    page = administrator.post(f"/admin/providers/provider/{provider.pk}/check/", follow=True).content.decode()
    assert "The gateway refuses our credentials" in page
    assert "token-4711" not in page
    provider.refresh_from_db()
    assert "credentials" in provider.last_error


def test_an_answer_that_may_mean_trouble_is_shown_as_a_warning(administrator, gateway, settings):
    settings.PRIVATE_GATEWAY_HOSTS = ["127.0.0.1"]
    options = {"url": gateway.url, "format": "form", "body": "text={text}", "id_at": "id", "proof": "address"}
    provider = make_provider(kind="generic_http", options=options)
    for status, level in ((405, "success"), (404, "warning")):
        gateway.answer = http(status)
        page = administrator.post(f"/admin/providers/provider/{provider.pk}/check/", follow=True)
        assert [message.level_tag for message in page.context["messages"]] == [level]


def test_connection_test_is_a_post_of_those_who_may(administrator, client_for, gateway):
    provider = make_twilio(options={"account_sid": "ACtest", "base_url": gateway.url})
    address = f"/admin/providers/provider/{provider.pk}/check/"
    administrator.get(address)
    assert client_for("marketer").post(address).status_code == 302
    assert Client().post(address).status_code == 302
    assert Client(enforce_csrf_checks=True).post(address).status_code in (302, 403)
    assert gateway.requests == []
    assert administrator.post("/admin/providers/provider/999999/check/").status_code == 404
    assert administrator.post("/admin/providers/provider/x/check/").status_code == 404


@pytest.mark.parametrize("nonsense", ["²", "-", "%00", "9" * 30, "9" * 5000])
def test_connection_test_of_what_is_no_number_is_a_404(administrator, nonsense):
    assert administrator.post(f"/admin/providers/provider/{nonsense}/check/").status_code == 404


def test_actions_of_the_apps_above(administrator, monkeypatch):
    action = type("SendTest", (), {"label": "Send test", "icon": "send", "permission": "campaigns.add_message", "url": lambda self, p: f"/test/{p.pk}"})
    monkeypatch.setattr(slots, "provider_actions", [action()])
    provider = make_provider()
    assert f'href="/test/{provider.pk}"' in administrator.get(change(provider)).content.decode()


def test_a_kind_without_webhooks_offers_neither_addresses_nor_requests_to_look_at(administrator):
    provider = make_provider(kind="smpp", options={"host": "127.0.0.1", "system_id": "demo"}, secrets={"password": "hush-4711-hush"})
    page = administrator.get(f"/admin/providers/provider/{provider.pk}/change/").content.decode()
    assert "Try out" not in page
    assert "/hooks/" not in page
    assert "hush-4711" not in page
    assert "Test connection" in page
