"""In a real browser: find a duplicate, compare, choose, merge, see the history; the old address leads on."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from contacts.duplicates import rounds
from contacts.models import Contact
from contacts.services import history
from contacts.tests.factories import make_contact, make_group
from smsapp.testing.accessibility import violations

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_from_a_duplicate_found_to_one_contact(seen_as, live_url):
    ann = make_contact("+33639980001", first_name="Ann", last_name="Martin", email="ann@example.org", external_id="A1")
    ben = make_contact("+33639980002", first_name="Anne", last_name="Martin", email="ANN@example.org", organisation="Choir", opted_out=True)
    history.record(ben, "note", "Called about the rehearsal")
    make_group(ben, name="Sopranos")
    page = seen_as("marketer")

    page.goto(live_url + reverse("contacts:duplicates"))
    page.get_by_role("button", name="Look again").click()
    page.get_by_role("heading", name="The look waits for a free worker").wait_for()
    assert violations(page) == []
    rounds.work()
    page.get_by_role("link", name=re.compile("^Compare")).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Compare 2 contacts")
    first_name = page.get_by_role("radiogroup", name="First name")
    expect(first_name.get_by_role("radio", name="Ann Ann Martin")).to_be_checked()
    page.get_by_role("radiogroup", name="Whose page stays").get_by_role("radio", name="Anne Martin").check()
    expect(first_name.get_by_role("radio", name="Anne Anne Martin")).to_be_checked()  # follows whose page stays
    page.get_by_role("radiogroup", name="Whose page stays").get_by_role("radio", name="Ann Martin", exact=False).first.check()
    first_name.get_by_role("radio", name="Anne Anne Martin").check()
    page.get_by_role("radiogroup", name="Numbers").get_by_label("+33 6 39 98 00 02").check()
    page.get_by_role("button", name="Next: what will happen").click()

    page.get_by_role("heading", name="Merge 1 contact into Ann Martin?").wait_for()
    expect(page.locator(".consequences")).to_contain_text("group is joined")
    assert violations(page) == []
    expect(page.get_by_text("This holds because of Anne Martin")).to_be_visible()
    page.get_by_role("button", name="Merge 1 contact").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Anne Martin")
    expect(page.locator(".toast")).to_contain_text("1 contact is one with Anne Martin now.")
    expect(page.locator(".timeline").get_by_role("heading", name="Merged with Anne Martin")).to_be_visible()
    expect(page.locator(".timeline").get_by_role("heading", name="Called about the rehearsal")).to_be_visible()
    stays = Contact.objects.active().get()
    assert (stays.pk, stays.first_name, stays.organisation, stays.opted_out, stays.sms_number) == (ann.pk, "Anne", "Choir", True, "+33639980002")

    page.goto(live_url + reverse("contacts:activities", args=[ben.pk]))
    assert page.url.endswith(reverse("contacts:activities", args=[ann.pk]))
    expect(page.locator(".toast")).to_contain_text("was merged into Anne Martin, whose page this is.")


def test_the_primary_number_follows_whose_page_stays_until_one_is_chosen(seen_as, live_url):
    ann, ben = make_contact("+33639980001", first_name="Ann", external_id="A1"), make_contact("+33639980002", first_name="Ben")
    cleo = make_contact("+33639980002", first_name="Cleo")
    page = seen_as("marketer")
    page.goto(f"{live_url}{reverse('contacts:merge')}?contact={ann.pk}&contact={ben.pk}&contact={cleo.pk}")
    stays, numbers = page.get_by_role("radiogroup", name="Whose page stays"), page.get_by_role("radiogroup", name="Numbers")
    expect(numbers.get_by_label("+33 6 39 98 00 01")).to_be_checked()
    for name in ("Cleo", "Ben"):  # they share a number, which stands once as a choice
        stays.get_by_role("radio", name="Ann").check()
        expect(numbers.get_by_label("+33 6 39 98 00 01")).to_be_checked()
        stays.get_by_role("radio", name=name).check()
        expect(numbers.get_by_label("+33 6 39 98 00 02")).to_be_checked()
    numbers.get_by_label("+33 6 39 98 00 01").check()
    stays.get_by_role("radio", name="Cleo").check()
    expect(numbers.get_by_label("+33 6 39 98 00 01")).to_be_checked()


def test_two_people_ticked_in_the_list_are_compared(seen_as, live_url):
    for name in ("Ann", "Ben", "Carl"):
        make_contact(None, first_name=name, last_name="Martin")
    page = seen_as("marketer")
    page.goto(live_url + reverse("contacts:list"))
    page.get_by_label("Select Martin, Ann").check()
    page.get_by_label("Select Martin, Carl").check()
    page.locator(".bulk-bar").get_by_role("button", name="Merge").click()
    page.get_by_role("heading", name="Compare 2 contacts").wait_for()
    page.get_by_role("button", name="Not the same person").click()
    expect(page.locator(".toast")).to_contain_text("different people")


def test_a_phone_says_whose_value_each_is(seen_as, live_url):
    people = [make_contact(None, first_name=name, last_name="Martin") for name in ("Ann", "Ben")]
    page = seen_as("marketer")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(live_url + reverse("contacts:merge") + "?" + "&".join(f"contact={person.pk}" for person in people))
    first_name = page.get_by_role("radiogroup", name="First name")
    for name in ("Ann Martin", "Ben Martin"):
        box = first_name.get_by_text(name, exact=True).bounding_box()
        assert box and box["height"] > 10 and box["width"] > 40


def test_it_works_without_script(browser, live_url, client_for, settings):
    people = [make_contact(None, first_name=name, last_name="Martin") for name in ("Ann", "Ben")]
    context = browser.new_context(java_script_enabled=False)
    cookie = client_for("marketer").cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_url}])
    page = context.new_page()
    page.goto(live_url + reverse("contacts:merge") + f"?contact={people[0].pk}&contact={people[1].pk}")
    page.get_by_role("button", name="Next: what will happen").click()
    page.get_by_role("button", name="Merge 1 contact").click()
    page.get_by_role("heading", level=1, name="Ann Martin").wait_for()
    context.close()
    assert Contact.objects.active().count() == 1
