"""Whether a text was sent to the same numbers a short while ago, so that nobody sends it twice without knowing."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from campaigns.models import Message
from campaigns.pipeline.rest import texted_since
from campaigns.statuses import NEVER_LEFT
from contacts.models import PhoneNumber

WITHIN = timedelta(hours=24)


def among(rows: Sequence[Message], key: str) -> list[Message]:
    """Those whose text anybody queued to their number within a day; what went with the same `key` is a double click."""
    numbers = {row.number for row in rows}
    said = {pair for found in _lately(numbers) for pair in found.exclude(idempotency_key__startswith=f"{key}:").values_list("number", "text")}
    return [row for row in rows if (row.number, row.text) in said]


def _lately(numbers: set[str]) -> list[QuerySet[Message]]:
    """What is in the histories of all who have these numbers, and what still waits for a date and time: each has an index, numbers have none."""
    since = timezone.now() - WITHIN
    people = list(PhoneNumber.objects.filter(number__in=numbers).values_list("contact_id", flat=True))
    lines = texted_since(since).filter(contact__in=people).values_list("source", flat=True)
    queued = Message.objects.filter(number__in=numbers, created_at__gte=since).exclude(status__in=NEVER_LEFT)
    return [queued.filter(pk__in=list(lines)), queued.filter(contact__in=people, scheduled_at__isnull=False)]
