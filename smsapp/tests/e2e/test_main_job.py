"""The main job, as a person does it: from a CSV file to a bulk SMS on every contact's timeline."""

import re
import time

import pytest
from playwright.sync_api import expect

from campaigns.models import Exclusion, Mailing, Message
from campaigns.services import figures
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import make_provider
from contacts.models import Activity, Contact

pytestmark = pytest.mark.e2e

BAD = ["06 12", "hello", "06 39 98 10 01 / 06 39 98 10 02", "3,36E+10", "+999 123456789"]


def csv_of_1000_rows(path):
    """980 good rows and 20 whose number cannot be read."""
    lines = ["First name;Last name;Mobile;E-mail"]
    for index in range(1000):
        last = f"Helper{index:04d}" if index < 12 else f"Member{index:04d}"
        number = BAD[index // 50 % len(BAD)] if index % 50 == 49 else f"06 39 98 {10 + index // 100:02d} {index % 100:02d}"
        lines.append(f"Zoë;{last};{number};z{index}@example.org")
    path.write_text("\n".join(lines), encoding="windows-1252")
    return path


def test_from_a_csv_file_to_every_timeline(page, console, sign_in, shot, tmp_path):
    make_provider(name="Gateway", is_default=True, rate=400, price_per_segment="0.05")
    sign_in("marketer")

    for name in ("Everyone", "Helpers"):
        page.goto(f"{console.url}/contacts/groups/new/")
        page.get_by_label("Name").fill(name)
        page.get_by_role("button", name="Make group").click()
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()

    page.goto(f"{console.url}/contacts/imports/new/")
    page.get_by_label("CSV file").set_input_files(csv_of_1000_rows(tmp_path / "people.csv"))
    page.get_by_role("button", name="Look through the file").click()
    shot("import-columns")
    page.get_by_label("Everyone").check()
    page.get_by_role("button", name="Check 1,000 rows").click()
    expect(page.get_by_role("button", name="Create 980 contacts")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("3,36E+10").filter(visible=True).first).to_be_visible()
    assert not Contact.objects.exists(), "the trial run changed something"
    shot("import-checked")
    page.get_by_role("button", name="Create 980 contacts").click()
    expect(page.get_by_role("link", name="Open these contacts")).to_be_visible(timeout=30_000)
    shot("import-finished")
    assert Contact.objects.count() == 980

    page.goto(f"{console.url}/contacts/?q=Helper")
    page.get_by_label("Select all on this page").check()
    page.get_by_role("button", name="Add to group").first.click()
    page.get_by_label("Helpers").check()
    page.get_by_role("button", name=re.compile("Add 12 contacts")).click()

    page.get_by_role("link", name="New SMS").first.click()
    page.get_by_label("Name", exact=False).first.fill("Open evening")
    page.locator("label", has_text="Everyone").get_by_role("checkbox").check()
    page.get_by_role("button", name="Include").click()
    page.locator("#picker .picker-side").get_by_text("Everyone").wait_for()
    page.locator("label", has_text="Helpers").get_by_role("checkbox").check()
    page.get_by_role("button", name="Exclude").click()
    expect(page.locator(".count-big").first).to_contain_text("968", timeout=10_000)
    shot("wizard-recipients")
    page.get_by_role("button", name="Next: content").click()

    page.locator("textarea").fill("Hello {contact.first_name|friend}, see you on Thursday at 18:00. Reply STOP to end.")
    shot("wizard-content")
    page.get_by_role("button", name="Next: plan").click()
    expect(page.get_by_role("button", name="Send 968 texts").first).to_be_visible(timeout=30_000)
    shot("wizard-plan")
    page.get_by_role("button", name="Send 968 texts").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Send 968 texts").click()

    expect(page.get_by_role("heading", level=1, name="Open evening")).to_be_visible()
    shot("mailing-sending")
    expect(page.locator(".pill", has_text="Finished").first).to_be_visible(timeout=60_000)
    shot("mailing-finished")
    mailing = Mailing.objects.get(status=MailingStatus.FINISHED)
    settled = time.monotonic() + 120
    while figures.of(mailing).delivered < 968 and time.monotonic() < settled:
        time.sleep(0.5)

    found = figures.of(mailing)
    assert (found.total, found.delivered, found.excluded) == (968, 968, {})
    sent = console.gateway_numbers()
    assert (len(sent), max(sent.values())) == (968, 1)
    assert Message.objects.filter(mailing=mailing).count() + Exclusion.objects.filter(mailing=mailing).count() == 968
    assert Activity.objects.filter(kind="sms_sent").count() == 968

    page.goto(f"{console.url}/sms/mailings/{mailing.pk}/")
    against = page.locator("#against")
    expect(against).to_contain_text("As planned: everybody was texted, for the expected cost.")
    expect(against.locator("tbody tr").filter(has_text="Texts").get_by_text("968")).to_have_count(2)
    expect(against.get_by_text("€48.40")).to_have_count(2)
    shot("mailing-against")

    page.goto(f"{console.url}/contacts/?q=Member0500")
    page.get_by_role("link", name="Member0500").first.click()
    page.get_by_role("link", name=re.compile("Activities")).first.click()
    expect(page.get_by_text("Text Message (SMS) sent").first).to_be_visible()
    expect(page.get_by_text("Hello Zoë, see you on Thursday at 18:00.").first).to_be_visible()
    expect(page.get_by_text("Delivered").first).to_be_visible()
    shot("contact-activities")
