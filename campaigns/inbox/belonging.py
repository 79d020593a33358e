"""Whose thread it is: an unknown number becomes a contact's, and what was said so far hangs on that contact."""

from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from campaigns.models import Conversation, InboundMessage, Message
from campaigns.pipeline.record import RECORD
from campaigns.services.errors import CampaignError
from contacts.models import Activity, Contact, PhoneNumber
from contacts.services import contacts, numbers
from smsapp.common import phone

MOST_SENT = 1_000  # texts to an unknown number that its history shows


@transaction.atomic
def make_contact(thread: Conversation, *, by: Any, **values: Any) -> Contact:
    """A new contact who has the thread's number."""
    thread = _held(thread)
    return _give(thread, contacts.save_contact(author=by, phones=[(thread.number, phone.kind_of(thread.number), True)], **values))


@transaction.atomic
def add_to(thread: Conversation, contact: Contact, *, by: Any) -> Contact:
    """One more number for somebody who is a contact already, or has this number."""
    thread = _held(thread)
    held = Contact.objects.select_for_update(of=("self",)).filter(pk=contact.pk, deleted_at__isnull=True).first()
    if held is None:
        raise CampaignError("gone", _("This contact is gone. Choose another one."))
    entries = [(row.number, row.kind, row.is_primary) for row in held.numbers.order_by("-is_primary", "id")]
    if thread.number not in [number for number, _kind, _primary in entries]:
        if len(entries) >= numbers.MOST:
            raise CampaignError("too_many", _("This contact has as many numbers as one can have. Remove one first."))
        contacts.save_contact(held, author=by, phones=[*entries, (thread.number, phone.kind_of(thread.number), not entries)])
    return _give(thread, held)


def owners(thread: Conversation) -> list[Contact]:
    """Contacts who have the number by now."""
    rows = PhoneNumber.objects.filter(number=thread.number, contact__deleted_at__isnull=True).select_related("contact").order_by("id")
    return [row.contact for row in rows[:10]]


def _held(thread: Conversation) -> Conversation:
    held = Conversation.objects.select_for_update(of=("self",)).select_related("contact").get(pk=thread.pk)
    if held.person:
        raise CampaignError("known", _("Somebody has given this conversation to a contact already."))
    if not held.number.startswith("+"):
        raise CampaignError("no_number", _("This is a name or a short code, not a number that a contact can have."))
    return held


def _give(thread: Conversation, contact: Contact) -> Contact:
    """The thread, its received texts and those sent to nobody in particular, each with its line in the history."""
    thread.contact = contact
    thread.save(update_fields=["contact"])
    received = list(InboundMessage.objects.filter(number=thread.number, contact__isnull=True).order_by("id"))
    InboundMessage.objects.filter(pk__in=[row.pk for row in received]).update(contact=contact)
    Activity.objects.bulk_create([_line(row, contact) for row in received], ignore_conflicts=True, batch_size=500)
    alone = Message.objects.filter(number=thread.number, mailing__isnull=True, contact__isnull=True).exclude(kind=Message.Kind.TEST)
    sent = list(alone.order_by("-id").values_list("id", flat=True)[:MOST_SENT])
    Message.objects.filter(pk__in=sent).update(contact=contact)
    with connection.cursor() as cursor:
        cursor.execute(RECORD, [sent])
    return contact


def _line(row: InboundMessage, contact: Contact) -> Activity:
    """As campaigns.services.replies writes it for somebody who is known."""
    return Activity(contact=contact, kind=Activity.Kind.SMS_RECEIVED, subject=row.text[:200], details=row.text, at=row.received_at, source=row.pk)
