"""Actions are done only in the states that offer them, whatever is posted."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Mailing
from campaigns.services import mailings, standing
from campaigns.services.errors import CampaignError
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import make_mailing, make_people, make_ready, make_sending

pytestmark = pytest.mark.django_db


def scheduled():
    return mailings.confirm(make_ready(make_people(1)), None, at=timezone.now() + timedelta(hours=1))


def act(client, mailing, action):
    return client.post(f"/sms/mailings/{mailing.pk}/{action}/", follow=True).content.decode()


def stored(mailing):
    return Mailing.objects.values_list("status", "archived").get(pk=mailing.pk)


def test_an_author_cannot_stop_a_launched_mailing(client_for):
    mailing = scheduled()
    assert "That is not possible now" in act(client_for("author"), mailing, "stop")
    assert stored(mailing) == (MailingStatus.SCHEDULED, False)


@pytest.mark.parametrize("action", ["archive", "restore", "take-back", "pause", "resume"])
def test_a_plan_is_refused_what_it_is_not_offered(client_for, action):
    mailing = make_ready(make_people(1))
    assert "That is not possible now" in act(client_for("marketer"), mailing, action)
    assert stored(mailing) == (MailingStatus.READY, False)


@pytest.mark.parametrize(
    ("make", "action", "words"),
    [
        (lambda: mailings.pause(scheduled(), None), "reschedule", "is paused. Resume it first"),
        (lambda: make_mailing(make_people(1)), "pause", "is a draft. Make its plan and confirm it in step 3 first."),
        (lambda: make_ready(make_people(1)), "pause", "waits for confirmation. Confirm it in step 3 first."),
        (lambda: make_sending(make_people(1)), "reschedule", "is being sent. It can be paused"),
        (lambda: mailings.cancel(scheduled(), None), "resume", "is cancelled. Copy it"),
    ],
)
def test_a_refusal_says_where_the_mailing_stands_and_what_to_do(client_for, make, action, words):
    assert words in act(client_for("marketer"), make(), action)


@pytest.mark.parametrize("status", MailingStatus)
def test_every_state_has_its_sentence(status):
    assert "“Open evening”" in standing.told(Mailing(name="Open evening", status=status))


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_archived_mailing_is_refused_what_it_is_not_offered(client_for, method):
    mailing = make_mailing(make_people(1), archived=True)
    response = getattr(client_for("author"), method)(f"/sms/mailings/{mailing.pk}/delete/", follow=True)
    assert "That is not possible now" in response.content.decode()
    assert Mailing.objects.filter(pk=mailing.pk).exists()


def test_a_preparation_that_was_launched_meanwhile_is_not_stopped():
    mailing = scheduled()
    with pytest.raises(CampaignError, match="not possible now"):
        mailings.take_back(mailing, None, only_from=(MailingStatus.PREPARING,))
    assert stored(mailing) == (MailingStatus.SCHEDULED, False)


def test_what_is_archived_is_neither_prepared_nor_launched():
    draft, ready = make_mailing(make_people(1), archived=True), make_ready(make_people(1))
    Mailing.objects.filter(pk=ready.pk).update(archived=True)
    for step, mailing in ((mailings.prepare, draft), (mailings.confirm, ready)):
        with pytest.raises(CampaignError, match="Take it out of the archive"):
            step(mailing, None)
    assert (stored(draft), stored(ready)) == ((MailingStatus.DRAFT, True), (MailingStatus.READY, True))


def test_a_sending_mailing_is_not_restored(client_for):
    mailing = make_sending(make_people(1))
    assert "That is not possible now" in act(client_for("marketer"), mailing, "restore")
