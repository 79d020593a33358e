"""Providers in the Django admin: gateways that are described in many fields."""

import pytest

from providers.models import Provider
from providers.tests.administering import ADD, GENERIC, TWILIO, change, errors

pytestmark = pytest.mark.django_db


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


OPERATOR = {
    "name": "Operator", "active": "on", "senders": "36111", "rate": "50", "max_segments": "1", "price_per_segment": "0.05", "currency": "EUR",
    "setting_host": "smpp.example.org", "setting_port": "3550", "setting_tls": "yes", "setting_system_id": "river", "setting_password": "hush",
    "setting_mode": "pair", "setting_binds": "2", "setting_window": "10", "setting_enquire": "30", "setting_alphabet": "latin",
    "setting_long_texts": "payload", "setting_ids": "decimal", "setting_plan_number": "1/1",
}  # fmt: skip


def test_an_operator_is_entered_with_its_choices(administrator):
    for name, wrong in (("setting_port", "70000"), ("setting_window", "0"), ("setting_host", "smpp://x"), ("setting_ids", "octal"), ("setting_plan_number", "9/9")):
        assert "errorlist" in administrator.post("/admin/providers/provider/add/?kind=smpp", OPERATOR | {name: wrong}).content.decode(), name
    assert administrator.post("/admin/providers/provider/add/?kind=smpp", OPERATOR).status_code == 302
    saved = Provider.objects.get(name="Operator")
    assert saved.options["ids"] == "decimal"
    assert saved.secrets == {"password": "hush"}


def test_two_providers_with_one_login_are_refused(administrator):
    """The operator sends a receipt over any session of a login: each would get the other's."""
    add = "/admin/providers/provider/add/?kind=smpp"
    assert administrator.post(add, OPERATOR).status_code == 302
    second = OPERATOR | {"name": "Second"}
    page = administrator.post(add, second | {"setting_host": "SMPP.example.org"}).content.decode()
    assert "“Operator” uses this login already" in page
    assert administrator.post(add, second | {"setting_system_id": "other"}).status_code == 302
    assert administrator.post(add, OPERATOR | {"name": "Third", "active": ""}).status_code == 302, "one that is switched off has no session"
    third = Provider.objects.get(name="Third")
    page = administrator.post(change(third), OPERATOR | {"name": "Third", "setting_password": ""}).content.decode()
    assert "“Operator” uses this login already" in page
    first = Provider.objects.get(name="Operator")
    assert administrator.post(change(first), OPERATOR | {"is_default": "on", "rate": "60"}).status_code == 302, "it may keep its own"


def test_faults_of_the_gateway_s_own_settings_are_told_with_all_others(administrator):
    found = errors(administrator.post("/admin/providers/provider/add/?kind=smpp", OPERATOR | {"setting_port": "99999", "default_region": "ZZ"}))
    assert set(found) == {"setting_port", "default_region"}
    assert found["default_region"] == ["There is no country “ZZ”. Use its two letters, for example FR or GB."]


@pytest.mark.parametrize("address", ["http://user:pw@127.0.0.1:8961", "http://127.0.0.1:8961/x?y", "https://api.twilio.com#x"])
def test_an_address_of_a_vendor_is_an_address_alone(administrator, address):
    found = errors(administrator.post(ADD + "?kind=twilio", TWILIO | {"setting_base_url": address}))
    assert "Enter the address alone" in found["setting_base_url"][0]


def test_a_price_is_written_with_a_comma_too(administrator):
    assert administrator.post(ADD + "?kind=twilio", TWILIO | {"price_per_segment": "0,0785"}).status_code == 302
    assert str(Provider.objects.get().price_per_segment) == "0.07850"


def test_the_stand_in_that_is_named_is_the_one_that_runs(administrator, settings):
    settings.SIMULATOR_URL = "http://127.0.0.1:8961"
    assert "for example http://127.0.0.1:8961." in administrator.get(ADD + "?kind=twilio").content.decode()
