"""A name of one endless word stays inside lists of recipients and pages of campaigns."""

import pytest

from campaigns.services import campaigns
from campaigns.tests.factories import fictional, make_mailing, make_ready
from contacts.tests.factories import make_contact, make_group

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("part", ["", "messages/", "plan/"])
def test_nothing_scrolls_sideways(seen_as, live_url, part, width):
    mailing = make_ready(make_group(make_contact(fictional(1), first_name="L" * 100, last_name="Lefort")))
    page = seen_as("marketer")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_url}/sms/mailings/{mailing.pk}/{part}")
    assert "Lefort" in page.content()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [360, 1280, 1600])
def test_a_campaign_of_an_endless_name_does_not_widen_its_pages(seen_as, live_url, width):
    endless = campaigns.create("Saisondhiver" * 10, description="w" * 300)
    mailing, here = make_mailing(campaign=endless, name="M" * 120), f"/sms/campaigns/{endless.pk}/"
    elsewhere = f"/sms/campaigns/{campaigns.create('Other').pk}/mailings/?elsewhere=1"
    page = seen_as("marketer")
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("/sms/campaigns/", here, f"{here}edit/", f"{here}delete/", elsewhere, f"/sms/mailings/{mailing.pk}/campaign/", "/sms/mailings/drafts/"):
        page.goto(live_url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
