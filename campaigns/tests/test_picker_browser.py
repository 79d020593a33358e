"""The picker in a browser: by keyboard, with a count that comes by itself and says when it does not."""

import pytest
from playwright.sync_api import expect

from campaigns.tests.factories import fictional
from contacts.tests.factories import make_contact, make_group

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def step_1(seen_as, live_url):
    """Step 1 as an author sees it."""
    people = [make_contact(fictional(index)) for index in range(6)]
    make_group(*people, name="Newsletter")
    make_group(people[0], name="Staff")
    for number in range(40):
        make_group(name=f"Zone {number:02d}")
    page = seen_as("author")
    page.goto(f"{live_url}/sms/mailings/new/")
    return page


def tick(page, name):
    box = page.locator("#picker label", has_text=name).get_by_role("checkbox")
    box.focus()
    page.keyboard.press("Space")


def test_groups_are_found_and_moved_by_keyboard_and_counted(step_1):
    page = step_1
    tick(page, "Newsletter")
    page.get_by_role("button", name="Include").press("Enter")
    expect(page.locator("#audience-count")).to_contain_text("of 6 chosen", timeout=15_000)
    assert page.evaluate("document.activeElement.id") == "move-include"
    page.locator("#picker-find").fill("staf")
    expect(page.locator("#picker-available li")).to_have_count(1)
    assert page.evaluate("document.activeElement.id") == "picker-find"
    page.keyboard.press("Enter")  # searches, goes nowhere
    page.wait_for_timeout(1_000)  # the list that it brings has come
    tick(page, "Staff")
    page.get_by_role("button", name="Exclude").press("Enter")
    expect(page.locator("#audience-count")).to_contain_text("of 5 chosen", timeout=15_000)
    page.get_by_role("link", name="1 person taken out by Staff").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Taken out by “Staff”")


def test_more_groups_come_on_demand_and_ticks_stay(step_1):
    page = step_1
    tick(page, "Zone 03")
    page.locator("#picker-find").fill("zone 1")
    expect(page.locator("#picker-available li")).to_have_count(11)
    expect(page.locator("#picker label", has_text="Zone 03").get_by_role("checkbox")).to_be_checked()
    page.locator("#picker-find").fill("")
    expect(page.locator("#picker-available li")).to_have_count(31)
    page.get_by_role("button", name="Show more").click()
    expect(page.locator("#picker-available li")).to_have_count(42)


def test_a_count_that_does_not_come_says_so(step_1):
    page = step_1
    tick(page, "Newsletter")
    page.get_by_role("button", name="Include").click()
    expect(page.locator("#audience-count")).to_contain_text("of 6 chosen")
    page.route("**/sms/mailings/count/**", lambda route: route.fulfill(status=500, body="broken"))
    tick(page, "Staff")
    page.get_by_role("button", name="Exclude").click()
    expect(page.get_by_text("The count did not come.")).to_be_visible()
