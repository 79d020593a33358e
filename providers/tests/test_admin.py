"""Providers in the Django admin: adding, changing, secrets, the default one, and what is never deleted."""

import pytest
from django.test import Client

from providers.models import Provider, WebhookEvent
from providers.services import providers
from providers.tests.administering import ADD, PLAIN, TWILIO, change, errors
from providers.tests.factories import make_provider, make_twilio

pytestmark = pytest.mark.django_db


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


def test_used_provider_cannot_be_deleted(administrator, client_for):
    make_provider(is_default=True)
    used, unused = make_provider(), make_provider()
    WebhookEvent.objects.create(provider=used, event="status", body=b"", digest=b"x" * 16)
    page = administrator.post(f"/admin/providers/provider/{used.pk}/delete/", {"post": "yes"}, follow=True)
    assert [str(message) for message in page.context["messages"]] == ["It was used, so it stays: switch it off instead."]
    assert "It cannot be deleted. It was used" in page.content.decode()
    assert client_for("marketer").post(f"/admin/providers/provider/{used.pk}/delete/", {"post": "yes"}).url.startswith("/admin/login/")
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


def test_a_limit_of_texts_per_day(administrator):
    assert administrator.post(ADD + "?kind=twilio", TWILIO | {"daily_limit": "5000"}).status_code == 302
    assert Provider.objects.get().daily_limit == 5000
    assert "daily_limit" in errors(administrator.post(ADD + "?kind=twilio", TWILIO | {"name": "Other", "daily_limit": "0"}))
