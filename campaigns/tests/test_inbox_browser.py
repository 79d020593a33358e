"""The inbox in a browser: a text appears by itself, is assigned, answered and done, at a desk and on a phone; what is being written stays."""

import re
from urllib.parse import urlencode

import pytest
from django.test import Client
from playwright.sync_api import expect

from campaigns.models import Conversation, Message
from campaigns.tests.factories import fictional, make_provider, make_template
from campaigns.tests.receiving import ME, receive
from contacts.tests.factories import make_contact
from providers.backends.simulator import SimulatorBackend
from providers.services.providers import snapshot_of
from providers.simulator.callbacks import sign

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
SOON = 12_000  # milliseconds in which news arrives


@pytest.fixture
def provider(settings, live_url):
    settings.PUBLIC_BASE_URL = live_url
    return make_provider(price_per_segment="0.04", currency="EUR")


@pytest.fixture
def post(provider, live_url):
    """`post("Hello")`: the provider's gateway brings a text to its webhook."""

    def go(text, number=ME, sid="SM1"):
        path = f"/hooks/simulator/{provider.webhook_token}/inbound/"
        fields = [("MessageSid", sid), ("From", number), ("To", "36111"), ("Body", text)]
        signature = sign(SimulatorBackend().auth_token(snapshot_of(provider)), live_url + path, fields)
        answer = Client().post(path, urlencode(fields), content_type="application/x-www-form-urlencoded", HTTP_X_TWILIO_SIGNATURE=signature)
        assert answer.status_code == 200

    return go


@pytest.mark.parametrize("width", [1280, 360])
def test_a_text_arrives_is_assigned_answered_and_done(seen_as, live_url, post, width):
    make_contact(ME, first_name="Rowan", last_name="Clarke")
    page = seen_as("staff")
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(f"{live_url}/inbox/")
    expect(page.get_by_text("No open conversations")).to_be_visible()
    post("Is the Saturday workshop wheelchair friendly?")
    link = page.get_by_role("link", name=re.compile("Rowan Clarke.*unread"))
    expect(link).to_be_visible(timeout=SOON)
    expect(page.locator("#inbox-say")).to_have_text("New text from Rowan Clarke")
    expect(page.locator("#rail-inbox-list, #tabbar-inbox-list").filter(visible=True)).to_contain_text("1")
    link.click()
    thread = page.locator(".thread")
    expect(thread.get_by_text("Is the Saturday workshop")).to_be_visible()
    expect(page.locator("#rail-inbox-list")).to_be_hidden(timeout=SOON)
    thread.get_by_role("button", name="Assign to me").click()
    expect(thread.get_by_text("Yours")).to_be_visible()
    area = thread.get_by_label("Reply by SMS")
    area.fill("Yes, step-free from the quay.")
    expect(thread.locator("#counter-text")).to_contain_text("€0.04 a text")
    thread.get_by_role("button", name="Send reply").click()
    expect(thread.locator(".bubble-out")).to_have_text("Yes, step-free from the quay.")
    expect(area).to_have_value("")
    thread.get_by_role("button", name="Done").click()
    expect(thread.get_by_role("button", name="Open again")).to_be_visible()
    assert (Conversation.objects.get().state, Message.objects.get().number) == ("done", ME)
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
    if width == 360:
        page.get_by_role("link", name="All conversations").click()
    expect(page.get_by_text("No open conversations")).to_be_visible(timeout=SOON)


def test_what_is_being_written_stays_while_news_arrives(seen_as, live_url, provider, post):
    receive(provider, "Hello")
    page = seen_as("staff")
    page.goto(f"{live_url}/inbox/{Conversation.objects.get().pk}/")
    area = page.get_by_label("Reply by SMS")
    area.fill("Half a sentence")
    page.get_by_text("Internal note").first.click()
    page.get_by_label("Only people here read it").fill("Half a note")
    area.focus()
    post("Are you there?")
    expect(page.locator(".bubble")).to_have_count(2, timeout=SOON)
    expect(area).to_be_focused()
    page.get_by_role("button", name="Assign to me").click()
    expect(page.locator("#thread-head").get_by_text("Yours")).to_be_visible()
    expect(area).to_have_value("Half a sentence")
    expect(page.get_by_label("Only people here read it")).to_have_value("Half a note")
    page.get_by_role("button", name="Add the note").click()
    expect(page.locator(".thread-note")).to_contain_text("Half a note")
    expect(area).to_have_value("Half a sentence")


def test_keys_go_from_thread_to_thread(seen_as, live_url, provider):
    for number in range(3):
        receive(provider, f"Text {number}", fictional(number))
    page = seen_as("staff")
    page.goto(f"{live_url}/inbox/")
    for key, words in (("j", "Text 2"), ("j", "Text 1"), ("j", "Text 0"), ("k", "Text 1")):
        page.locator("body").press(key)
        expect(page.locator(".thread .bubble")).to_have_text(words)
        page.wait_for_load_state()  # the text is there before the script that hears the next key
    page.get_by_label("Reply by SMS").press("j")
    expect(page.get_by_label("Reply by SMS")).to_have_value("j")


def test_a_template_is_put_in_and_a_stop_is_decided(seen_as, live_url, provider):
    make_contact(ME)
    make_template("We look forward to it.", name="Thanks")
    receive(provider, "please dont text me anymore, I moved")
    page = seen_as("staff")
    page.goto(f"{live_url}/inbox/{Conversation.objects.get().pk}/")
    page.get_by_role("button", name="Use template").click()
    page.get_by_role("button", name="Thanks").click()
    expect(page.get_by_label("Reply by SMS")).to_have_value("We look forward to it.")
    page.get_by_role("button", name="Done", exact=True).click()
    expect(page.get_by_text("Decide about it first")).to_be_visible()
    page.get_by_role("button", name="Yes, stop all texts").click()
    expect(page.get_by_text("Means stop, decided by")).to_be_visible()
    expect(page.get_by_text("No text can be sent to this number")).to_be_visible()
