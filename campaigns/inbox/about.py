"""What the page of a thread says about the person behind it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from campaigns.models import Conversation
from contacts import ledger, number_facts
from contacts.models import Activity, Contact, PhoneNumber

YEAR = timedelta(days=365)
MOST_SHARED = 5


@dataclass(frozen=True, slots=True)
class About:
    """Facts of a contact, and of the number."""

    contact: Any
    groups: list[Any]
    consent: list[ledger.State]
    texts: int
    replies: int
    shared: list[Contact]
    local_time: str


def about(thread: Conversation) -> About:
    """A few small queries."""
    person, now = thread.person, timezone.now()
    local = number_facts.local_time(thread.number, now) if thread.number.startswith("+") else ""
    others = PhoneNumber.objects.filter(number=thread.number, contact__deleted_at__isnull=True).select_related("contact")
    shared = [row.contact for row in others.exclude(contact=person)[:MOST_SHARED]] if person else [row.contact for row in others[:MOST_SHARED]]
    if person is None:
        return About(None, [], [], 0, 0, shared, local)
    groups = [row.group for row in person.memberships.select_related("group").order_by("group__name")[:20]]
    lines = Activity.objects.filter(contact=person, at__gt=now - YEAR)
    texts, replies = (lines.filter(kind=kind).count() for kind in (Activity.Kind.SMS_SENT, Activity.Kind.SMS_RECEIVED))
    return About(person, groups, ledger.states_of(person), texts, replies, shared, local)
