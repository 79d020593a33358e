"""Send test: sent once, marked as a test everywhere, counted nowhere."""

import uuid

import pytest

from campaigns import cards, lanes, trials
from campaigns.models import Message, TestSend
from campaigns.pipeline import deliver
from campaigns.services import figures, transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import make_people, make_provider, make_ready
from campaigns.tests.trying import NEW, ONE, TWO, draft, form, texts_sent
from campaigns.tests.writing import body
from contacts.models import Activity, Contact
from providers.errors import Unknown

pytestmark = pytest.mark.django_db


def test_pressed_twice_it_is_sent_once(client_for):
    data, client = form(draft(), ONE), client_for("author")
    assert client.post(NEW, data)["Location"] == client.post(NEW, data)["Location"]
    assert (Message.objects.count(), TestSend.objects.count()) == (1, 1)


def test_a_changed_form_is_not_swallowed(client_for):
    data, client = form(draft(), ONE), client_for("author")
    client.post(NEW, data)
    answer = client.post(NEW, data | {"typed": TWO})
    assert "already sent" in body(answer)
    assert client.post(NEW, data | {"typed": TWO, "key": answer.context["form"]["key"].value()}).status_code == 302
    assert [number for number, _text in texts_sent()] == [ONE, TWO]


@pytest.mark.django_db(transaction=True)
def test_the_worker_never_sends_an_unknown_test_again(gateway, client_for):
    mailing = draft()
    client_for("author").post(NEW, form(mailing, ONE))
    gateway.error = Unknown("no_answer")
    for _slice in range(3):
        deliver.run_slice(mailing.provider_id, urgent_only=False)
    assert gateway.calls == {ONE: 1}
    assert Message.objects.get().status == MessageStatus.UNKNOWN
    page = body(client_for("viewer").get(f"/sms/tests/{TestSend.objects.get().key}/"))
    assert "Unknown" in page


@pytest.mark.django_db(transaction=True)
def test_a_test_goes_ahead_of_mailings_and_counts_nowhere(gateway, client_for, user_for, rf):
    mailing = make_ready(make_people(2), provider=make_provider())
    before = figures.of(mailing)
    recipient = Contact.objects.order_by("id").first()
    client_for("author").post(NEW, form(mailing, ONE, to=[recipient.numbers.get().pk]))
    deliver.run_slice(mailing.provider_id, urgent_only=True)
    assert sum(gateway.calls.values()) == 2
    assert figures.of(mailing) == before
    assert not Activity.objects.exists()
    assert "bi-send-check" not in body(client_for("viewer").get(f"/contacts/{recipient.pk}/activities/"))
    shown = {str(row["label"]): row["value"] for row in lanes.figures([mailing.provider_id])[mailing.provider_id]}
    assert shown["Accepted"] == 0
    request = rf.get("/")
    request.user = user_for("marketer")
    assert cards.under_way(request) is None and cards.recent(request) is None


def test_a_failed_test_is_no_fault_of_the_lane(client_for):
    mailing = draft()
    client_for("author").post(NEW, form(mailing, ONE))
    transitions.move_messages([Outcome(Message.objects.get().pk, MessageStatus.FAILED)])
    rows = {str(row["label"]): row["value"] for row in lanes.figures([mailing.provider_id])[mailing.provider_id]}
    assert rows["Refused"] == 0


def test_the_mailing_lists_its_tests_and_the_message_says_what_it_is(client_for):
    mailing = draft()
    type(mailing.provider).objects.update(price_per_segment="0.07", currency="EUR")
    client_for("author").post(NEW, form(mailing, ONE, TWO))
    page = body(client_for("viewer").get(f"/sms/mailings/{mailing.pk}/"))
    assert "2 test texts" in page and str(TestSend.objects.get().key) in page
    assert "€0.14" in page[page.index('id="tests"') :]
    message = Message.objects.first()
    page = body(client_for("viewer").get(f"/sms/messages/{message.pk}/"))
    assert "A test: it stands in nobody’s history and in no report." in page and str(TestSend.objects.get().key) in page


def test_a_test_of_a_provider_is_marked_too(client_for):
    provider, key = make_provider(), str(uuid.uuid4())
    client_for("administrator").post(f"/sms/test/{provider.pk}/", {"number": ONE, "text": "Hi", "key": key})
    message = Message.objects.get()
    assert trials.trial_of(message) is None
    for url in (f"/sms/messages/{message.pk}/", f"/sms/send/{key}/"):
        assert "bi-send-check" in body(client_for("administrator").get(url))


def test_pages_cost_the_same_for_one_and_for_many(client_for, django_assert_max_num_queries):
    mailing, client = draft(), client_for("author")
    for _press in range(6):
        client.post(NEW, form(mailing, ONE, TWO))
    with django_assert_max_num_queries(3):
        assert [row["count"] for row in trials.listed(mailing.tests.all())] == [2] * 5
    with django_assert_max_num_queries(14):
        client.get(f"/sms/tests/{TestSend.objects.first().key}/")
