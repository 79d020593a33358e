"""Lines of a contact's history."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Activity, Contact
from contacts.services.errors import ContactsError
from smsapp.common import audit

if TYPE_CHECKING:
    from smsapp.accounts.models import User

WRITTEN = {Activity.Kind.NOTE, Activity.Kind.CALL}  # by people, with their own words


def record(
    contact: Contact,
    kind: str,
    subject: str,
    *,
    author: "User | None" = None,
    details: str = "",
    at: datetime | None = None,
    source: int | None = None,
    extra: dict[str, Any] | None = None,
) -> Activity:
    """Write one activity; for changes `subject` is a code of `contacts.changes`, so that everybody reads it in their language."""
    facts = {"subject": subject[:200], "details": details, "at": at or timezone.now(), "source": source, "extra": extra}
    return Activity.objects.create(contact=contact, kind=kind, author=author, **facts)


def may_delete(activity: Activity, user: Any) -> bool:
    """A note or call goes by whoever wrote it, or an administrator; what the console itself wrote stays."""
    return activity.kind in WRITTEN and (activity.author_id == user.pk or user.has_perm("contacts.delete_activity"))


@transaction.atomic
def delete(activity: Activity, *, author: "User") -> None:
    """Delete a note or a call for good; the audit log keeps that it was there, not what it said."""
    if not may_delete(activity, author):
        raise ContactsError("not_yours", _("Only whoever wrote it, or an administrator, can delete it."))
    audit.note(activity.contact or activity, f"{activity.kind} deleted", author, id=activity.pk, at=activity.at)
    activity.delete()


MANY = """
    INSERT INTO contacts_activity (contact_id, kind, subject, details, at, author_id, extra)
    SELECT id, 'change', %s, %s, now(), %s, %s::jsonb FROM unnest(%s::bigint[]) AS chosen(id)
"""


def record_changes(
    contact_ids: Sequence[int], code: str, *, details: str, author: "User | None", extra: Mapping[str, Any] | None = None
) -> None:
    """The same change on many contacts, in one statement."""
    if contact_ids:
        with connection.cursor() as cursor:
            cursor.execute(MANY, [code, details, author.pk if author else None, json.dumps(extra) if extra else None, list(contact_ids)])
