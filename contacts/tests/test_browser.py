"""In a real browser: choosing all that match, tags, rows for numbers, undo, an import that watches itself."""

import pytest
from django.urls import reverse

from contacts.importing import jobs
from contacts.models import Contact, ImportJob
from contacts.services import contacts
from contacts.tests.factories import make_contact, make_group
from smsapp.testing.accessibility import violations

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def seen(seen_as):
    """The page, signed in as an author."""
    return seen_as("author")


def test_all_that_match_are_counted_and_join_a_group(seen, live_url):
    for n in range(60):
        make_contact(f"+3363998{n:04}")
    group = make_group(name="Choir")
    seen.goto(live_url + reverse("contacts:list"))
    bar = seen.locator(".bulk-bar")
    assert bar.is_hidden()
    seen.locator(".pick").first.check()
    assert bar.locator("[data-chosen]").inner_text() == "1"
    seen.get_by_label("All 60 that match").check()
    assert bar.locator("[data-chosen]").inner_text() == "60"
    bar.get_by_role("button", name="Add to group").click()
    seen.get_by_label("Choir").check()
    seen.get_by_role("button", name="Add 60 contacts").click()
    seen.get_by_text("60 contacts joined Choir.").wait_for()
    assert group.memberships.count() == 60


def test_tags_are_completed_behind_each_comma_and_given_to_many(seen, live_url):
    for n in range(3):
        make_contact(f"+3363998{n:04}")
    contacts.save_contact(last_name="Martin", tags=["Board", "Volunteer"])
    seen.goto(live_url + reverse("contacts:create"))
    seen.get_by_label("Last name").fill("Sassi")
    offered = seen.locator("#known-tags option")
    assert offered.evaluate_all("options => options.map(option => option.value)") == ["Board", "Volunteer"]
    seen.get_by_label("Tags").press_sequentially("board, ")
    assert offered.evaluate_all("options => options.map(option => option.value)") == ["board, Volunteer"]
    seen.get_by_label("Tags").fill(offered.get_attribute("value"))
    seen.get_by_role("button", name="Save contact").click()
    seen.get_by_role("link", name="Volunteer (everybody with this tag)").click()
    assert seen.locator("tbody tr").count() == 2
    seen.locator(".pick-all").check()
    seen.get_by_role("button", name="Tag", exact=True).click()
    assert violations(seen) == []
    seen.get_by_role("combobox", name="Tag").fill("Choir")
    seen.get_by_role("button", name="Add to 2 contacts").click()
    seen.get_by_text("2 contacts got the tag Choir.").wait_for()
    assert {tuple(contact.tags) for contact in Contact.objects.exclude(tags=[])} == {("Board", "Volunteer", "Choir")}


def test_unticking_one_person_leaves_all_that_match(seen, live_url):
    for n in range(60):
        make_contact(f"+3363998{n:04}")
    seen.goto(live_url + reverse("contacts:list"))
    seen.locator(".pick-all").check()
    seen.get_by_label("All 60 that match").check()
    seen.locator(".pick").first.uncheck()
    assert not seen.get_by_label("All 60 that match").is_checked()
    assert seen.locator("[data-chosen]").inner_text() == "49"
    seen.get_by_role("button", name="Clear selection").click()
    assert seen.locator(".bulk-bar").is_hidden()


def test_a_row_for_another_number_needs_no_trip_to_the_server(seen, live_url):
    seen.goto(live_url + reverse("contacts:create"))
    seen.get_by_label("Last name").fill("Martin")
    seen.get_by_role("button", name="Add a number").click()
    rows = seen.locator("[data-row]")
    assert rows.count() == 3
    rows.nth(0).get_by_label("Number", exact=True).fill("04 65 71 22 10")
    rows.nth(2).get_by_label("Number", exact=True).fill("06 39 98 00 01")
    rows.nth(2).get_by_label("Primary").check()
    seen.get_by_role("button", name="Save contact").click()
    seen.get_by_role("heading", name="Martin").wait_for()
    assert Contact.objects.get().numbers.get(is_primary=True).number == "+33639980001"


def test_delete_and_undo(seen, live_url):
    contact = make_contact(first_name="Léa", last_name="Martin")
    seen.goto(live_url + reverse("contacts:detail", args=[contact.pk]))
    seen.get_by_role("button", name="Actions").click()
    seen.get_by_role("link", name="Delete contact").click()
    seen.get_by_role("button", name="Delete contact").click()
    seen.get_by_role("button", name="Undo").click()
    seen.get_by_role("heading", name="Léa Martin").wait_for()
    assert Contact.objects.active().count() == 1


def test_an_import_shows_its_progress_and_then_its_findings(seen, live_url, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    file = tmp_path / "gens.csv"
    file.write_text("Nom;Portable\nMartin;0639980001\nSassi;0639981234 Emna\n")
    seen.goto(live_url + reverse("contacts:import_upload"))
    seen.get_by_label("CSV file").set_input_files(str(file))
    seen.get_by_role("button", name="Look through the file").click()
    assert seen.get_by_label("Column Portable becomes").input_value() == "mobile"
    seen.get_by_role("button", name="Check 2 rows").click()
    seen.get_by_role("heading", name="Checking the rows").wait_for()
    jobs.work(ImportJob.objects.get().pk)
    seen.get_by_role("button", name="Create 1 contact").click()
    seen.get_by_role("button", name="Stop the import").wait_for()
    jobs.work(ImportJob.objects.get().pk)
    seen.get_by_role("link", name="Open these contacts").wait_for()
    assert seen.locator("td.bad").count() == 1
    assert Contact.objects.get().last_name == "Martin"
