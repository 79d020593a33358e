"""The inbox on the home page: what waits for a decision, and what was given to whoever looks."""

import pytest

from campaigns.models import Conversation, Message
from campaigns.tests.factories import fictional, make_message, make_provider
from campaigns.tests.receiving import receive
from contacts.tests.factories import make_contact

pytestmark = [pytest.mark.django_db]
NUMBER = fictional(1)


def home(client):
    return client.get("/").content.decode()


def test_a_text_that_may_mean_stop_stands_above_everything_for_those_who_decide(client_for):
    receive(make_provider(), "please dont text me anymore, I moved", NUMBER)
    page = home(client_for("staff"))
    assert "1 conversation has a text that may mean stop" in page and "/inbox/?show=review" in page
    assert "may mean stop" not in home(client_for("viewer"))


def test_nothing_to_decide_shows_nothing(client_for):
    receive(make_provider(), "See you there", NUMBER)
    page = home(client_for("staff"))
    assert "may mean stop" not in page and "Your conversations" not in page


def test_a_conversation_that_was_given_to_somebody_is_on_their_home_page_only(client_for, user_for):
    receive(make_provider(), "Can I come later?", NUMBER)
    Conversation.objects.update(assigned_to=user_for("staff"))
    page = home(client_for("staff"))
    assert "Your conversations" in page and "Can I come later?" in page
    assert "Your conversations" not in home(client_for("marketer"))
    Conversation.objects.update(state="done")
    assert "Your conversations" not in home(client_for("staff"))


def test_a_text_to_a_number_of_nobody_is_not_of_an_erased_contact(client_for):
    nobodys = make_message(make_provider(), NUMBER)
    person = make_contact(fictional(2))
    erased = make_message(make_provider(), fictional(2), contact_id=person.pk)
    Message.objects.filter(pk=erased.pk).update(contact_id=person.pk + 999)
    client = client_for("staff")
    assert "No contact" in client.get(f"/sms/messages/{nobodys.pk}/").content.decode()
    assert "Erased contact" in client.get(f"/sms/messages/{erased.pk}/").content.decode()
