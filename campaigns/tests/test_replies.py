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
from smsapp.common.models import Organisation

pytestmark = pytest.mark.django_db
_sources = count(1)


def texted(contact, kind=Activity.Kind.SMS_SENT):
    Activity.objects.create(contact=contact, kind=kind, at=timezone.now(), source=next(_sources))


def kept(number, **provider):
    facts = {"gateway_id": "SM1", "sender": number, "recipient": "36111", "text": "Yes"}
    return replies.keep(InboundSms(provider_id=make_provider(**provider).pk, **facts))


def sender_of(number, **provider):
    return kept(number, **provider).contact


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


@pytest.mark.parametrize(("written", "region"), [("0639980007", "FR"), ("639980007", "FR"), ("0033639980007", "GB"), ("+33639980007", "")])
def test_a_number_as_its_country_writes_it_is_read_in_the_providers_region(written, region):
    person = make_contact("+33639980007")
    reply = kept(written, default_region=region)
    assert (reply.number, reply.contact) == ("+33639980007", person)


def test_without_a_region_of_its_own_the_organisations_counts():
    Organisation.objects.update_or_create(pk=Organisation.current().pk, defaults={"default_region": "GB"})
    person = make_contact("+447700900123")
    assert sender_of("07700900123") == person


@pytest.mark.parametrize("written", ["36111", "RIVERSIDE", "0639", "39", ""])
def test_short_codes_and_names_stay_as_they_came(written):
    assert kept(written, default_region="FR").number == written
