"""What is shown of a mailing whose people were merged, and who gets the replies."""

import pytest
from django.urls import reverse

from campaigns.models import Message
from campaigns.services import merged, replies
from campaigns.tests.factories import make_ready, make_sending
from campaigns.tests.working import A, B, two_people, unite
from contacts.models import Activity
from contacts.tests.factories import make_contact, make_group
from providers.types import InboundSms

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("short_slices")]


def test_lists_of_a_mailing_lead_to_the_winner(client_for):
    ana, ben, group, provider = two_people()
    carl = make_contact(None)
    mailing = make_sending(group, make_group(carl), provider=provider)
    unite(ana, ben, carl)
    client, here = client_for("viewer"), f'href="{reverse("contacts:detail", args=[ana.pk])}"'
    messages = client.get(reverse("campaigns:messages", args=[mailing.pk])).content.decode()
    assert messages.count(here) == 2 and "Merged with somebody who gets this text" in messages
    assert here in client.get(reverse("campaigns:left_out", args=[mailing.pk])).content.decode()
    assert here in client.get(reverse("campaigns:message", args=[Message.objects.get(contact=ben).pk])).content.decode()
    narrowed = client.get(reverse("campaigns:messages", args=[mailing.pk]), {"reason": "merged"})
    assert [message.contact_id for message in narrowed.context["page"]] == [ben.pk]


def test_the_page_that_asks_counts_the_texts_that_wait():
    ana, ben, group, provider = two_people()
    make_sending(group, provider=provider)
    make_ready(make_group(ben), provider=provider)
    assert merged.waiting_texts([ana.pk, ben.pk]).counts == {ana.pk: 1, ben.pk: 2}
    assert merged.waiting_texts([ana.pk]).note(2) == "waiting texts go on; one text a mailing"


def test_replies_reach_the_winner_by_any_number():
    ana, ben, _group, provider = two_people()
    unite(ana, ben)
    for number in (A, B):
        replies.keep(InboundSms(provider_id=provider.pk, gateway_id=f"in{number}", sender=number, recipient="36111", text="Hello"))
    assert set(Activity.objects.filter(kind="sms_received").values_list("contact", flat=True)) == {ana.pk}
