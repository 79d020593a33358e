"""What the page of a thread says about the person behind it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from campaigns.models import Conversation, Kind, Mailing, Message
from campaigns.statuses import MailingStatus as Status
from contacts import ledger, number_facts
from contacts.models import Activity, Contact, PhoneNumber

YEAR = timedelta(days=365)
MOST_SHARED = 5
MOST_MAILINGS = 200


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
    drops_out_of: int = 0  # scheduled mailings that would text the number, and do not once it is blocked


def about(thread: Conversation, *, blocked: bool) -> About:
    """A few small queries. `blocked`: the number gets no texts, or may be about to, else at most no marketing."""
    person, now = thread.person, timezone.now()
    local = number_facts.local_time(thread.number, now) if thread.number.startswith("+") else ""
    others = PhoneNumber.objects.filter(number=thread.number, contact__deleted_at__isnull=True).select_related("contact")
    shared = [row.contact for row in others.exclude(contact=person)[:MOST_SHARED]] if person else [row.contact for row in others[:MOST_SHARED]]
    if person is None:
        return About(None, [], [], 0, 0, shared, local)
    groups = [row.group for row in person.memberships.select_related("group").order_by("group__name")[:20]]
    lines = Activity.objects.filter(contact=person, at__gt=now - YEAR)
    texts, replies = (lines.filter(kind=kind).count() for kind in (Activity.Kind.SMS_SENT, Activity.Kind.SMS_RECEIVED))
    return About(person, groups, ledger.states_of(person), texts, replies, shared, local, _drops_out_of(thread, [person, *shared], blocked=blocked))


def _drops_out_of(thread: Conversation, people: list[Contact], *, blocked: bool) -> int:
    """Mailings are few, and each knows its recipients by an index. Not those that have begun: what they have not sent yet is said on their pages."""
    waiting = Mailing.objects.filter(Q(status=Status.SCHEDULED) | Q(status=Status.PAUSED, status_before_pause=Status.SCHEDULED))
    waiting = waiting if blocked else waiting.filter(kind=Kind.MARKETING)
    texts = Message.objects.filter(mailing__in=list(waiting.values_list("pk", flat=True)[:MOST_MAILINGS]), contact__in=people, number=thread.number)
    return texts.order_by().values("mailing").distinct().count()
