"""Lines of a contact's history."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection
from django.utils import timezone

from contacts.models import Activity, Contact

if TYPE_CHECKING:
    from smsapp.accounts.models import User


def record(
    contact: Contact,
    kind: str,
    subject: str,
    *,
    author: "User | None" = None,
    details: str = "",
    at: datetime | None = None,
    source: int | None = None,
) -> Activity:
    """Write one activity; for changes `subject` is a code of `contacts.changes`, so that everybody reads it in their language."""
    return Activity.objects.create(contact=contact, kind=kind, subject=subject[:200], details=details, author=author, at=at or timezone.now(), source=source)


MANY = """
    INSERT INTO contacts_activity (contact_id, kind, subject, details, at, author_id)
    SELECT id, 'change', %s, %s, now(), %s FROM unnest(%s::bigint[]) AS chosen(id)
"""


def record_changes(contact_ids: Sequence[int], code: str, *, details: str, author: "User | None") -> None:
    """The same change on many contacts, in one statement."""
    if contact_ids:
        with connection.cursor() as cursor:
            cursor.execute(MANY, [code, details, author.pk if author else None, list(contact_ids)])
