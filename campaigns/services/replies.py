"""Received texts: stored once, matched by E.164 to the contact that was last texted there."""

from django.db import transaction
from django.utils import timezone

from campaigns.models import InboundMessage
from contacts.models import Activity, Contact
from providers.types import InboundSms


@transaction.atomic
def keep(inbound: InboundSms) -> InboundMessage | None:
    """Store a received text and its activity; None when this gateway id is already stored."""
    contact = Contact.objects.active().filter(numbers__number=inbound.sender).order_by("id").first()
    text = inbound.text.replace("\x00", "")
    facts = {"number": inbound.sender[:20], "recipient": inbound.recipient[:20], "text": text, "contact": contact}
    row, new = InboundMessage.objects.get_or_create(provider_id=inbound.provider_id, gateway_id=inbound.gateway_id, defaults=facts)
    if not new:
        return None
    if contact:
        Activity.objects.create(contact=contact, kind=Activity.Kind.SMS_RECEIVED, subject=text[:200], details=text, at=timezone.now(), source=row.id)
    return row
