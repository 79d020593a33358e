"""Writing a text, as a person does it: dear letters seen and replaced, recipients looked at, a test, the plan, the launch, plan and actual."""

import re

import pytest
from playwright.sync_api import expect

from campaigns.models import Mailing, Message
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import fictional, make_mailing, make_provider
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.e2e

DEAR = "{contact.first_name|friend}, prêt pour la fête ? Entrée 5 €, mardi à 20 h. Répondez STOP pour ne plus rien recevoir."
CHEAP = DEAR.replace("ê", "e")
NAMES = ["Camille", "Hélène", "Marie-Emmanuelle", "", "Bo"]
TRIED = "+33639980900"


def test_from_a_dear_text_to_plan_and_actual(page, console, sign_in, shot):
    people = make_group(*(make_contact(fictional(n), first_name=name, last_name=f"Nr{n}") for n, name in enumerate(NAMES)))
    provider = make_provider(name="Gateway", price_per_segment="0.07", currency="EUR", is_default=True)
    mailing = make_mailing(people, provider=provider, text="", name="Party", max_segments=3)
    sign_in("marketer")
    page.goto(f"{console.url}/sms/mailings/{mailing.pk}/content/")
    area, counter, preview = page.get_by_label("Text (required)"), page.locator("#counter-text"), page.locator("#preview")

    area.fill(DEAR)
    expect(counter).to_contain_text("Unicode (UCS-2), 67 a segment")
    expect(counter.get_by_role("heading", name="1 character makes the text Unicode")).to_be_visible()
    expect(preview).to_contain_text("5 texts: at most €0.70")
    shot("story-dear")
    page.get_by_role("button", name="Replace all 2 characters").click()
    expect(area).to_have_value(CHEAP)
    expect(counter).to_contain_text("GSM-7")
    expect(preview).to_contain_text("5 texts: at most €0.35")

    for name in NAMES:
        expect(preview.locator(".bubble")).to_contain_text(f"{name or 'friend'}, pret pour la fete ?")
        if name != NAMES[-1]:
            page.get_by_role("button", name="Next recipient").click()
    shot("story-previewed")

    page.get_by_role("button", name="Send test").click()
    expect(page.get_by_text("as Bo Nr4 reads it")).to_be_visible()
    page.get_by_label("Other numbers").fill("06 39 98 09 00")
    page.get_by_role("button", name="Send 1 test text").click()
    expect(page.get_by_role("heading", level=1, name="1 test text")).to_be_visible()
    expect(page.get_by_role("table").get_by_text("Delivered")).to_be_visible(timeout=30_000)
    assert console.gateway_texts() == [(TRIED, f"Bo, {CHEAP.partition(', ')[2]}")]
    shot("story-tested")

    page.get_by_role("link", name="Back to the content").click()
    page.get_by_role("button", name="Next: plan").click()
    send = page.get_by_role("button", name="Send 5 texts")
    expect(send.first).to_be_visible(timeout=30_000)
    expect(page.locator(".figures")).to_contain_text("€0.35")
    shot("story-plan")
    send.first.click()
    page.get_by_role("dialog").get_by_role("button", name="Send 5 texts").click()

    expect(page.get_by_role("heading", level=1, name="Party")).to_be_visible()
    expect(page.locator(".pill", has_text="Finished").first).to_be_visible(timeout=60_000)
    against = page.locator("#against")
    expect(against).to_contain_text("As planned: everybody was texted, for the expected cost.", timeout=30_000)
    for figure, value in (("Texts", "5"), ("Segments", "5"), ("Cost", "€0.35")):
        expect(against.get_by_role("row", name=re.compile(f"^{figure}")).get_by_role("cell")).to_have_text([value, value])
    shot("story-against")
    assert Mailing.objects.get().status == MailingStatus.FINISHED
    assert console.gateway_numbers() == dict.fromkeys([TRIED, *(fictional(n) for n in range(5))], 1)
    assert Message.objects.filter(mailing=mailing).count() == 5
