"""A plan that reaches nobody leads to the cure; cancelling is offered while there is something to cancel."""

import pytest

from campaigns.models import Message
from campaigns.services import figures, mailings, transitions
from campaigns.services.errors import CampaignError
from campaigns.services.transitions import Outcome
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import fictional, make_people, make_provider, make_ready, make_sending
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("provider", "text", "words"),
    [
        ({"allowed_countries": ["DE"]}, "Hi", "Choose another provider in step 2, or let an administrator allow the country."),
        ({}, "x" * 200, "Shorten the text, or allow more segments in step 2."),
    ],
)
def test_most_left_out_by_text_or_provider_leads_to_step_2(client_for, provider, text, words):
    group = make_group(*(make_contact(fictional(n)) for n in range(3)), make_contact(None))
    mailing = make_ready(group, provider=make_provider(**provider), text=text)
    page = client_for("author").get(f"/sms/mailings/{mailing.pk}/plan/").content.decode()
    blocker = page[page.index("Nobody would get this text") : page.index("</li>", page.index("Nobody would get this text"))]
    assert words in blocker and f"/sms/mailings/{mailing.pk}/content/" in blocker and "step 1" not in blocker


@pytest.fixture
def gone():
    """A mailing under way whose last text has left."""
    mailing = make_sending(make_people(2))
    transitions.move_messages([Outcome(pk, MessageStatus.SENT) for pk in Message.objects.values_list("pk", flat=True)])
    return mailing


def cancels(page):
    return "Cancel the rest" in page or "/cancel/" in page


def test_nothing_is_offered_to_cancel_once_all_have_left(client_for, gone):
    client = client_for("marketer")
    assert not cancels(client.get(f"/sms/mailings/{gone.pk}/").content.decode())
    assert not cancels(client.get("/sms/mailings/").content.decode())
    answer = client.get(f"/sms/mailings/{gone.pk}/cancel/", follow=True).content.decode()
    assert "Nothing is left to cancel" in answer
    with pytest.raises(CampaignError, match="Nothing is left to cancel"):
        mailings.cancel(gone, None)


def test_while_one_still_waits_the_rest_can_be_cancelled(client_for):
    mailing = make_sending(make_people(2))
    transitions.move_messages([Outcome(Message.objects.order_by("pk")[0].pk, MessageStatus.SENT)])
    client = client_for("marketer")
    assert cancels(client.get(f"/sms/mailings/{mailing.pk}/").content.decode()) and cancels(client.get("/sms/mailings/").content.decode())
    assert figures.of(mailings.cancel(mailing, None)).cancelled == 1


def test_a_prepared_mailing_can_still_be_called_off(client_for):
    mailing = make_ready(make_people(1))
    assert "Cancel the mailing" in client_for("marketer").get(f"/sms/mailings/{mailing.pk}/").content.decode()
