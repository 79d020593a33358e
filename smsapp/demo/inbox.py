"""Conversations for the inbox: one to decide, a question that somebody looks after, a STOP, somebody unknown, one that is done."""

from datetime import timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from django.utils import timezone

from campaigns.inbox import acts
from campaigns.models import Chunk, Conversation, ConversationNote, InboundMessage, Message
from campaigns.services import replies, transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import ChunkState, MessageStatus
from contacts import eligibility
from contacts.models import Activity, Contact
from providers.models import Provider
from providers.types import InboundSms

SENDER, UNKNOWN = "36111", "+33639989970"
_ids = count(1)


def make_conversations(provider: Provider, staff: Any) -> None:
    """Answers to texts that went out; the youngest are of this hour."""
    people = eligibility.judge(Contact.objects.active().filter(reach=Contact.Reach.MOBILE), marketing=True).filter(reason__isnull=True)
    decide, asks, stops, done = list(people.filter(language="en").order_by("id")[:4])
    _receive(provider, done, "Thank you for the lovely concert.", minutes=60 * 50)
    acts.finish(_thread(done))
    _receive(provider, stops, "STOP", minutes=60 * 26)
    _arrive(Message.objects.get(kind=Message.Kind.AUTOMATIC), 60 * 26)
    _receive(provider, asks, "Is the Saturday workshop wheelchair friendly?", minutes=130)
    note = acts.note(_thread(asks), "Asked the house: there is a lift at the quay.", staff)
    ConversationNote.objects.filter(pk=note.pk).update(at=timezone.now() - timedelta(minutes=110))
    _answer(provider, asks, "Yes, step-free from the quay, and we keep two places at the front.", staff, minutes=95)
    _receive(provider, asks, "Great, I will come with a friend. Is that possible? 😊", minutes=12)
    _receive(provider, UNKNOWN, "Bonsoir, à quelle heure commence le concert ?", minutes=34)
    _receive(provider, decide, "please dont text me anymore, I moved", minutes=21)


def _receive(provider: Provider, who: Contact | str, text: str, *, minutes: int) -> None:
    number = who if isinstance(who, str) else who.sms_number or ""
    row = replies.keep(InboundSms(provider.pk, f"DEMO{next(_ids)}", number, SENDER, text))
    assert row is not None  # its id is new
    at = timezone.now() - timedelta(minutes=minutes)
    InboundMessage.objects.filter(pk=row.pk).update(received_at=at)
    Conversation.objects.filter(number=number).update(last_at=at)
    Activity.objects.filter(source=row.pk, kind=Activity.Kind.SMS_RECEIVED).update(at=at)


def _answer(provider: Provider, who: Contact, text: str, author: Any, *, minutes: int) -> None:
    (message,) = acts.reply(_thread(who), by=author, provider=provider, sender=SENDER, text=text, key=str(uuid4()), most_segments=3)
    _arrive(message, minutes)


def _arrive(message: Message, minutes: int) -> None:
    """Sent and reported so long ago."""
    transitions.move_messages([Outcome(message.pk, MessageStatus.SENT, f"SM{message.pk:032x}", attempts=1)])
    transitions.move_messages([Outcome(message.pk, MessageStatus.DELIVERED)], reported=True)
    Chunk.objects.filter(id__in=[message.chunk_id]).update(state=ChunkState.DONE)
    at = timezone.now() - timedelta(minutes=minutes)
    Message.objects.filter(pk=message.pk).update(created_at=at, sent_at=at, reported_at=at)
    Activity.objects.filter(source=message.pk, kind=Activity.Kind.SMS_SENT).update(at=at)


def _thread(who: Contact) -> Conversation:
    return Conversation.objects.get(number=who.sms_number)
