"""A mailing's page: its figures, causes, who is left out, progress."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.models import Campaign, Mailing, Message
from campaigns.services import mailings
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import fictional, make_people, make_ready, make_sending
from campaigns.tests.working import settle
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db


def page_of(mailing, part=""):
    return f"/sms/mailings/{mailing.pk}/{part}"


def body(response):
    return response.content.decode()


def test_figures_by_status_lead_to_their_people(client_for):
    mailing, client = make_sending(make_people(4)), client_for("viewer")
    settle(mailing, MessageStatus.SENT, MessageStatus.FAILED, MessageStatus.UNKNOWN, reason="refused")
    page = body(client.get(page_of(mailing)))
    assert "of 4 dealt with" in page and "1 still to go" in page
    for stage in ("sent", "failed", "unknown", "queued"):
        url = page_of(mailing, f"messages/?stage={stage}")
        assert url in page
        assert len(client.get(url).context["page"]) == 1
    assert len(client.get(page_of(mailing, "messages/?stage=arrived-not")).context["page"]) == 2
    assert len(client.get(page_of(mailing, "messages/?stage=failed&reason=refused")).context["page"]) == 1
    assert client.get(page_of(mailing, "messages/?stage=bogus")).status_code == 404


def test_causes_are_told_with_what_to_do(client_for):
    mailing = make_sending(make_people(2))
    settle(mailing, MessageStatus.FAILED, reason="unknown_number")
    page = body(client_for("viewer").get(page_of(mailing)))
    assert "The number is not in service" in page and "Ask the contact for a new number" in page


def test_people_left_out_are_listed_by_reason(client_for):
    mailing = make_ready(make_group(make_contact(fictional(1)), make_contact(None, last_name="Numberless"), make_contact(fictional(2), opted_out=True)))
    client = client_for("viewer")
    assert "2 people left out" in body(client.get(page_of(mailing)))
    page = client.get(page_of(mailing, "left-out/?reason=no_number"))
    assert "Numberless" in body(page) and len(page.context["page"]) == 1
    assert len(client.get(page_of(mailing, "left-out/")).context["page"]) == 2


def test_progress_refreshes_while_it_moves_and_reloads_when_the_state_changes(client_for):
    mailing, client = make_sending(make_people(2)), client_for("viewer")
    first = client.get(page_of(mailing, "progress/?was=sending"))
    assert 'hx-trigger="every 2s"' in body(first) and "HX-Refresh" not in first
    mailings.pause(mailing, None)
    later = client.get(page_of(mailing, "progress/?was=sending"))
    assert later["HX-Refresh"] == "true" and "hx-trigger" not in body(later)


def test_refreshing_can_be_stopped(client_for):
    assert "hx-trigger" not in body(client_for("viewer").get(page_of(make_sending(make_people(1)), "?live=0")))


def test_a_paused_mailing_says_why(client_for):
    mailing = make_sending(make_people(1))
    mailings.pause(mailing, None, reason="The gateway refuses our credentials")
    assert "The gateway refuses our credentials" in body(client_for("viewer").get(page_of(mailing)))


def test_a_page_costs_a_fixed_number_of_queries(client_for, django_assert_max_num_queries):
    mailing = make_sending(make_people(12))
    client = client_for("marketer")
    client.get(page_of(mailing))
    with django_assert_max_num_queries(26):
        client.get(page_of(mailing))


def test_erased_contacts_do_not_break_the_pages(client_for):
    mailing = make_sending(make_people(2))
    Message.objects.update(contact_id=None)
    for part in ("", "messages/"):
        assert "Erased contact" in body(client_for("viewer").get(page_of(mailing, part)))
    assert client_for("viewer").get(f"/sms/messages/{Message.objects.first().pk}/").status_code == 200


def test_a_text_can_be_read_whole(client_for):
    mailing = make_sending(
        make_group(make_contact(fictional(1), first_name="<b>Camille</b>")), text="Hello {contact.first_name}", campaign=Campaign.objects.create(name="Winter")
    )
    page = body(client_for("viewer").get(f"/sms/messages/{Message.objects.get().pk}/"))
    assert "Hello &lt;b&gt;Camille&lt;/b&gt;" in page and "Winter" in page and "GSM-7" in page
    assert mailing.name in page


def test_a_provider_that_is_paused_is_told_where_its_texts_wait(client_for):
    mailing = make_sending(make_people(2))
    type(mailing.provider).objects.update(lane="paused", lane_reason="The gateway refuses our credentials.")
    for role in ("viewer", "staff"):
        page = body(client_for(role).get(page_of(mailing)))
        assert "is paused: its texts wait" in page and "done at about" not in page


def test_causes_are_looked_up_once_a_page(client_for):
    mailing = make_sending(make_people(3))
    settle(mailing, MessageStatus.FAILED, MessageStatus.SKIPPED)
    client = client_for("viewer")
    with CaptureQueriesContext(connection) as queries:
        page = body(client.get(page_of(mailing)))
    assert "What did not arrive" in page and "Plan and actual" in page
    assert sum('COUNT("campaigns_message"."id")' in query["sql"] for query in queries) == 1


def test_what_was_not_reported_for_three_days_is_called_so_and_is_no_failure(client_for):
    mailing = make_sending(make_people(2))
    settle(mailing, MessageStatus.SENT, MessageStatus.SENT)
    settle(mailing, MessageStatus.DELIVERED)
    client = client_for("viewer")
    for days, word in ((1, "Sent"), (4, "No report")):
        Mailing.objects.filter(id=mailing.pk).update(status="finished", finished_at=timezone.now() - timedelta(days=days))
        page = client.get(page_of(mailing))
        assert [str(label) for label, *_rest in page.context["live"].parts] == ["Delivered", word]
        assert "What did not arrive" not in body(page)
        chips = client.get(f"/sms/mailings/{mailing.pk}/messages/").context["stages"]
        assert [str(state.label) for state, _count in chips] == ["Delivered", word]
