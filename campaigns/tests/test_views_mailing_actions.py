"""What is done to a mailing from its page and from lists: pause, cancel, copy, delete, archive."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Mailing
from campaigns.services import mailings
from campaigns.statuses import MailingStatus, MessageStatus
from campaigns.tests.factories import make_mailing, make_people, make_ready, make_sending
from campaigns.tests.working import settle

pytestmark = pytest.mark.django_db


def page_of(mailing, part=""):
    return f"/sms/mailings/{mailing.pk}/{part}"


def body(response):
    return response.content.decode()


def status(mailing):
    return Mailing.objects.get(pk=mailing.pk).status


def test_pause_and_resume(client_for):
    mailing, client = make_sending(make_people(2)), client_for("marketer")
    assert client.post(page_of(mailing, "pause/"))["Location"] == page_of(mailing)
    assert status(mailing) == MailingStatus.PAUSED
    client.post(page_of(mailing, "resume/"))
    assert status(mailing) == MailingStatus.SENDING


def test_cancel_asks_with_the_numbers_and_then_cancels(client_for):
    mailing, client = make_sending(make_people(3)), client_for("marketer")
    settle(mailing, MessageStatus.SENT)
    question = body(client.get(page_of(mailing, "cancel/")))
    assert "Cancel the 2 texts not yet gone?" in question and "text is gone and cannot be called back" in question
    assert "<html" not in body(client.get(page_of(mailing, "cancel/"), headers={"HX-Request": "true"}))
    assert status(mailing) == MailingStatus.SENDING
    client.post(page_of(mailing, "cancel/"))
    assert status(mailing) == MailingStatus.CANCELLED


def test_an_action_that_came_too_late_is_told(client_for):
    mailing, client = make_sending(make_people(1)), client_for("marketer")
    for _click in range(2):
        response = client.post(page_of(mailing, "cancel/"), follow=True)
    assert "That is not possible now" in body(response)
    assert client.get(page_of(mailing, "cancel/"))["Location"] == page_of(mailing)


def test_a_copy_is_a_draft_to_continue(client_for):
    mailing = make_sending(make_people(1), name="Open evening")
    response = client_for("author").post(page_of(mailing, "copy/"))
    new = Mailing.objects.latest("id")
    assert response["Location"] == page_of(new, "recipients/")
    assert (new.name, new.status, new.text) == ("Copy of Open evening", MailingStatus.DRAFT, mailing.text)


def test_a_draft_is_deleted_after_a_question_a_sent_one_never(client_for):
    draft, sent, client = make_mailing(name="Half done"), make_sending(make_people(1)), client_for("author")
    assert "Delete the draft “Half done”?" in body(client.get(page_of(draft, "delete/")))
    client.post(page_of(draft, "delete/"))
    client.post(page_of(sent, "delete/"))
    assert list(Mailing.objects.all()) == [sent]


def test_a_scheduled_mailing_is_taken_back_to_draft(client_for):
    mailing = mailings.confirm(make_ready(make_people(1)), None, at=timezone.now() + timedelta(hours=1))
    response = client_for("marketer").post(page_of(mailing, "take-back/"))
    assert response["Location"] == page_of(mailing, "content/") and status(mailing) == MailingStatus.DRAFT


def test_a_preparation_can_be_stopped(client_for):
    mailing = mailings.prepare(make_mailing(make_people(1)), None)
    client_for("author").post(page_of(mailing, "stop/"))
    assert status(mailing) == MailingStatus.DRAFT


def test_archived_and_back(client_for):
    mailing, client = make_sending(make_people(1)), client_for("marketer")
    mailings.cancel(mailing, None)
    client.post(page_of(mailing, "archive/"))
    assert Mailing.objects.get().archived
    client.post(page_of(mailing, "restore/"))
    assert not Mailing.objects.get().archived


def test_unknown_actions_and_mailings_are_not_found(client_for):
    client = client_for("marketer")
    assert client.post(page_of(make_mailing(), "explode/")).status_code == 404
    assert client.get("/sms/mailings/999/").status_code == client.post("/sms/mailings/999/pause/").status_code == 404


def test_cancelling_is_named_by_whether_there_is_a_rest(client_for):
    ready, sending = make_ready(make_people(1)), make_sending(make_people(1))
    assert "Cancel the mailing" in body(client_for("marketer").get(page_of(ready)))
    assert "Cancel the rest" in body(client_for("marketer").get(page_of(sending)))
