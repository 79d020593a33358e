"""A name of one endless word stays inside the lists of recipients."""

import pytest

from campaigns.tests.factories import fictional, make_ready
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
