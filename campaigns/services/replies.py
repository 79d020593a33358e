"""Received texts: stored once, matched by E.164 to the contact among those who have the number that was last texted.

A gateway that writes numbers as its own country does is understood by the provider's default region.
"""

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from campaigns.models import InboundMessage
from contacts.models import Activity, Contact
from providers.models import Provider
from providers.types import InboundSms
from smsapp.common import phone
from smsapp.common.models import Organisation


@transaction.atomic
def keep(inbound: InboundSms) -> InboundMessage | None:
    """Store a received text and its activity; None when this gateway id is already stored."""
    number = _international(inbound)
    contact = _sender(number)
    text = inbound.text.replace("\x00", "")
    facts = {"number": number[:20], "recipient": inbound.recipient[:20], "text": text, "contact": contact}
    row, new = InboundMessage.objects.get_or_create(provider_id=inbound.provider_id, gateway_id=inbound.gateway_id, defaults=facts)
    if not new:
        return None
    if contact:
        Activity.objects.create(contact=contact, kind=Activity.Kind.SMS_RECEIVED, subject=text[:200], details=text, at=timezone.now(), source=row.id)
    return row


def _international(inbound: InboundSms) -> str:
    """Who wrote, as E.164 where that can be told: names and short codes stay as they came, and so does what may be two numbers."""
    if inbound.sender.startswith("+"):
        return inbound.sender
    provider = Provider.objects.filter(pk=inbound.provider_id).values_list("default_region", flat=True).first()
    try:
        return phone.normalise(inbound.sender, provider or Organisation.current().default_region)
    except phone.PhoneError:
        return inbound.sender


def _sender(number: str) -> Contact | None:
    """Several people may share a number: the one last texted answers, else the one known longest."""
    texts = Activity.objects.filter(contact=OuterRef("id"), kind=Activity.Kind.SMS_SENT).order_by("-at", "-id")  # each one's timeline, by its index
    people = Contact.objects.active().filter(numbers__number=number).annotate(texted=Subquery(texts.values("id")[:1]))
    return people.order_by(F("texted").desc(nulls_last=True), "id").first()
