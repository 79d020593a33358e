"""Somebody who got a text again is one recipient, with two texts: on every page, in every list, before a purge and after it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Chunk, Mailing, Message
from campaigns.services import campaign_figures, campaigns, figures, proof, retention, retries, transitions, unknowns
from campaigns.services.transitions import Outcome
from campaigns.statuses import ChunkState, MailingStatus, MessageStatus
from campaigns.tests.factories import make_people, make_sending
from campaigns.tests.working import settle
from campaigns.wizard import picker
from smsapp.common.retention import Round

pytestmark = pytest.mark.django_db
S = MessageStatus


@pytest.fixture
def repeated():
    """A finished mailing to three people: one text failed and was sent again."""
    mailing = make_sending(make_people(3), campaign=campaigns.create("Winter"))
    settle(mailing, S.SENT, S.SENT, S.FAILED)
    Mailing.objects.filter(pk=mailing.pk).update(status=MailingStatus.FINISHED, finished_at=timezone.now())
    mailing.refresh_from_db()
    failed = Message.objects.get(mailing=mailing, status=S.FAILED)
    assert retries.send([failed.pk], None).done == 1
    settle_again(mailing)
    return mailing


def settle_again(mailing, status=S.SENT):
    transitions.move_messages([Outcome(Message.objects.get(mailing=mailing, again_of__isnull=False).pk, status)])


def page(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return response


def test_the_page_says_three_recipients_and_four_texts(client_for, repeated):
    words = page(client_for("viewer"), f"/sms/mailings/{repeated.pk}/").content.decode()
    assert "All 3 recipients" in words and "of 4 dealt with" in words
    assert '<dt>Recipients</dt><dd class="num">3</dd>' in words and "1 of them sent again" in words


def test_the_list_of_its_recipients_says_why_it_has_more_lines(client_for, repeated):
    response = page(client_for("viewer"), f"/sms/mailings/{repeated.pk}/messages/")
    words = response.content.decode()
    assert len(response.context["page"]) == 4 and "3 recipients, 4 texts" in words and "1 text was sent again" in words
    assert len(page(client_for("viewer"), f"/sms/mailings/{repeated.pk}/messages/?again=1").context["page"]) == 1
    other = make_sending(make_people(2))
    assert "sent again" not in page(client_for("viewer"), f"/sms/mailings/{other.pk}/messages/").content.decode()


def test_lists_campaigns_and_boxes_say_the_same(client_for, repeated):
    viewer = client_for("viewer")
    (row,) = page(viewer, "/sms/mailings/").context["page"]
    assert row.size == 3
    response = page(viewer, f"/sms/campaigns/{repeated.campaign_id}/")
    assert [row.size for row in response.context["page"]] == [3]
    totals = campaign_figures.of(repeated.campaign)
    assert (totals.figures.people, totals.figures.total, totals.figures.again) == (3, 4, 1)
    assert picker._texted([repeated.pk]) == {repeated.pk: (3, 3)}


def test_who_may_have_got_two_is_one_who_was_texted():
    mailing = make_sending(make_people(2))
    settle(mailing, S.SENT, S.UNKNOWN)
    Mailing.objects.filter(pk=mailing.pk).update(status=MailingStatus.FINISHED, finished_at=timezone.now())
    unknowns.settle([Message.objects.get(status=S.UNKNOWN).pk], unknowns.Choice.AGAIN, None)
    settle_again(mailing)
    assert figures.of(mailing).texted == 3
    assert picker._texted([mailing.pk]) == {mailing.pk: (2, 2)}


def test_figures_add_up_and_a_purge_changes_none(repeated):
    before = figures.of(repeated)
    assert (before.people, before.total, before.again) == (3, 4, 1) and proof.differences() == []
    Chunk.objects.update(state=ChunkState.DONE, due_at=timezone.now() - timedelta(days=400))
    Mailing.objects.update(finished_at=timezone.now() - timedelta(days=400))
    retention.purge(timezone.now() - timedelta(days=365), Round())
    assert not Message.objects.filter(mailing=repeated).exists()
    assert figures.of(repeated) == before and proof.differences() == []
