"""Providers in the Django admin."""

import pytest
from django.test import Client

from providers import registry, slots
from providers.models import Provider, WebhookEvent
from providers.services import providers
from providers.tests.factories import make_provider, make_twilio

pytestmark = pytest.mark.django_db
ADD = "/admin/providers/provider/add/"
PLAIN = {
    "name": "Northline", "active": "on", "senders": "+33 6 39 98 00 01\nRIVERSIDE", "rate": "40", "max_segments": "2",
    "price_per_segment": "0.0785", "currency": "eur", "default_region": "fr", "allowed_countries": "fr, GB tn",
}  # fmt: skip
TWILIO = PLAIN | {"setting_account_sid": "ACtest", "setting_auth_token": "a-long-token-4711", "setting_base_url": "http://127.0.0.1:8025"}


@pytest.fixture
def administrator(client_for):
    return client_for("administrator")


def change(provider: Provider) -> str:
    return f"/admin/providers/provider/{provider.pk}/change/"


def errors(response) -> dict[str, list[str]]:
    return dict(response.context["adminform"].form.errors)


def test_only_administrators_enter(client_for):
    for role in ("staff", "marketer"):
        assert client_for(role).get(ADD).status_code == 302
    assert Client().get(ADD).status_code == 302
    assert client_for("administrator").get(ADD).status_code == 200


def test_kind_is_chosen_first(administrator):
    page = administrator.get(ADD).content.decode()
    assert "?kind=twilio" in page
    assert "?kind=simulator" in page
    assert "account_sid" in administrator.get(ADD + "?kind=twilio").content.decode()
    assert "account_sid" not in administrator.get(ADD + "?kind=simulator").content.decode()
    assert "?kind=twilio" in administrator.get(ADD + "?kind=nonsense").content.decode()


def test_no_inline_script_or_style_of_ours(administrator):
    import re

    page = administrator.get(ADD + "?kind=twilio").content.decode()
    assert not re.search(r"<script(?![^>]*(src=|type=\"application/json\"))", page)
    assert not re.search(r"\sstyle=", page)


def test_add_a_gateway_account(administrator):
    response = administrator.post(ADD + "?kind=twilio", TWILIO)
    assert response.status_code == 302, errors(response)
    provider = Provider.objects.get()
    assert (provider.kind, provider.senders, provider.currency, provider.default_region) == ("twilio", ["+33639980001", "RIVERSIDE"], "EUR", "FR")
    assert provider.options == {"account_sid": "ACtest", "base_url": "http://127.0.0.1:8025"}
    assert provider.secrets == {"auth_token": "a-long-token-4711"}
    assert provider.allowed_countries == ["FR", "GB", "TN"]
    assert provider.is_default  # the first one


def test_add_a_simulator(administrator):
    assert administrator.post(ADD + "?kind=simulator", PLAIN).status_code == 302
    assert Provider.objects.get().kind == "simulator"


def test_secrets_are_never_shown_again(administrator):
    administrator.post(ADD + "?kind=twilio", TWILIO)
    page = administrator.get(change(Provider.objects.get())).content.decode()
    assert "a-long-token" not in page
    assert "…4711" in page


def test_empty_secret_keeps_the_stored_one_and_a_new_one_replaces_it(administrator):
    administrator.post(ADD + "?kind=twilio", TWILIO)
    provider = Provider.objects.get()
    keep = TWILIO | {"setting_auth_token": "", "is_default": "on", "rate": "50"}
    assert administrator.post(change(provider), keep).status_code == 302
    provider.refresh_from_db()
    assert (provider.rate, provider.secrets) == (50, {"auth_token": "a-long-token-4711"})
    administrator.post(change(provider), keep | {"setting_auth_token": "another-token"})
    provider.refresh_from_db()
    assert provider.secrets == {"auth_token": "another-token"}


def test_another_address_asks_for_the_secrets_again(administrator):
    administrator.post(ADD + "?kind=twilio", TWILIO | {"setting_api_key_sid": "SKkey", "setting_api_key_secret": "hush"})
    provider = Provider.objects.get()
    moved = TWILIO | {"is_default": "on", "setting_auth_token": "", "setting_api_key_sid": "SKkey"}
    for address in ("https://elsewhere.example.org", "http://127.0.0.1:9999", ""):
        response = administrator.post(change(provider), moved | {"setting_base_url": address})
        assert response.status_code == 200
        assert set(errors(response)) == {"setting_auth_token", "setting_api_key_secret"}, address
        assert "The address is another one now" in response.content.decode()
    response = administrator.post(change(provider), moved | {"setting_base_url": "https://elsewhere.example.org", "setting_auth_token": "new"})
    assert set(errors(response)) == {"setting_api_key_secret"}
    provider.refresh_from_db()
    assert provider.options["base_url"] == TWILIO["setting_base_url"]
    entered = {"setting_base_url": "https://elsewhere.example.org", "setting_auth_token": "new", "setting_api_key_secret": "loud"}
    assert administrator.post(change(provider), moved | entered).status_code == 302
    provider.refresh_from_db()
    assert (provider.options["base_url"], provider.secrets) == (entered["setting_base_url"], {"auth_token": "new", "api_key_secret": "loud"})


def test_the_same_address_written_otherwise_keeps_the_secrets(administrator):
    provider = make_twilio(is_default=True)
    for address in ("https://api.twilio.com", "https://api.twilio.com/", ""):
        response = administrator.post(change(provider), TWILIO | {"is_default": "on", "setting_auth_token": "", "setting_base_url": address})
        assert response.status_code == 302, errors(response)


def test_removing_an_api_key_removes_its_secret(administrator):
    administrator.post(ADD + "?kind=twilio", TWILIO | {"setting_api_key_sid": "SKkey", "setting_api_key_secret": "hush"})
    provider = Provider.objects.get()
    assert provider.secrets["api_key_secret"] == "hush"
    response = administrator.post(change(provider), TWILIO | {"is_default": "on", "setting_auth_token": ""})
    assert response.status_code == 302, errors(response)
    provider.refresh_from_db()
    assert provider.secrets == {"auth_token": "a-long-token-4711"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"senders": ""}, "senders"),
        ({"senders": "TWELVE CHARS"}, "senders"),
        ({"senders": "12"}, "senders"),
        ({"senders": "+0123456789"}, "senders"),
        ({"senders": "<b>"}, "senders"),
        ({"senders": "RIVERSIDE\n1234567890"}, "senders"),
        ({"rate": "0"}, "rate"),
        ({"rate": "x"}, "rate"),
        ({"max_segments": "11"}, "max_segments"),
        ({"price_per_segment": "-1"}, "price_per_segment"),
        ({"currency": "EURO"}, "currency"),
        ({"default_region": "QQ"}, "default_region"),
        ({"allowed_countries": "FR, France"}, "allowed_countries"),
        ({"setting_account_sid": ""}, "setting_account_sid"),
        ({"setting_account_sid": "XX1"}, "setting_account_sid"),
        ({"setting_auth_token": ""}, "setting_auth_token"),
        ({"setting_base_url": "ftp://x"}, "setting_base_url"),
        ({"setting_base_url": "http://gateway.example.org"}, "setting_base_url"),
        ({"setting_api_key_sid": "SKxyz"}, "setting_api_key_secret"),
        ({"setting_messaging_service_sid": "XX"}, "setting_messaging_service_sid"),
        ({"is_default": "on", "active": ""}, "active"),
    ],
)  # fmt: skip
def test_each_field_says_what_is_wrong(administrator, changes, field):
    response = administrator.post(ADD + "?kind=twilio", {key: value for key, value in (TWILIO | changes).items() if value})
    assert response.status_code == 200
    assert field in errors(response)
    assert not Provider.objects.exists()


def test_a_messaging_service_needs_no_sender(administrator):
    response = administrator.post(ADD + "?kind=twilio", TWILIO | {"senders": "", "setting_messaging_service_sid": "MG1234"})
    assert response.status_code == 302, errors(response)


def test_name_is_unique(administrator):
    make_provider(name="Northline")
    assert "name" in errors(administrator.post(ADD + "?kind=twilio", TWILIO))


def test_exactly_one_default(administrator):
    administrator.post(ADD + "?kind=twilio", TWILIO)
    first = Provider.objects.get()
    administrator.post(ADD + "?kind=simulator", PLAIN | {"name": "Second", "is_default": "on"})
    assert list(Provider.objects.filter(is_default=True).values_list("name", flat=True)) == ["Second"]
    second = Provider.objects.get(name="Second")
    assert "is_default" in errors(administrator.post(change(second), PLAIN | {"name": "Second"}))
    assert "active" in errors(administrator.post(change(second), {k: v for k, v in PLAIN.items() if k != "active"} | {"name": "Second", "is_default": "on"}))
    assert administrator.post(change(first), TWILIO | {"is_default": "on"}).status_code == 302
    assert list(Provider.objects.filter(is_default=True)) == [first]


def test_inactive_provider_is_not_made_the_default():
    provider = Provider(name="A", kind="simulator", active=False)
    providers.save(provider)
    assert not provider.is_default


def test_used_provider_cannot_be_deleted(administrator):
    make_provider(is_default=True)
    used, unused = make_provider(), make_provider()
    WebhookEvent.objects.create(provider=used, event="status", body=b"", digest=b"x" * 16)
    assert administrator.post(f"/admin/providers/provider/{used.pk}/delete/", {"post": "yes"}).status_code == 403
    assert administrator.post(f"/admin/providers/provider/{unused.pk}/delete/", {"post": "yes"}).status_code == 302
    assert set(Provider.objects.values_list("pk", flat=True)) >= {used.pk}
    assert not Provider.objects.filter(pk=unused.pk).exists()


@pytest.mark.parametrize("model", ["providers.WebhookEvent", "campaigns.Message", "campaigns.Mailing", "campaigns.Chunk"])
def test_whatever_points_at_a_provider_makes_it_used(model):
    from django.apps import apps

    relation = apps.get_model(model)._meta.get_field("provider")
    assert relation.remote_field in Provider._meta.get_fields(include_hidden=True)


def test_used_by_a_text_whose_reference_is_loose():
    from django.apps import apps

    used, unused = make_provider(), make_provider()
    apps.get_model("campaigns.Message").objects.create(provider=used, number="+33639980101", text="Hello")
    assert providers.is_used(used)
    assert not providers.is_used(unused)


def test_the_list_has_no_bulk_delete(administrator):
    make_provider()
    assert "delete_selected" not in administrator.get("/admin/providers/provider/").content.decode()


GENERIC = PLAIN | {
    "setting_url": "https://sms.example.org/send", "setting_method": "POST", "setting_format": "json", "setting_body": '{"to": "{to}", "text": "{text}"}',
    "setting_auth": "bearer", "setting_api_key": "an-api-key-4711", "setting_id_at": "$.id", "setting_proof": "hmac", "setting_signature_header": "X-Sign",
    "setting_signature_algorithm": "sha256", "setting_signature_encoding": "hex", "setting_signature_secret": "a-signing-secret-0815",
    "setting_report_status_at": "$.state", "setting_report_id_at": "$.id", "setting_status_map": "DELIVRD = delivered",
    "setting_text_from_at": "from", "setting_text_at": "text",
}  # fmt: skip


def test_any_http_gateway_is_described_in_groups_of_fields(administrator):
    page = administrator.get(ADD + "?kind=generic_http").content.decode()
    assert page.index("The call") < page.index("Its answer") < page.index("Delivery reports") < page.index("Incoming texts")
    assert '<select name="setting_method"' in page
    assert '<textarea name="setting_body"' in page
    response = administrator.post(ADD + "?kind=generic_http", GENERIC)
    assert response.status_code == 302, errors(response)
    provider = Provider.objects.get()
    assert provider.secrets == {"api_key": "an-api-key-4711", "signature_secret": "a-signing-secret-0815"}
    assert provider.options["status_map"] == "DELIVRD = delivered"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"setting_url": "http://sms.example.org"}, "setting_url"), ({"setting_url": "https://10.0.0.1/"}, "setting_url"),
        ({"setting_body": '{"text": {text}}'}, "setting_body"), ({"setting_body": '{"to": "{to}"}'}, "setting_body"), ({"setting_body": ""}, "setting_body"),
        ({"setting_headers": "X: {text}"}, "setting_headers"), ({"setting_method": "DELETE"}, "setting_method"), ({"setting_method": "GET"}, "setting_format"),
        ({"setting_id_at": ""}, "setting_id_at"), ({"setting_id_at": "$."}, "setting_id_at"), ({"setting_id_at": "re:(a+)+"}, "setting_id_at"),
        ({"setting_status_map": "DELIVRD = arrived"}, "setting_status_map"), ({"setting_status_map": "DELIVRD"}, "setting_status_map"),
        ({"setting_error_map": "1 = nothing"}, "setting_error_map"), ({"setting_signature_secret": ""}, "setting_signature_secret"),
        ({"setting_proof": "basic"}, "setting_hook_password"), ({"setting_api_key": ""}, "setting_api_key"), ({"setting_auth": "basic"}, "setting_username"),
        ({"setting_report_list_at": "reports"}, "setting_report_list_at"),
    ],
)  # fmt: skip
def test_each_field_of_any_http_gateway_says_what_is_wrong(administrator, changes, field):
    response = administrator.post(ADD + "?kind=generic_http", GENERIC | changes)
    assert response.status_code == 200
    assert field in errors(response)
    assert not Provider.objects.exists()


def test_another_query_keeps_the_secrets_another_path_does_not(administrator):
    administrator.post(ADD + "?kind=generic_http", GENERIC)
    provider = Provider.objects.get()
    kept = GENERIC | {"is_default": "on", "setting_api_key": "", "setting_signature_secret": ""}
    assert administrator.post(change(provider), kept | {"setting_url": "https://sms.example.org/send?v=2"}).status_code == 302
    moved = administrator.post(change(provider), kept | {"setting_url": "https://sms.example.org/other"})
    assert set(errors(moved)) == {"setting_api_key", "setting_signature_secret"}


def trial(provider: Provider) -> str:
    return f"/admin/providers/provider/{provider.pk}/trial/"


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
    from providers.tests.canned import http

    provider = make_twilio(options={"account_sid": "ACtest", "base_url": gateway.url})
    gateway.answer = http(401, b'{"code": 20003, "message": "Authenticate"}')
    page = administrator.post(f"/admin/providers/provider/{provider.pk}/check/", follow=True).content.decode()
    assert "The gateway refuses our credentials" in page
    assert "token-4711" not in page
    provider.refresh_from_db()
    assert "credentials" in provider.last_error


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


def test_an_operator_is_entered_with_its_choices(administrator):
    fields = {
        "name": "Operator", "active": "on", "senders": "36111", "rate": "50", "max_segments": "1", "price_per_segment": "0.05", "currency": "EUR",
        "setting_host": "smpp.example.org", "setting_port": "3550", "setting_tls": "yes", "setting_system_id": "river", "setting_password": "hush",
        "setting_mode": "pair", "setting_binds": "2", "setting_window": "10", "setting_enquire": "30", "setting_alphabet": "latin",
        "setting_long_texts": "payload", "setting_ids": "decimal", "setting_plan_number": "1/1",
    }  # fmt: skip
    for name, wrong in (("setting_port", "70000"), ("setting_window", "0"), ("setting_host", "smpp://x"), ("setting_ids", "octal"), ("setting_plan_number", "9/9")):
        assert "errorlist" in administrator.post("/admin/providers/provider/add/?kind=smpp", fields | {name: wrong}).content.decode(), name
    assert administrator.post("/admin/providers/provider/add/?kind=smpp", fields).status_code == 302
    saved = Provider.objects.get(name="Operator")
    assert saved.options["ids"] == "decimal"
    assert saved.secrets == {"password": "hush"}
