"""Trying a provider out: the request that would be made, and what is understood of a pasted report."""

import pytest
from django.test import Client

from providers import registry
from providers.models import Provider, WebhookEvent
from providers.tests.administering import ADD, GENERIC, trial
from providers.tests.factories import make_provider

pytestmark = pytest.mark.django_db


def test_the_request_is_shown_without_its_secrets_and_without_a_call(administrator):
    administrator.post(ADD + "?kind=generic_http", GENERIC | {"setting_headers": "X-Key: {api_key}"})
    page = administrator.get(trial(Provider.objects.get())).content.decode()
    assert "POST https://sms.example.org/send" in page
    assert "&quot;to&quot;: &quot;+33639980101&quot;" in page
    assert "Authorization: Bearer •••" in page
    assert "X-Key: •••" in page
    assert "4711" not in page


@pytest.mark.parametrize("kind", ["twilio", "vonage", "elks", "simulator"])
def test_every_kind_shows_its_request(administrator, kind):
    secrets = {"auth_token": "hush-hush-1", "api_secret": "hush-hush-2", "password": "hush-hush-3", "hook_password": "hush-hush-4"}
    page = administrator.get(trial(make_provider(kind=kind, options={"account_sid": "ACtest"}, secrets=secrets))).content.decode()
    assert "POST http" in page
    assert "hush" not in page


def test_a_pasted_report_is_understood_and_nothing_is_kept(administrator):
    administrator.post(ADD + "?kind=generic_http", GENERIC)
    provider = Provider.objects.get()
    page = administrator.post(trial(provider), {"event": "status", "sample": '{"id": 17, "state": "DELIVRD"}'}).content.decode()
    assert "<td>Delivered</td>" in page
    assert "<td>17</td>" in page
    page = administrator.post(trial(provider), {"event": "inbound", "sample": "https://x.example.org/?from=0033639980102&text=Bonjour"}).content.decode()
    assert "<td>+33639980102</td>" in page
    page = administrator.post(trial(provider), {"event": "status", "sample": "<script>alert(1)</script>"}).content.decode()
    assert "Nothing is understood of it" in page
    assert "<script>alert(1)" not in page
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize("kind", [kind for kind, _label in registry.choices()])
@pytest.mark.parametrize("sample", ["x", "{}", "id=1&status=2", "<a/>", "?a=b", "00ff"])
def test_trying_out_never_breaks_whatever_is_pasted_and_however_bare_the_provider(administrator, kind, sample):
    provider = make_provider(kind=kind, senders=[])
    for event in ("status", "inbound", "what"):
        assert administrator.post(trial(provider), {"event": event, "sample": sample}).status_code == 200


def test_trying_out_is_for_administrators(client_for):
    provider = make_provider()
    for role in ("staff", "marketer"):
        assert client_for(role).get(trial(provider)).status_code == 302
    assert Client().get(trial(provider)).status_code == 302
    assert client_for("administrator").get("/admin/providers/provider/999999/trial/").status_code == 404
