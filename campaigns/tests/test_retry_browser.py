"""From a failure to the text that arrived: the cause, the question, the second text, its report."""

import pytest
from playwright.sync_api import expect

from campaigns.models import Message
from campaigns.pipeline import report
from campaigns.services import transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import MessageStatus as S
from campaigns.tests.factories import make_people, make_provider, make_sending
from campaigns.tests.working import settle
from providers.types import DeliveryReport, ReportStatus
from smsapp.common.secrets import sign_reference

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def told(message, status, reason=""):
    report.apply([DeliveryReport(message.provider_id, "SM1", status, sign_reference(message.pk), reason, status.value, "30003" if reason else "")])


def test_retry_only_these_and_follow_them_to_their_report(seen_as, live_url):
    provider = make_provider(price_per_segment="0.05")
    mailing = make_sending(make_people(3), provider=provider)
    settle(mailing, S.SENT, S.SENT, S.SENT)
    first, second, third = Message.objects.order_by("id")
    told(first, ReportStatus.UNDELIVERED, "unreachable")
    told(second, ReportStatus.UNDELIVERED, "filtered")
    told(third, ReportStatus.DELIVERED)

    page = seen_as("marketer")
    page.goto(f"{live_url}/sms/mailings/{mailing.pk}/")
    expect(page.get_by_role("row").filter(has_text="Phone off or out of reach").first).to_contain_text("Sending it again may help")
    page.get_by_role("link", name="All of them").click()
    page.get_by_role("button", name="Send 1 text again").click()
    expect(page.get_by_role("heading", name="Send 1 text again?")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Held back as unwanted").first).to_contain_text("hardly helps")
    page.get_by_role("button", name="Add these").click()
    expect(page.get_by_role("heading", name="Send 2 texts again?")).to_be_visible()
    expect(page.locator("main")).to_contain_text("segments are charged (€0.10)")
    page.get_by_role("button", name="Send 2 texts again").click()
    expect(page.get_by_text("2 texts are queued once more.")).to_be_visible()

    again = Message.objects.get(again_of=first.pk)
    transitions.move_messages([Outcome(again.pk, S.SENT)])
    told(again, ReportStatus.DELIVERED)
    page.goto(f"{live_url}/sms/messages/{first.pk}/")
    expect(page.get_by_role("heading", name="Phone off or out of reach")).to_be_visible()
    expect(page.get_by_role("button", name="Send again")).to_have_count(0)
    page.get_by_role("link", name="It was sent again: open the second one").click()
    expect(page.locator(".page-name .pill")).to_have_text("Delivered")
    page.get_by_role("link", name="an earlier text").click()
    expect(page.locator(".page-name .pill")).to_have_text("Undelivered")
