"""Texts that may mean stop wait for a person; until then no marketing goes to their number, and everything else does."""

import pytest

from campaigns.models import Conversation, InboundMessage, Message
from campaigns.pipeline.number_rules import NumberRules
from campaigns.services import reviews
from campaigns.services.errors import CampaignError
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import fictional, make_people, make_provider, make_ready, make_sending
from campaigns.tests.receiving import ME, automatic, receive, work
from campaigns.tests.test_claim_property import judged
from campaigns.tests.working import told
from contacts import eligibility
from contacts.decision import explain
from contacts.models import ConsentEntry, Contact, Suppression
from contacts.services import suppressions
from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "Please take me off your list"


@pytest.fixture
def waiting():
    """A text that waits for a decision, of somebody known."""
    make_contact(ME)
    return receive(make_provider(), TEXT)


def test_it_waits_in_its_thread(waiting):
    assert (waiting.action, waiting.review) == ("review", "waiting")
    thread = Conversation.objects.get()
    assert (thread.needs_review, thread.unread, thread.state) == (True, 1, "open")
    assert not Suppression.objects.exists()


def test_meanwhile_marketing_leaves_the_number_out_and_service_texts_go(waiting):
    person = Contact.objects.get()
    reasons = {marketing: eligibility.judge(Contact.objects.all(), marketing=marketing).get().reason for marketing in (True, False)}
    assert reasons == {True: "in_review", False: None}
    message = {"chunk_id": 4_711, "contact": person, "number": ME, "text": "Hi"}
    claims = [judged([Message(position=0, **message)], marketing=marketing, rules=NumberRules(frozenset(), real_only=False))[-1] for marketing in (True, False)]
    assert claims == ["in_review", None]
    found = explain(person)
    assert (found.marketing, found.one_off) == ("in_review", None)


def test_other_reasons_come_first(waiting):
    suppressions.suppress(ME, note="x", author=None)
    assert eligibility.judge(Contact.objects.all(), marketing=True).get().reason == "suppressed"
    assert explain(Contact.objects.get()).marketing == "suppressed"


def test_what_was_queued_is_skipped_at_the_claim_and_a_preparation_leaves_out(gateway, short_slices):
    provider, people = make_provider(), make_people(3)
    mailing = make_sending(people, provider=provider)
    receive(provider, TEXT)
    work(provider)
    assert told(mailing)[Contact.objects.get(sms_number=ME).pk] == (MessageStatus.SKIPPED, "in_review")
    assert set(gateway.calls) == {fictional(0), fictional(2)}
    again = make_ready(people, provider=provider)
    assert Message.objects.filter(mailing=again).count() == 2


def test_why_says_it_in_words(waiting, client_for):
    person = Contact.objects.get()
    shown = client_for("staff").get(f"/contacts/{person.pk}/why/").content.decode()
    assert "A reply waits for review" in shown
    assert "may mean stop" in shown


def test_a_stop_is_as_good_as_the_keyword(waiting, user_for):
    marta = user_for("staff")
    reviews.decide(waiting, stop=True, by=marta)
    waiting.refresh_from_db()
    assert (waiting.review, waiting.reviewed_by) == ("stop", marta)
    entry = ConsentEntry.objects.get()
    assert (entry.event, entry.wording, entry.own_act, entry.author) == ("opt_out", TEXT, True, marta)
    assert Suppression.objects.get().reason == "stop"
    assert len(automatic()) == 1
    assert not Conversation.objects.get().needs_review


def test_no_stop_lets_marketing_go_again(waiting, user_for):
    reviews.decide(waiting, stop=False, by=user_for("staff"))
    assert eligibility.judge(Contact.objects.all(), marketing=True).get().reason is None
    assert not Suppression.objects.exists()


def test_it_is_decided_once(waiting, user_for):
    reviews.decide(waiting, stop=False, by=user_for("staff"))
    with pytest.raises(CampaignError, match="Somebody has decided"):
        reviews.decide(waiting, stop=True, by=user_for("staff"))


def test_a_thread_waits_until_all_its_texts_are_decided(waiting, user_for):
    other = receive(make_provider(), "stop texting me")
    reviews.decide(waiting, stop=False, by=user_for("staff"))
    assert Conversation.objects.get().needs_review
    reviews.decide(other, stop=False, by=user_for("staff"))
    assert not Conversation.objects.get().needs_review


def test_the_keyword_itself_decides(waiting):
    receive(make_provider(), "STOP")
    assert list(InboundMessage.objects.order_by("id").values_list("review", flat=True)) == ["stop", ""]
    assert not Conversation.objects.get().needs_review
