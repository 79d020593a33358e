"""In a real browser: search pane, box and columns of marketing activities, on a wide window and on a phone."""

import pytest
from playwright.sync_api import expect

from campaigns.models import Mailing
from smsapp.testing.accessibility import violations
from workflows.activities.columns import COLUMNS
from workflows.models import ShownColumns
from workflows.tests.activity_list import LIST, make_all, make_recurring

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def rows(page):
    return page.locator("tbody th[scope=row]")


def test_pane_box_and_columns(seen_as, live_url):
    made, page = make_all(), seen_as("viewer")
    page.goto(live_url + LIST)
    expect(rows(page)).to_have_count(4)
    page.get_by_label("Show recurring executions").check()
    page.get_by_role("button", name="Search", exact=True).click()
    expect(rows(page)).to_have_count(6)
    expect(page.get_by_label("Show recurring executions")).to_be_checked()

    page.get_by_label("Label", exact=True).fill("birthday")
    page.get_by_role("checkbox", name="Workflows").check()
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(1)
    page.get_by_label("Label", exact=True).fill("nothing like it")
    page.get_by_role("textbox", name="ID").fill("first")
    page.keyboard.press("Enter")
    expect(page.get_by_text("An ID is a whole number, for example 1204.")).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing was searched")).to_be_visible()
    expect(page.get_by_role("button", name="Export")).to_have_count(0)
    page.get_by_role("link", name="Clear the search").first.click()

    page.get_by_text("Columns", exact=True).click()
    assert violations(page) == []
    page.get_by_label("Author").check()
    page.get_by_label("Texts", exact=True).uncheck()
    page.get_by_role("button", name="Show these columns").click()
    expect(page.get_by_role("columnheader", name="Author")).to_be_visible()
    page.goto(live_url + LIST)
    expect(page.get_by_role("columnheader", name="Author")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Texts", exact=True)).to_have_count(0)

    page.get_by_role("link", name="2 executions").click()
    expect(rows(page)).to_have_count(2)
    rows(page).first.get_by_role("link", name="2 sends").click()
    expect(rows(page)).to_have_count(2)
    rows(page).first.get_by_role("link", name="Birthday SMS workflow").click()
    page.wait_for_url(f"**/workflows/{made['workflow'].pk}/")


def test_the_pane_on_a_phone_is_behind_a_button_and_beside_what_it_found(seen_as, live_url):
    make_all()
    page = seen_as("viewer")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(live_url + LIST)
    expect(page.get_by_label("Label", exact=True)).not_to_be_visible()
    page.get_by_role("button", name="Search and filter").click()
    page.get_by_label("Label", exact=True).fill("open")
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(1)
    expect(rows(page).get_by_text("Draft")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [360, 900, 1280])
def test_all_columns_scroll_in_their_own_box_beside_names_that_stay(seen_as, live_url, user_for, width):
    make_all()
    ShownColumns.objects.create(user=user_for("viewer"), keys=[column.key for column in COLUMNS])
    page = seen_as("viewer")
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(f"{live_url}{LIST}?recurring=on")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    name, before = rows(page).first, rows(page).first.bounding_box()
    page.locator(".table-scroll").evaluate("box => box.scrollLeft = 9999")
    assert name.bounding_box() == before and before["width"] >= 200
    assert violations(page) == []


@pytest.mark.parametrize("width", [360, 1280])
def test_executions_and_sends_fit_the_window_and_say_the_same_on_a_phone(seen_as, live_url, user_for, width):
    _workflow, content = make_recurring("Anniversaires de la grande famille")
    Mailing.objects.filter(role="send").update(status="ready")
    type(user_for("viewer")).objects.update(language="fr")
    page = seen_as("viewer")
    page.set_viewport_size({"width": width, "height": 740})
    for by in ("periods", "sends"):
        page.goto(f"{live_url}/workflows/sms/{content.pk}/details/?by={by}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        more = rows(page).first.get_by_text("Destinataires 0 · partis 0 · remis 0")
        expect(more).to_be_attached()
        expect(more).to_be_visible(visible=width == 360)
