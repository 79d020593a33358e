"""Templates and tests as a person uses them: a text in two languages, changed, compared, tried."""

import re

import pytest
from playwright.sync_api import expect

from campaigns.models import Message, SmsTemplate
from campaigns.tests.factories import fictional, make_provider
from contacts.tests.factories import make_contact

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_a_template_is_written_changed_compared_and_tried(seen_as, live_url, user_for):
    make_provider(name="Gateway", is_default=True, price_per_segment="0.05")
    make_contact(fictional(1), first_name="Ben", language="en")
    zoe = make_contact(fictional(2), first_name="Zoë", last_name="Petit", language="fr")
    marketer = user_for("marketer")
    marketer.mobile = fictional(77)
    marketer.save()
    page = seen_as("marketer")

    page.goto(f"{live_url}/sms/templates/")
    page.get_by_role("link", name="New template").first.click()
    page.locator("#id_name").fill("Rehearsal")
    page.locator("#id_text").fill("Hello {contact.first_name|friend}, at 18:00.")
    page.locator("#id_language").select_option("en")
    page.get_by_role("button", name="Add a text in another language: French").click()
    page.locator("#id_text_fr").fill("Bonjour {contact.first_name|à vous}, à 18 h.")
    page.get_by_role("button", name="Make template").click()
    expect(page.get_by_role("heading", level=1, name="Rehearsal")).to_be_visible()
    expect(page.get_by_text("Hello Ben, at 18:00.")).to_be_visible()
    page.get_by_role("link", name="Next person").click()
    expect(page.get_by_text("Bonjour Zoë, à 18 h.")).to_be_visible()

    page.get_by_role("link", name="Edit").click()
    page.locator("#id_text").fill("Hello {contact.first_name|friend}, at 19:00.")
    page.get_by_role("button", name="Save template").click()
    page.get_by_role("link", name="Version 2").click()
    expect(page.locator("del").filter(has_text="18")).to_have_count(1)
    expect(page.locator("ins").filter(has_text="19")).to_have_count(1)
    page.get_by_role("link", name="Rehearsal").first.click()

    page.get_by_role("link", name="Send test").click()
    expect(page.get_by_role("button", name="Send 1 test text")).to_be_visible()
    page.get_by_label("Somebody else").fill("petit")
    page.get_by_label("Zoë Petit").check()
    expect(page.get_by_text("Bonjour Zoë, à 18 h.")).to_be_visible()
    page.get_by_label("Other numbers").fill("06 39 98 00 78")
    expect(page.get_by_role("button", name="Send 2 test texts")).to_be_visible()
    expect(page.get_by_text("€0.10 in all")).to_be_visible()
    page.get_by_role("button", name="Send 2 test texts").click()
    expect(page.get_by_role("heading", level=1, name="2 test texts")).to_be_visible()
    expect(page.get_by_text(re.compile("Queued")).first).to_be_visible()

    assert sorted(Message.objects.values_list("number", "text", "kind")) == [
        (number, "Bonjour Zoë, à 18 h.", Message.Kind.TEST) for number in (fictional(77), fictional(78))
    ]
    assert not zoe.activities.exists()
    assert SmsTemplate.objects.get().version == 2
