"""Step 1 in a browser: what is wrong is no longer said once it is mended."""

import pytest
from playwright.sync_api import expect

from campaigns.tests.factories import make_people

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def refused(seen_as, live_url):
    """Step 1 after it was sent without a name and without people."""
    make_people(2)
    page = seen_as("author")
    page.goto(f"{live_url}/sms/mailings/new/")
    page.locator("main button[name=do][value=next]:visible").click()
    expect(page.locator("[data-form-errors]")).to_contain_text("Nobody is chosen yet")
    return page


def tick(page):
    page.locator("#picker-available input[type=checkbox]").first.check()


def test_each_mended_fault_goes_by_itself(refused):
    page, notice = refused, refused.locator("[data-form-errors]")
    expect(page.locator("#id_name.is-invalid")).to_have_count(1)
    page.get_by_label("Name", exact=False).first.fill("Rehearsal")
    expect(page.locator(".is-invalid, .invalid-feedback")).to_have_count(0)
    expect(notice.locator("li")).to_have_count(1)
    expect(notice.get_by_role("heading")).to_have_text("This needs a look")
    tick(page)
    expect(notice).to_contain_text("Nobody is chosen yet")
    page.get_by_role("button", name="Include").click()
    expect(notice).to_have_count(0)


def test_ticks_that_are_taken_out_need_no_move(refused):
    page = refused
    page.locator("#id_name").fill("Rehearsal")
    tick(page)
    page.locator("main button[name=do][value=next]:visible").click()
    expect(page.locator("[data-form-errors]")).to_contain_text("Ticked, but not moved yet")
    page.locator("#picker-available input[type=checkbox]:checked").uncheck()
    expect(page.locator("[data-form-errors]")).to_have_count(0)
