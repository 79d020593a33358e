"""In a real browser: people chosen in a list become a file; a large one is followed to its download; an own opt-out is looked at twice."""

import csv
from pathlib import Path

import pytest
from django.urls import reverse

from contacts.exporting import jobs
from contacts.models import Contact
from contacts.services import consent, exports
from contacts.tests.factories import make_contact
from smsapp.testing.accessibility import violations

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def seen(seen_as, settings, tmp_path):
    """The page, signed in as an author."""
    settings.MEDIA_ROOT = tmp_path
    return seen_as("author")


def rows(download):
    with Path(download.path()).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_ticked_people_are_exported_with_columns_in_the_order_chosen(seen, live_url):
    for n in range(3):
        make_contact(f"+3363998{n:04}", first_name=f"First {n}", last_name=f"Last {n}")
    seen.goto(live_url + reverse("contacts:list"))
    seen.get_by_label("Select Last 1, First 1").check()
    seen.locator(".bulk-bar").get_by_role("button", name="Export").click()
    seen.get_by_role("button", name="Move First name up").click()
    assert seen.locator("[data-moved]").inner_text() == "First name: place 1"
    for name in ("Organisation", "E-mail", "Language", "Birth date", "External id", "Groups", "Tags", "Opted out of marketing", "Do not SMS"):
        seen.get_by_label(name, exact=True).uncheck()
    with seen.expect_download() as download:
        seen.get_by_role("button", name="Export 1 contact").click()
    assert rows(download.value) == [["First name", "Last name", "Mobile"], ["First 1", "Last 1", "'+33639980001"]]


def test_after_a_download_the_page_can_be_used_again(seen, live_url):
    contact = make_contact("+33639980001", first_name="Ann", last_name="Bell")
    seen.goto(f"{live_url}{reverse('contacts:export')}?contact={contact.pk}")
    button = seen.get_by_role("button", name="Export 1 contact")
    with seen.expect_download():
        button.click()
    seen.get_by_role("button", name="Move First name up").click()
    assert seen.locator("[data-moved]").inner_text() == "First name: place 1"
    seen.get_by_label("Excel", exact=False).first.check()
    seen.wait_for_timeout(2_000)
    with seen.expect_download(timeout=10_000) as second:
        button.click(no_wait_after=True)
    assert second.value.suggested_filename.endswith(".xlsx")


def test_a_large_export_is_followed_to_its_download(seen, live_url, monkeypatch):
    monkeypatch.setattr(exports, "AT_ONCE", 1)
    monkeypatch.setattr(exports, "ring", lambda *args: None)
    for n in range(3):
        make_contact(f"+3363998{n:04}", last_name="Martin" if n else "Sassi")
    seen.goto(live_url + reverse("contacts:list") + "?q=martin")
    seen.locator(".page-actions").get_by_role("button", name="Export", exact=True).click()
    seen.get_by_role("button", name="Export 2 contacts").click()
    seen.get_by_role("heading", name="Waits for a worker").wait_for()
    assert violations(seen) == []
    jobs.work_on_waiting()
    with seen.expect_download() as download:
        seen.get_by_role("link", name="Download 2 rows").click()
    assert len(rows(download.value)) == 3


def test_an_own_opt_out_is_looked_at_twice(seen, live_url):
    contact = make_contact(first_name="Léa", last_name="Martin")
    consent.opt_out(contact, source="reply", own_act=True, wording="STOP it now")
    seen.goto(live_url + reverse("contacts:consent", args=[contact.pk]))
    seen.get_by_role("link", name="Record an opt-in").first.click()
    seen.get_by_label("Wording").fill("I want your news again.")
    seen.get_by_role("button", name="Record the opt-in").click()
    seen.get_by_role("heading", name="Does this undo the opt-out of Léa Martin?").wait_for()
    assert seen.get_by_text("STOP it now").is_visible() and violations(seen) == []
    seen.get_by_label("I have this evidence before me").check()
    seen.get_by_role("button", name="Opt Léa Martin in again").click()
    seen.get_by_text("The opt-in is in the ledger.").wait_for()
    assert not Contact.objects.get().opted_out
