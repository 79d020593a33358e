"""Received texts: stored once, understood and obeyed in one transaction, which the gateway's webhook waits for.

So a STOP holds from the moment it is answered, with the broker down too. The number's conversation is held first, so that texts of one number come one
after the other. A text is matched by E.164 to the contact among those who have the number that was last texted; a gateway that writes numbers
as its own country does is understood by the provider's default region.
"""

from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from campaigns import sent_to
from campaigns.models import Conversation, InboundMessage, Message
from campaigns.services import hearing, keyword_actions, series
from campaigns.statuses import ACCEPTED
from contacts.models import Activity, Contact
from providers.models import Provider
from providers.types import InboundSms
from smsapp.common import phone
from smsapp.common.forms import TURNING
from smsapp.common.models import Organisation

SNIPPET = 160  # characters of a text that lists show


@transaction.atomic
def keep(inbound: InboundSms) -> InboundMessage | None:
    """Store a received text, its activity and its conversation, and do what it asks for; None when this gateway id is already stored."""
    provider = Provider.objects.get(pk=inbound.provider_id)
    number = _international(inbound.sender, provider)
    thread, new = _thread(number)
    row = _stored(inbound, number, thread)
    if row is None:
        return None
    if row.contact:
        Activity.objects.create(
            contact=row.contact, kind=Activity.Kind.SMS_RECEIVED, subject=TURNING.sub("", row.text[:200]), details=row.text, at=row.received_at, source=row.id
        )
    settled = keyword_actions.obey(row, thread, hearing.hear(row), provider)
    _remember(thread, row, new=new, settled=settled)
    return row


def _thread(number: str) -> tuple[Conversation, bool]:
    """The number's conversation, held until the transaction ends, and whether it begins now."""
    _row, new = Conversation.objects.get_or_create(number=number, defaults={"last_at": timezone.now()})
    return Conversation.objects.select_for_update(of=("self",)).get(number=number), new


def _stored(inbound: InboundSms, number: str, thread: Conversation) -> InboundMessage | None:
    """The new row, with the text that it answers; the series of what they were sent end here."""
    contact = _sender(number)
    sent = [text for text in sent_to.newest(number, contact=contact.pk if contact else None) if text.status in ACCEPTED]
    answered = next((text for text in sent if text.kind != Message.Kind.AUTOMATIC), None)  # what was answered by itself asked for no reply
    facts = {
        "number": number, "recipient": storable(inbound.recipient)[:20], "text": storable(inbound.text), "contact": contact, "conversation": thread,
        "answers_id": answered.id if answered else None, "mailing_id": answered.mailing if answered else None,
    }  # fmt: skip
    row = _once(inbound.provider_id, storable(inbound.gateway_id)[:80], facts)
    if row is not None:
        series.stop(number, sent)
    return row


def _once(provider: int, gateway_id: str, facts: dict[str, Any]) -> InboundMessage | None:
    """The new row; None when this text is already stored under its id.

    Nothing tells a repetition of a text without an id but the stored event, which is there once; and a gateway that begins to count anew has an id
    for two texts, of which the second may be a STOP.
    """
    if gateway_id:
        row, new = InboundMessage.objects.get_or_create(provider_id=provider, gateway_id=gateway_id, defaults=facts)
        if new:
            return row
        if (row.number, row.text) == (facts["number"], facts["text"]):
            return None
    return InboundMessage.objects.create(provider_id=provider, gateway_id="", **facts)


def _remember(thread: Conversation, row: InboundMessage, *, new: bool, settled: bool) -> None:
    """What lists show of the thread; a text that was dealt with by itself wakes nobody."""
    thread.contact = row.contact or thread.contact
    thread.last_at, thread.last_text, thread.last_is_ours = row.received_at, _snippet(row.text), False
    if not settled:
        thread.unread, thread.state = thread.unread + 1, Conversation.State.OPEN
    elif new:
        thread.state = Conversation.State.DONE
    thread.save()


def _snippet(text: str) -> str:
    """One line for lists, without signs that would turn the direction of what stands beside it."""
    return " ".join(TURNING.sub("", text[: SNIPPET * 2]).split())[:SNIPPET]


def storable(text: str) -> str:
    """Any text as the database can hold it: without NUL, halves of characters joined, lone ones replaced."""
    return text.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _international(sender: str, provider: Provider) -> str:
    """Who wrote, as E.164 where that can be told: names and short codes stay as they came, and so does what may be two numbers."""
    if sender.startswith("+"):
        return storable(sender)[:20]
    try:
        return phone.normalise(sender, provider.default_region or Organisation.current().default_region)
    except phone.PhoneError:
        return storable(sender)[:20]


def _sender(number: str) -> Contact | None:
    """Several people may share a number: the one last texted answers, else the one known longest."""
    texts = Activity.objects.filter(contact=OuterRef("id"), kind=Activity.Kind.SMS_SENT).order_by("-at", "-id")  # each one's timeline, by its index
    people = Contact.objects.active().filter(numbers__number=number).annotate(texted=Subquery(texts.values("id")[:1]))
    return people.order_by(F("texted").desc(nulls_last=True), "id").first()
