"""Received texts find their contact."""

from itertools import count

import pytest
from django.utils import timezone

from campaigns.services import replies
from campaigns.tests.factories import fictional, make_provider
from contacts.models import Activity
from contacts.services import contacts
from contacts.tests.factories import make_contact
from providers.types import InboundSms

pytestmark = pytest.mark.django_db
_sources = count(1)


def texted(contact, kind=Activity.Kind.SMS_SENT):
    Activity.objects.create(contact=contact, kind=kind, at=timezone.now(), source=next(_sources))


def sender_of(number):
    facts = {"gateway_id": "SM1", "sender": number, "recipient": "36111", "text": "Yes"}
    return replies.keep(InboundSms(provider_id=make_provider().pk, **facts)).contact


def test_a_reply_is_of_the_contact_that_was_last_texted():
    first, second, third = (make_contact(fictional(1)) for _person in range(3))
    for person in (second, third, second):
        texted(person)
    texted(first, Activity.Kind.NOTE)
    assert sender_of(fictional(1)) == second


def test_a_reply_nobody_was_texted_for_is_of_the_oldest_contact():
    first, second = make_contact(fictional(1)), make_contact(fictional(1))
    texted(second, Activity.Kind.NOTE)
    texted(make_contact(fictional(2)))
    assert sender_of(fictional(1)) == first


def test_a_deleted_contact_gets_no_reply():
    gone, here = make_contact(fictional(1)), make_contact(fictional(1))
    texted(gone)
    contacts.delete(gone)
    assert sender_of(fictional(1)) == here


def test_a_reply_from_an_unknown_number_is_kept_without_a_contact():
    assert sender_of(fictional(9)) is None
