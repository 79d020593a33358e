"""Send test in a browser: one number counts once, and Back never asks to send once more."""

import pytest
from playwright.sync_api import expect

from campaigns.models import Message, TestNumber
from campaigns.tests.factories import fictional, make_mailing, make_people, make_provider
from contacts.tests.factories import make_contact

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def trying(seen_as, live_url, user_for):
    """The form for a text of seven cents, with a remembered number."""
    TestNumber.objects.create(user=user_for("author"), number=fictional(7001))
    make_contact(fictional(7002), first_name="Amina", last_name="Sassi")
    mailing = make_mailing(make_people(1, first_name="Zoë"), provider=make_provider(price_per_segment="0.07", currency="EUR"))
    page = seen_as("author")
    page.goto(f"{live_url}/sms/mailings/{mailing.pk}/")
    page.get_by_role("link", name="Send test").click()
    expect(page.get_by_role("heading", level=1, name="Send test")).to_be_visible()
    return page


def button(page, words):
    return page.get_by_role("button", name=words, exact=True)


def test_a_number_named_twice_is_counted_once_and_paid_once(trying):
    page, others = trying, trying.get_by_label("Other numbers")
    expect(button(page, "Send 1 test text")).to_be_visible()
    others.fill("06 39 98 70 01\n+33 6 39 98 70 01; 0033639987001")
    expect(button(page, "Send 1 test text")).to_be_visible()
    expect(page.get_by_text("€0.07 in all")).to_be_visible()
    page.get_by_label("Add a name or number").fill("sassi")
    page.locator("#to-found input").first.check()
    expect(button(page, "Send 2 test texts")).to_be_visible()
    others.fill("06 39 98 70 02")
    expect(button(page, "Send 2 test texts")).to_be_visible()
    others.fill("06 39 98 70 02, 06 39 98 70 03")
    expect(page.get_by_text("€0.21 in all")).to_be_visible()
    button(page, "Send 3 test texts").click()
    expect(page.get_by_role("heading", level=1, name="3 test texts")).to_be_visible()
    assert set(Message.objects.values_list("number", flat=True)) == {fictional(7001), fictional(7002), fictional(7003)}


def test_what_cannot_be_read_costs_nothing_and_is_named(trying):
    page, others = trying, trying.get_by_label("Other numbers")
    others.fill("06 39 98 70 05\nmy sister\n06 39")
    expect(page.get_by_text("cannot be read as numbers: “my sister”, “06 39”")).to_be_visible()
    expect(button(page, "Send 2 test texts")).to_be_visible()
    expect(page.get_by_text("€0.14 in all")).to_be_visible()
    others.fill("")
    expect(button(page, "Send 1 test text")).to_be_visible()
    expect(page.get_by_text("cannot be read as numbers")).to_have_count(0)


def test_back_leads_to_the_page_before_also_after_a_refusal(trying):
    page = trying
    page.get_by_label("Other numbers").fill("06 39")
    page.locator("main button[name=do][value=send]:visible").click()
    expect(page.get_by_role("alert")).to_contain_text("“06 39”")
    page.get_by_label("Other numbers").fill("06 39 98 70 04")
    button(page, "Send 2 test texts").click()
    expect(page.get_by_role("heading", level=1, name="2 test texts")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1, name="Send test")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("link", name="Send test")).to_be_visible()
    assert Message.objects.count() == 2


def test_parts_of_the_form_still_answer_after_a_refusal(trying):
    page = trying
    page.get_by_label("Other numbers").fill("06 39")
    page.locator("main button[name=do][value=send]:visible").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Somebody else").fill("sassi")
    page.get_by_label("Amina Sassi").check()
    expect(page.locator("#try-shown .bubble")).to_have_text("Hello Amina")
    expect(page.get_by_role("heading", level=1)).to_have_text("Send test")
