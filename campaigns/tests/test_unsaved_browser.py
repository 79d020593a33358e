"""What is typed in a browser is kept, or somebody is asked before it goes."""

import pytest
from playwright.sync_api import expect

from campaigns.tests.factories import fictional, make_mailing, make_provider, make_template
from contacts.tests.factories import make_contact, make_group

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def mailing():
    return make_mailing(make_group(make_contact(fictional(1), first_name="Ana")), text="Old text", kind="service", provider=make_provider())


@pytest.fixture
def asked(seen_as):
    """The page of a marketer, and what it asked before it was left; it was left all the same."""
    page, questions = seen_as("marketer"), []

    def answer(dialog):
        questions.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    return page, questions


def test_the_stepper_keeps_what_was_typed(asked, live_url, mailing):
    page, questions = asked
    page.goto(f"{live_url}/sms/mailings/{mailing.pk}/content/")
    page.get_by_label("Text (required)").fill("New text")
    page.get_by_role("list", name="Steps").get_by_role("button", name="Recipients").click()
    page.wait_for_url("**/recipients/")
    mailing.refresh_from_db()
    assert (mailing.text, questions) == ("New text", [])


def test_enter_in_a_field_still_goes_on(asked, live_url, mailing):
    page, _questions = asked
    page.goto(f"{live_url}/sms/mailings/{mailing.pk}/content/")
    page.locator("#id_save_new").check()
    page.get_by_label("Name of the template").fill("Of Enter")
    page.keyboard.press("Enter")
    page.wait_for_url("**/plan/")


@pytest.mark.parametrize("path", ["/sms/mailings/{}/content/", "/sms/send/", "/sms/templates/new/", "/sms/mailings/new/"])
def test_a_link_asks_while_something_typed_is_not_kept(asked, live_url, mailing, path):
    page, questions = asked
    away = page.locator(".rail").get_by_role("link", name="Contacts", exact=True).first
    page.goto(live_url + path.format(mailing.pk))
    away.click()
    page.wait_for_url("**/contacts/")
    assert questions == [], "nothing was typed"
    page.goto(live_url + path.format(mailing.pk))
    field = page.locator("#id_name" if path.endswith("mailings/new/") else "#id_text")
    before = field.input_value()
    field.press("End")
    page.keyboard.type("x")
    away.click()
    page.wait_for_url("**/contacts/")
    assert questions == ["beforeunload"]
    page.goto(live_url + path.format(mailing.pk))
    field.press("End")
    page.keyboard.type("x")
    field.fill(before)
    away.click()
    page.wait_for_url("**/contacts/")
    assert questions == ["beforeunload"], "it was taken back"


def test_what_came_back_with_a_mistake_is_still_not_kept(asked, live_url):
    page, questions = asked
    template = make_template(name="Taken")
    page.goto(f"{live_url}/sms/templates/new/")
    page.locator("#id_name").fill(template.name)
    page.locator("#id_text").fill("Some text")
    page.get_by_role("button", name="Make template").click()
    expect(page.locator(".notice.is-red, .is-invalid").first).to_be_visible()
    assert questions == []
    page.locator(".rail").get_by_role("link", name="Contacts", exact=True).first.click()
    page.wait_for_url("**/contacts/")
    assert questions == ["beforeunload"]


def test_keeping_step_1_asks_nothing(asked, live_url):
    page, questions = asked
    group = make_group(make_contact(fictional(1)), name="Friends")
    page.goto(f"{live_url}/sms/mailings/new/")
    page.locator("#id_name").fill("Spring")
    page.locator(f"#pick-g{group.pk}, .picker-available input[type=checkbox]").first.check()
    page.locator("#move-include").click()
    expect(page.locator("[data-side]")).to_have_count(1)
    page.get_by_role("button", name="Next: content").click()
    page.wait_for_url("**/content/")
    assert questions == []
