"""In a real browser: rules built without a mouse, counted while they are built, saved as a smart group, and a hand's word against them."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from contacts.models import Contact, Group
from contacts.smart import refresh
from contacts.tests.factories import make_contact, make_group
from smsapp.testing.accessibility import violations

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def seen(seen_as):
    """The page, signed in as an author."""
    return seen_as("author")


def focused(page):
    return page.evaluate("document.activeElement.id")


def ask(page, words):
    """Type into the box that has the focus and take the first question."""
    expect(page.locator("input[data-narrow-all]:focus")).to_be_visible()
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    expect(page.locator("select[name^='test-']:focus")).to_be_visible()


def press(page, name, *, nth=0):
    """Walk to a button and press it, with keys only."""
    page.get_by_role("button", name=name).nth(nth).focus()
    page.keyboard.press("Enter")


def test_rules_are_built_by_keyboard_saved_and_obeyed(seen, live_url):
    choir = make_group(name="Choir")
    for name, language, joins in (("Ann", "fr", True), ("Bob", "en", True), ("Eve", "fr", False), ("Zoe", "en", False)):
        contact = make_contact(None, first_name=name, last_name="Test", language=language)
        if joins:
            choir.memberships.create(contact=contact)
    seen.goto(live_url + reverse("contacts:search"))
    seen.locator("#find-2").focus()
    ask(seen, "person language")
    seen.keyboard.press("Tab")
    seen.get_by_label("French").focus()
    seen.keyboard.press("Space")
    count = seen.locator("#search-count .count-big")
    expect(count).to_contain_text("2")

    press(seen, "Add a group of rules")
    ask(seen, "groups group")
    seen.get_by_label("Choir").focus()
    seen.keyboard.press("Space")
    expect(count).to_contain_text("1")
    seen.locator("#how-3").focus()
    seen.keyboard.press("ArrowDown")  # none of them
    expect(seen.locator("#search-count")).to_contain_text("Language is French and not (is in Choir)")
    assert violations(seen) == []

    press(seen, "Move up: Rule 2.1")
    expect(seen.locator("fieldset#rule-3")).to_be_visible()  # it left its group of rules
    assert focused(seen) == "up-4"
    seen.keyboard.press("Enter")
    expect(seen.locator("#rule-1 strong")).to_have_text("Group")
    press(seen, "Remove: Group of rules 3")
    expect(count).to_contain_text("1")

    seen.get_by_label("Name of the group").fill("Singers in French")
    seen.keyboard.press("Tab")
    seen.keyboard.press("Enter")
    expect(seen.get_by_role("heading", level=1, name="Singers in French")).to_be_visible()
    expect(seen.locator(".pill", has_text="Due for a refresh")).to_be_visible()
    refresh.work_on_due()
    expect(seen.get_by_role("link", name="Test, Ann")).to_be_visible(timeout=10_000)  # the page reloads by itself
    assert violations(seen) == []

    seen.get_by_label("Select Test, Ann").check()
    seen.locator(".bulk-bar").get_by_role("button", name="Remove from this group").click()
    expect(seen.get_by_text("1 contact left Singers in French.")).to_be_visible()
    refresh.refresh(Group.objects.get(name="Singers in French").pk)
    seen.reload()
    expect(seen.get_by_text("Nobody is in this group now")).to_be_visible()
    seen.get_by_role("link", name="Taken out by hand").click()
    assert violations(seen) == []
    seen.get_by_role("button", name="Let back in: Test, Ann").click()
    refresh.work_on_due()
    assert list(Contact.objects.filter(memberships__group__name="Singers in French").values_list("first_name", flat=True)) == ["Ann"]


def test_a_nested_search_survives_back_reload_and_a_copied_link(seen, live_url):
    choir = make_group(name="Choir")
    for name, language, joins in (("Ann", "fr", True), ("Bob", "en", True), ("Eve", "fr", False), ("Zoe", "de", False)):
        contact = make_contact(None, first_name=name, last_name="Test", language=language, tags=["board"] if name == "Zoe" else [])
        if joins:
            choir.memberships.create(contact=contact)
    seen.goto(live_url + reverse("contacts:search"))
    seen.locator("#find-2").focus()
    ask(seen, "person last name")
    seen.keyboard.press("Tab")
    seen.keyboard.type("Test")
    count = seen.locator("#search-count .count-big")
    expect(count).to_contain_text("4")
    press(seen, "Add a group of rules")  # in "all" it opens as "at least one of these"
    ask(seen, "groups group")
    seen.get_by_label("Choir").focus()
    seen.keyboard.press("Space")
    expect(count).to_contain_text("2")
    press(seen, "Add a rule to group 2")
    ask(seen, "person language")
    seen.locator("#rule-2\\.2").get_by_label("French").focus()
    seen.keyboard.press("Space")
    words = "Last name contains “Test” and (is in Choir or Language is French)"
    expect(seen.locator("#search-count")).to_contain_text(words)
    expect(count).to_contain_text("3")

    seen.get_by_role("link", name="Groups", exact=True).first.click()  # away, before the people were shown
    expect(seen.get_by_role("heading", level=1, name="Groups")).to_be_visible()
    seen.go_back()
    expect(seen.locator("#search-count")).to_contain_text(words)
    expect(seen.locator("#people")).to_have_count(0)

    press(seen, "Show people")
    seen.get_by_role("link", name="Test, Bob").click()
    expect(seen.get_by_role("heading", level=1)).to_contain_text("Bob")
    seen.go_back()
    expect(seen.get_by_role("heading", name="3 contacts")).to_be_visible()
    expect(seen.locator("#search-count")).to_contain_text(words)

    press(seen, "Remove: Rule 2.2")  # under work, beside the people of before
    expect(count).to_contain_text("2")
    expect(seen.locator("#moved-on")).to_contain_text("The rules have changed since")
    copied = seen.url
    seen.reload()
    expect(count).to_contain_text("2")
    seen.goto(live_url + reverse("contacts:list"))
    seen.goto(copied)
    expect(count).to_contain_text("2")
    expect(seen.get_by_role("heading", name="3 contacts")).to_be_visible()

    seen.get_by_label("Name of the group").focus()
    seen.keyboard.type("Choir or near")
    press(seen, "Save as smart group")
    expect(seen.get_by_role("heading", level=1, name="Choir or near")).to_be_visible()
    seen.go_back()
    expect(count).to_contain_text("2")


def test_people_found_take_the_actions_of_the_list(seen, live_url):
    for n in range(60):
        make_contact(f"+3363998{n:04}", language="fr")
    make_contact("+33639989999", language="en")
    seen.goto(live_url + reverse("contacts:list") + "?q=aubert")
    seen.get_by_role("link", name="Advanced search").click()
    expect(seen.locator("#search-count .count-big")).to_be_visible()  # before the scripts are there, a step is a page of its own
    expect(seen.locator("#rule-1 strong")).to_have_text("Name, organisation, e-mail, number or external id")
    seen.locator("#add-rule-1").click()
    ask(seen, "person language")
    seen.get_by_label("French").check()
    expect(seen.locator("#search-count .count-big")).to_contain_text("60")
    expect(seen.locator("#moved-on")).to_contain_text("The rules have changed since")
    seen.get_by_role("button", name="Show people").click()
    expect(seen.get_by_role("heading", name="60 contacts")).to_be_visible()
    expect(seen.locator("#moved-on")).to_be_empty()
    seen.get_by_role("link", name="Next").click()
    assert seen.locator("tbody tr").count() == 10
    seen.get_by_role("button", name="Add all to a group").click()
    seen.get_by_label("Name of the new group").fill("French")
    expect(seen.get_by_label("A new group")).to_be_checked()
    seen.get_by_role("button", name="Add 60 contacts").click()
    expect(seen.get_by_text("60 contacts joined French.")).to_be_visible()
    assert Group.objects.get(name="French").memberships.count() == 60


def test_the_builder_works_without_script(browser, live_url, user_for, client_for):
    make_contact(None, first_name="Ann", last_name="Test", language="fr")
    client = client_for("author")
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_url}])
    page = context.new_page()
    page.goto(live_url + reverse("contacts:search"))
    page.get_by_role("button", name="Language", exact=True).click()
    page.get_by_label("French").check()
    page.get_by_role("button", name="Add a rule").click()
    page.get_by_role("button", name="Birthday", exact=True).click()
    page.locator("#test-3").select_option("month")
    page.get_by_role("button", name="Show the fields of what I chose").click()
    expect(page.locator("#v-3")).to_be_visible()
    page.get_by_role("button", name="Remove: Rule 2").click()
    page.get_by_role("button", name="Show people").click()
    expect(page.get_by_role("link", name="Test, Ann")).to_be_visible()
    context.close()
