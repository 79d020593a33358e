"""In a real browser: a workbook with bad cells, from the upload to the history."""

import datetime as dt

import pytest
from django.urls import reverse

from contacts.importing import jobs
from contacts.models import ConsentEntry, Contact, CustomField, ImportJob
from contacts.tests import workbooks
from contacts.tests.factories import make_group
from smsapp.testing.accessibility import violations

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
ROWS = [
    ["Nom", "Prénom", "Portable", "Courriel", "Né(e) le", "Instrument", "Accord SMS"],
    ["Martin", "Léa", "06 39 98 00 01", "lea@example.org", dt.date(1990, 4, 17), "Violon", "oui"],
    ["Sassi", "Emna", "0639981234 Emna", "emna.sassi@example.org", dt.date(1991, 4, 17), "Violon", "oui"],
    ["Whitcombe", "George", 4.47701e17, "g@example.org", dt.date(1984, 8, 12), "", ""],
    ["Jaziri", "Skander", "0639981450 / 0639981451", "emna@", "31/02/1990", "Oud", ""],
    ["Bon", "Pauline", 33639980002.0, "pauline@example.org", "21/06/1969", "Alto", "non"],
]


def work():
    jobs.work(ImportJob.objects.get().pk)


def test_import_with_errors(seen_as, live_url, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    seen, choir = seen_as("administrator"), make_group(name="Choir")
    seen.goto(live_url + reverse("contacts:import_upload"))
    seen.get_by_label("CSV file or Excel workbook").set_input_files(workbooks.table(tmp_path / "members-november.xlsx", ROWS, "Notes"))
    seen.get_by_role("button", name="Look through the file").click()

    seen.get_by_role("heading", name="members-november.xlsx").wait_for()
    assert seen.get_by_label("Sheet", exact=True).input_value() == "People"
    assert [seen.get_by_label(f"Column {name} becomes").input_value() for name in ("Portable", "Né(e) le", "Accord SMS", "Instrument")] == [
        "mobile", "birth_date", "opted_in", "",
    ]  # fmt: skip
    seen.get_by_label("Column Instrument becomes").select_option(label="New: text, as it looks")
    seen.get_by_label("Choir").check()
    seen.get_by_label("Everybody gets these tags").fill("Autumn 2026")
    seen.get_by_label("Source of consent").fill("Autumn fair")
    seen.get_by_label("What they agreed to").fill("Yes, send me texts")
    seen.get_by_role("button", name="Check 5 rows").click()

    seen.get_by_role("heading", name="Checking the rows").wait_for()
    work()
    seen.get_by_role("button", name="Create 2 contacts").wait_for()
    bad = seen.locator("td.bad")
    assert bad.count() == 5 and not Contact.objects.exists() and not CustomField.objects.exists()
    for words in ("There are letters in it", "The spreadsheet has rounded this number", "There is more than one number here", "Not a full e-mail address", "no such day"):
        assert bad.filter(has_text=words).count() == 1, words
    assert seen.locator(".grid-sheet tbody th[scope=row]").all_inner_texts() == ["3", "4", "5"]
    assert violations(seen) == []

    seen.get_by_role("button", name="Create 2 contacts").click()
    seen.get_by_role("button", name="Stop the import").wait_for()
    work()
    seen.get_by_role("link", name="Open these contacts").wait_for()
    with seen.expect_download() as download:
        seen.get_by_role("link", name="Download 3 refused rows").click()
    refused = download.value.path().read_text("utf-8-sig").splitlines()
    assert download.value.suggested_filename == "refused-members-november.csv"
    assert len(refused) == 4 and refused[1].startswith("Sassi,Emna,0639981234 Emna,") and ',3,"Portable: ' in refused[1]

    assert set(Contact.objects.values_list("last_name", "sms_number", "opted_out")) == {("Martin", "+33639980001", False), ("Bon", "+33639980002", True)}
    assert Contact.objects.get(last_name="Martin").custom == {"instrument": "Violon"}
    assert choir.memberships.count() == 2
    assert set(ConsentEntry.objects.values_list("event", "details")) == {("opt_in", "Autumn fair (members-november.xlsx)"), ("opt_out", "members-november.xlsx")}

    about = seen.locator("section", has=seen.get_by_role("heading", name="About this import"))
    assert "Autumn fair" in about.inner_text() and "are deleted on" in about.inner_text()
    seen.get_by_role("navigation", name="Main").get_by_role("link", name="Imports").click()
    row = seen.locator("tbody tr")
    assert row.count() == 1 and all(words in row.inner_text() for words in ("members-november.xlsx", "Finished", "5", "2", "3"))
