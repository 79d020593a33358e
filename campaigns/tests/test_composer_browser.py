"""The composer in a browser: what a text costs while it is typed, cheaper letters with a way back, tokens by keyboard, people, files, templates."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from campaigns.models import SmsTemplate
from campaigns.tests.factories import fictional, make_mailing, make_provider, make_template
from contacts.tests.factories import make_contact, make_group

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
DEAR = "Réunion à 18 h, entrée 10 €, fête après. " + "a" * 60
CHEAP = DEAR.replace("ê", "e")


@pytest.fixture
def step_2(seen_as, live_url):
    """The content of a mailing to five people, at seven cents a segment."""
    names = ["Camille", "Zoë", "Marie-Emmanuelle", "", "Bo"]
    group = make_group(*(make_contact(fictional(n), first_name=name, last_name=f"Nr{n}") for n, name in enumerate(names)))
    mailing = make_mailing(group, text="", kind="service", max_segments=3, provider=make_provider(price_per_segment="0.07", currency="EUR"))
    page = seen_as("marketer")
    page.goto(f"{live_url}/sms/mailings/{mailing.pk}/content/")
    return page


def counter(page, name="text"):
    return page.locator(f"#counter-{name}")


def test_dear_letters_are_seen_replaced_and_brought_back(step_2):
    page, area = step_2, step_2.get_by_label("Text (required)")
    page.route("**/sms/count/", lambda route: route.abort())  # the browser counts alone
    area.fill(DEAR)
    expect(counter(page)).to_contain_text("Unicode (UCS-2), 67 a segment")
    expect(counter(page)).to_contain_text("2 segments")
    expect(counter(page)).to_contain_text("€0.14 a text")
    expect(page.locator(".composer-marks mark")).to_have_text(["ê"])
    page.unroute("**/sms/count/")
    area.press("End")
    page.keyboard.type(" ")
    expect(counter(page)).to_contain_text("The text has 2 segments; with look-alikes it has 1. That saves €0.07 a text.")
    expect(page.locator("#preview")).to_contain_text("5 texts: €0.70")
    page.get_by_role("button", name="Replace 1 character").click()
    expect(area).to_have_value(f"{CHEAP} ")
    expect(counter(page)).to_contain_text("1 segment")
    expect(counter(page)).to_contain_text("€0.07 a text")
    expect(page.locator("#preview")).to_contain_text("5 texts: €0.35")
    page.get_by_role("button", name="Undo").click()
    expect(area).to_have_value(f"{DEAR} ")
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()
    area.focus()
    page.keyboard.press("Control+z")
    expect(area).to_have_value(f"{CHEAP} ")


def test_a_token_is_put_in_by_keyboard_and_five_people_are_seen(step_2):
    page, area = step_2, step_2.get_by_label("Text (required)")
    area.fill("Hello , see you")
    for _step in range(len(", see you")):
        page.keyboard.press("ArrowLeft")
    page.get_by_role("button", name="Insert token").press("Enter")
    expect(page.get_by_label("Find a token")).to_be_focused()
    page.keyboard.type("first")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(area).to_have_value("Hello {contact.first_name}, see you")
    expect(area).to_be_focused()
    bubble, following = page.locator("#preview .bubble"), page.get_by_role("button", name="Next recipient")
    for words in ("Hello Camille,", "Hello Zoë,", "Hello Marie-Emmanuelle,", "Hello ,", "Hello Bo,"):
        expect(bubble).to_contain_text(words)
        if words != "Hello Bo,":
            following.click()
    expect(following).to_be_disabled()
    page.get_by_role("button", name="Longest").click()
    expect(bubble).to_contain_text("Marie-Emmanuelle")
    page.get_by_role("button", name="Empty tokens").click()
    expect(page.locator("#preview")).to_contain_text("Empty for this person: contact.first_name")
    page.get_by_role("button", name="Most expensive").click()
    expect(bubble).to_contain_text("Hello Zoë,")  # as many segments as the others, but in Unicode: the nearest to one more


def test_an_unknown_token_is_marked_and_mended_by_one_click(step_2):
    page, area = step_2, step_2.get_by_label("Text (required)")
    area.fill("Hello {contact.frist_name}")
    expect(page.locator(".composer-marks .over")).to_have_text("{contact.frist_name}")
    page.get_by_role("button", name="Write {contact.first_name}").click()
    expect(area).to_have_value("Hello {contact.first_name}")
    expect(page.locator(".composer-marks .over")).to_have_count(0)


def test_files_ask_before_they_replace_and_say_what_is_wrong(step_2, tmp_path):
    page, area = step_2, step_2.get_by_label("Text (required)")
    page.get_by_text("Upload a text file").first.click()
    files = {"utf8.txt": "Première".encode(), "windows.txt": "Deuxième".encode("cp1252"), "big.txt": b"a" * 2 * 1024 * 1024, "empty.txt": b""}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)

    def choose(name):
        if not page.locator("#id_file").is_visible():
            page.get_by_text("Upload a text file").first.click()
        page.locator("#id_file").set_input_files(tmp_path / name)

    choose("utf8.txt")
    expect(area).to_have_value("Première")
    choose("windows.txt")
    expect(page.get_by_text("Replace your text by the file’s (windows.txt)?")).to_be_visible()
    expect(area).to_have_value("Première")
    page.get_by_role("button", name="Replace the text").click()
    expect(area).to_have_value("Deuxième")
    choose("big.txt")
    expect(page.get_by_text("The file is larger than 1 MB.")).to_be_visible()
    choose("empty.txt")
    expect(page.get_by_text("The file is empty.")).to_be_visible()
    expect(area).to_have_value("Deuxième")


def test_the_answer_to_a_file_comes_into_view_with_the_focus(step_2, tmp_path):
    page = step_2
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_label("Text (required)").fill("Mine")
    (tmp_path / "theirs.txt").write_text("Theirs")
    (tmp_path / "empty.txt").write_text("")

    def choose(name):
        if not page.locator("#id_file").is_visible():
            page.get_by_text("Upload a text file").first.click()
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        page.locator("#id_file").set_input_files(tmp_path / name)

    choose("theirs.txt")
    expect(page.locator("#composer-question")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Replace the text")).to_be_focused()
    page.get_by_role("button", name="Keep my text").click()
    expect(page.get_by_role("button", name="Keep my text")).to_have_count(0)  # else the form is exchanged under the next file
    choose("empty.txt")
    refusal = page.locator("[data-answer]", has_text="The file is empty.")
    expect(refusal).to_be_in_viewport(ratio=1)
    expect(refusal).to_be_focused()


def test_two_languages_have_tabs_and_a_text_becomes_a_template(step_2):
    page = step_2
    page.get_by_label("Text (required)").fill("Hello")
    page.get_by_role("button", name="Add a text in another language: French").click()
    french = page.get_by_role("tab", name="French")
    expect(french).to_have_attribute("aria-selected", "true")
    page.locator("#id_text_fr").fill("À bientôt, " * 8)
    expect(french).to_have_text("French 2 segments, Unicode")
    page.locator("#id_text_fr").fill("Bonjour")
    expect(french).to_have_text("French")
    french.press("ArrowLeft")
    expect(page.locator("#id_text")).to_have_value("Hello")
    expect(page.locator("#id_text_fr")).to_be_hidden()
    page.get_by_label("Save as new template").check()
    page.get_by_label("Name of the template").fill("Greeting")
    page.get_by_role("button", name="Continue later").click()
    page.wait_for_url("**/drafts/")
    template = SmsTemplate.objects.get()
    assert (template.name, template.text, template.translations) == ("Greeting", "Hello", {"fr": "Bonjour"})


def test_an_answer_that_is_another_page_is_gone_to(step_2):
    page = step_2
    page.get_by_label("Text (required)").fill("Hello")
    page.wait_for_load_state("networkidle")  # else the preview asks without a session, and the page is gone before the button
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_role("button", name="Add a text in another language: French").click()
    page.wait_for_url("**/account/login/**")


def test_a_template_is_found_by_name_and_asks_first(step_2):
    make_template("Bonjour à tous", name="Programme du mois", kind="marketing")
    make_template(name="Another")
    page, area = step_2, step_2.get_by_label("Text (required)")
    area.fill("My own")
    page.get_by_role("button", name="Use template").click()
    page.get_by_label("Find a template").fill("prog")
    expect(page.locator("#template-found li")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Replace your text by the template “Programme du mois”?")).to_be_visible()
    page.get_by_role("button", name="Replace the text").click()
    expect(area).to_have_value("Bonjour à tous")
    expect(page.locator("#id_kind")).to_have_value("marketing")
    page.get_by_role("button", name="Undo").click()
    expect(area).to_have_value("My own")
    page.keyboard.press("Control+z")
    expect(area).to_have_value("Bonjour à tous")
    page.get_by_role("button", name="Add “STOP to {sender.number}”").click()
    expect(area).to_have_value("Bonjour à tous\nSTOP to {sender.number}")
    expect(page.locator("#preview .bubble")).to_contain_text("STOP to 36111")
