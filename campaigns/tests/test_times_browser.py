"""What is said about a date and time follows the last change, however soon it comes after another."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.tests.factories import make_people, make_provider, make_ready
from contacts.tests.factories import make_contact

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_the_times_of_a_plan_are_those_of_the_fields(seen_as, live_url):
    mailing = make_ready(make_people(2))
    page = seen_as("marketer")
    page.goto(f"{live_url}/sms/mailings/{mailing.pk}/plan/")
    follows(page, page.locator("#plan-times"), "First text on")


def test_the_times_of_a_one_off_are_those_of_the_fields(seen_as, live_url):
    make_provider()
    person = make_contact()
    page = seen_as("staff")
    page.goto(f"{live_url}/sms/send/?contact={person.pk}")
    follows(page, page.locator("#send-times"), "It leaves on")


def follows(page, said, words):
    """Date and time at once, then the date by keyboard alone, whose year passes 0002 and 0020 on its way."""
    day = timezone.localdate() + timedelta(days=3)
    page.get_by_label("At a date and time").check()
    page.evaluate("""(values) => { for (const [id, value] of values) {
        const field = document.getElementById(id); field.value = value; field.dispatchEvent(new Event("change", {bubbles: true})); } }""",
        [["id_day", day.isoformat()], ["id_hour", "16:45"]])
    expect(said).to_contain_text("at 16:45")
    later = day + timedelta(days=1)
    page.get_by_label("Date", exact=False).and_(page.locator("input[type=date]")).click(position={"x": 20, "y": 15})
    page.keyboard.type(f"{later:%m%d%Y}", delay=15)
    expect(said).to_contain_text(words)
    expect(said).to_contain_text(f"{later.day} {later:%B}")
    expect(said).to_contain_text("at 16:45")
