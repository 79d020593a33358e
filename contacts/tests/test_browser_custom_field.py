"""The key of a new custom field, as an administrator sees it come."""

import pytest
from playwright.sync_api import expect

from contacts.models import CustomField
from contacts.services.custom_fields import key_for

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_the_key_follows_the_label_until_somebody_writes_one(seen_as, live_url):
    page = seen_as("administrator")
    page.goto(f"{live_url}/admin/contacts/customfield/add/")
    label, key = page.locator("#id_label"), page.locator("#id_key")
    for name in ("N° de l’abonné", "2e langue", "Œuvre préférée", "Straße", "x" * 60):
        label.fill(name)
        expect(key).to_have_value(key_for(name, set()))
    key.fill("own")
    label.fill("Membership")
    expect(key).to_have_value("own")
    key.fill("")
    label.fill("Member level")
    expect(key).to_have_value("member_level")
    page.locator("[name=_save]").click()
    expect(page.locator(".success")).to_be_visible()
    assert CustomField.objects.get().key == "member_level"
