"""Received texts make threads: one for each number, with what they answer, read in the order of time."""

import pytest
from django.utils import timezone

from campaigns.inbox import threads
from campaigns.models import Conversation, ConversationNote, InboundMessage, Message
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import fictional, make_message, make_people, make_provider, make_sending
from campaigns.tests.receiving import ME, receive, work
from campaigns.tests.working import unite
from contacts.models import Contact
from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db


def thread(number=ME):
    return Conversation.objects.get(number=number)


def test_texts_of_a_number_make_one_open_thread():
    provider, person = make_provider(), make_contact(ME)
    rows = [receive(provider, text) for text in ("Hello\nthere", "Are you open today? " + "x" * 200)]
    found = thread()
    assert (found.contact, found.unread, found.state, found.last_is_ours, found.needs_review) == (person, 2, "open", False, False)
    assert found.last_text == rows[1].text[:160]
    assert {row.conversation_id for row in rows} == {found.pk}
    assert found.last_at == rows[1].received_at


def test_unknown_senders_have_threads_too():
    receive(make_provider(), "Hello", "RIVERSIDE")
    assert thread("RIVERSIDE").contact is None


def test_a_keyword_wakes_nobody_and_a_text_opens_a_thread_that_was_done():
    provider = make_provider()
    receive(provider, "HELP")
    assert (thread().state, thread().unread) == ("done", 0)
    receive(provider, "When do you open?")
    assert (thread().state, thread().unread) == ("open", 1)
    receive(provider, "STOP")
    assert (thread().state, thread().unread) == ("open", 1)


@pytest.mark.django_db(transaction=True)
def test_a_reply_answers_the_last_text_and_its_mailing(gateway, short_slices):
    provider = make_provider()
    mailing = make_sending(make_people(2), provider=provider)
    work(provider)
    person = Contact.objects.get(sms_number=ME)
    row = receive(provider, "Thanks")
    text = Message.objects.get(mailing=mailing, contact=person)
    assert (row.answers_id, row.mailing_id) == (text.pk, mailing.pk)
    one_off = make_message(provider, number=ME, contact=person)
    assert receive(provider, "What?").answers_id == text.pk  # the other one has not left
    work(provider)
    row = receive(provider, "HELP")
    assert (row.answers_id, row.mailing_id) == (one_off.pk, None)
    work(provider)
    assert receive(provider, "Thanks").answers_id == one_off.pk  # what was answered by itself asked nothing


def test_a_reply_of_somebody_unknown_answers_a_text_to_the_number():
    provider = make_provider()
    text = make_message(provider, number=fictional(9), status=MessageStatus.SENT, sent_at=timezone.now())
    make_message(provider, number=fictional(9), kind=Message.Kind.TEST, status=MessageStatus.SENT, sent_at=timezone.now())
    assert receive(provider, "Yes", fictional(9)).answers_id == text.pk


@pytest.mark.django_db(transaction=True)
def test_a_thread_is_read_in_the_order_of_time(gateway, short_slices, django_assert_num_queries, user_for):
    provider = make_provider()
    make_sending(make_people(2), provider=provider, text="Concert on Friday")
    work(provider)
    receive(provider, "When exactly?")
    make_message(provider, number=ME, contact=Contact.objects.get(sms_number=ME), text="At nine")
    work(provider)
    ConversationNote.objects.create(conversation=thread(), text="Wants two seats", author=user_for("staff"))
    receive(provider, "HELP")
    conversation = thread()
    with django_assert_num_queries(4):
        lines = threads.read(conversation)
    assert [(line.text[:15], line.is_ours) for line in lines[:5]] == [
        ("Concert on Frid", True), ("When exactly?", False), ("At nine", True), ("Wants two seats", True), ("HELP", False),
    ]  # fmt: skip
    assert (len(lines), lines[0].state.code, lines[5].state.code) == (6, "sent", "queued")
    assert threads.read(conversation, most=2)[0].text == "HELP"
    assert [line.text for line in threads.read(conversation, before=lines[2].at)] == [line.text for line in lines[:2]]


@pytest.mark.django_db(transaction=True)
def test_threads_follow_people_who_become_one():
    provider = make_provider()
    winner, loser = make_contact(fictional(2)), make_contact(ME)
    receive(provider, "Hello")
    unite(winner, loser)
    assert thread().contact == winner
    assert receive(provider, "Hello again").contact == winner


def test_texts_from_before_are_gathered():
    from importlib import import_module

    from django.db import connection

    provider = make_provider()
    for text in ("one", "two\n three"):
        InboundMessage.objects.create(provider=provider, gateway_id=text, number=ME, text=text)
    migration = import_module("campaigns.migrations.0024_gather_conversations")
    with connection.cursor() as cursor:
        for statement in (migration.THREADS, migration.LINES):
            cursor.execute(statement)
    assert (thread().last_text, thread().unread, thread().state) == ("two three", 0, "open")
    assert InboundMessage.objects.filter(conversation=thread()).count() == 2
