"""The picker in a browser: by keyboard, with a count that comes by itself and says when it does not."""

import re

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
    tick(page, "Staff")
    page.get_by_role("button", name="Exclude").press("Enter")
    expect(page.locator("#audience-count")).to_contain_text("of 5 chosen", timeout=15_000)
    page.get_by_role("link", name="1 person taken out by Staff").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Taken out by “Staff”")


def test_back_leads_to_the_page_before_also_after_a_refusal(step_1, live_url):
    page = step_1
    page.goto(f"{live_url}/sms/mailings/drafts/")
    page.goto(f"{live_url}/sms/mailings/new/")
    page.get_by_label("Name", exact=False).first.fill("Rehearsal moved")
    forward = page.get_by_role("button", name="Next: content")
    forward.click()
    expect(page.get_by_role("alert")).to_contain_text("Nobody is chosen yet.")
    expect(page.get_by_label("Name", exact=False).first).to_have_value("Rehearsal moved")
    page.locator("#picker-find").fill("newsletter")
    tick(page, "Newsletter")
    page.get_by_role("button", name="Include").press("Enter")
    expect(page.locator("#audience-count")).to_contain_text("of 6 chosen")
    forward.click()
    expect(page).to_have_url(re.compile(r"/content/$"))
    page.go_back()
    expect(page.get_by_text("You have just begun “Rehearsal moved”")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile(r"/drafts/$"))


UNCOVERED = """element => {
  element.scrollIntoView({block: "end", behavior: "instant"});
  const box = element.getBoundingClientRect();
  return element.contains(document.elementFromPoint(box.x + box.width / 2, box.bottom - 8));
}"""


def test_no_bar_covers_the_boxes_or_the_count_on_a_phone(step_1):
    page = step_1
    page.set_viewport_size({"width": 360, "height": 740})
    tick(page, "Newsletter")
    page.get_by_role("button", name="Include").press("Enter")
    expect(page.locator("#audience-count")).to_contain_text("of 6 chosen")
    for part in ("#move-include", ".picker-side .picker-box >> nth=0", "#audience-count .count-big"):
        assert page.locator(part).evaluate(UNCOVERED), part
    count, forward = page.locator("#audience-count"), page.get_by_role("button", name="Next: content")
    assert count.bounding_box()["y"] < forward.bounding_box()["y"]  # one sees how many before one goes on


class Held:
    """Answers to the picker wait until they are let go."""

    def __init__(self, page):
        self.page, self.routes, self.holds = page, [], True
        page.route("**/sms/mailings/new/", self._take)

    def _take(self, route):
        if self.holds and route.request.method == "POST":
            self.routes.append(route)
        else:
            route.continue_()

    def let_go(self):
        """Answer the latest request."""
        self.holds = False
        with self.page.expect_response("**/sms/mailings/new/"):
            self.routes[-1].continue_()


def asking(page):
    return page.expect_request("**/sms/mailings/new/")


def test_ticks_outlive_a_list_that_comes_under_them(step_1):
    page = step_1
    tick(page, "Zone 02")
    held = Held(page)
    with asking(page):
        page.locator("#picker-find").fill("zone 1")
        page.keyboard.press("Enter")
    tick(page, "Zone 11")  # in both lists
    tick(page, "Zone 05")  # in the old list only
    tick(page, "Zone 02")  # no longer
    held.let_go()
    expect(page.locator("#picker-available li")).to_have_count(12)  # ten, the one that was ticked when it left, the one ticked since
    for name, is_ticked in (("Zone 11", True), ("Zone 05", True), ("Zone 02", False)):
        expect(page.locator("#picker label", has_text=name).get_by_role("checkbox")).to_be_checked(checked=is_ticked)
    assert page.evaluate("document.activeElement.id").startswith("pick-")  # where the person was
    page.get_by_role("button", name="Include").press("Enter")
    expect(page.get_by_role("group", name="Included").locator("li")).to_have_count(2)


def test_a_move_is_neither_lost_to_a_search_nor_loses_what_is_typed(step_1):
    page = step_1
    tick(page, "Newsletter")
    held = Held(page)
    with asking(page):
        page.get_by_role("button", name="Include").press("Enter")
    tick(page, "Zone 05")
    page.locator("#picker-find").fill("staf")
    page.keyboard.press("Enter")
    held.let_go()
    expect(page.get_by_role("group", name="Included").locator("li")).to_contain_text(["Newsletter"])
    expect(page.locator("#picker-find")).to_have_value("staf")
    expect(page.locator("#picker-available li")).to_contain_text(["Zone 05", "Staff"])
    expect(page.locator("#picker label", has_text="Zone 05").get_by_role("checkbox")).to_be_checked()


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


def test_a_count_asked_for_while_another_comes_in_is_asked_for(step_1):
    page = step_1
    page.evaluate(
        """() => document.body.addEventListener("htmx:afterSwap", function once(event) {
          if (event.detail.target.id !== "audience-count") return;
          document.body.removeEventListener("htmx:afterSwap", once);
          document.body.dispatchEvent(new Event("audience"));
        })"""
    )
    counts = []
    page.on("response", lambda response: counts.append(response.url) if "/count/" in response.url else None)
    tick(page, "Newsletter")
    with page.expect_response(lambda response: "/count/" in response.url and len(counts) == 2):
        page.get_by_role("button", name="Include").click()
    expect(page.locator("#audience-count")).to_contain_text("of 6 chosen")


def test_a_count_that_does_not_come_says_so(step_1):
    page = step_1
    tick(page, "Newsletter")
    page.get_by_role("button", name="Include").click()
    expect(page.locator("#audience-count")).to_contain_text("of 6 chosen")
    page.route("**/sms/mailings/count/**", lambda route: route.fulfill(status=500, body="broken"))
    tick(page, "Staff")
    page.get_by_role("button", name="Exclude").click()
    expect(page.get_by_text("The count did not come.")).to_be_visible()
