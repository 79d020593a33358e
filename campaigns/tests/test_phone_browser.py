"""On a phone nothing that a wide window says of a mailing's texts is lost."""

import pytest
from playwright.sync_api import expect

from campaigns.models import Message
from campaigns.services import transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import make_people, make_sending
from providers.failures import FAILURES

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_what_to_do_and_segments_stand_under_the_name(seen_as, live_url):
    mailing = make_sending(make_people(1))
    reason = next(code for code, failure in FAILURES.items() if failure.advice)
    transitions.move_messages([Outcome(Message.objects.get().pk, MessageStatus.FAILED, reason=reason)])
    page = seen_as("marketer")
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{live_url}/sms/mailings/{mailing.pk}/")
    expect(page.locator("[aria-labelledby=trouble] .cell-more")).to_have_text(str(FAILURES[reason].advice))
    expect(page.locator("[aria-labelledby=trouble] .cell-more")).to_be_visible()
    expect(page.locator("[aria-labelledby=latest] .cell-more")).to_contain_text("1 segment")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
