"""The button beside an address for the gateway."""

import pytest
from playwright.sync_api import expect

from providers.tests.administering import change
from providers.tests.factories import make_provider

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_an_address_is_copied(seen_as, live_url, settings):
    settings.PUBLIC_BASE_URL = "https://sms.example.org"
    provider = make_provider()
    page = seen_as("administrator")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(live_url + change(provider))
    page.get_by_role("button", name="Copy the address").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"https://sms.example.org/hooks/simulator/{provider.webhook_token}/status/"
