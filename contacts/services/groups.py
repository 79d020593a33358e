"""Mailing groups and their members."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError, QuerySet, RestrictedError
from django.utils.translation import gettext_lazy as _

from contacts import slots
from contacts.models import Contact, Group
from contacts.services import history
from contacts.services.errors import ContactsError

if TYPE_CHECKING:
    from smsapp.accounts.models import User

Members = Iterable[int] | QuerySet[Contact]

ADD = """
    INSERT INTO contacts_membership (group_id, contact_id, added_at)
    SELECT %s, c.id, now() FROM contacts_contact AS c WHERE c.deleted_at IS NULL AND c.id IN ({chosen})
    ON CONFLICT (group_id, contact_id) DO NOTHING RETURNING contact_id
"""
REMOVE = "DELETE FROM contacts_membership WHERE group_id = %s AND contact_id IN ({chosen}) RETURNING contact_id"


def save_group(group: Group | None, *, name: str, description: str = "") -> Group:
    """Create or rename a group; names are unique."""
    group = group or Group()
    group.name, group.description = name, description
    try:
        with transaction.atomic():
            group.save()
    except IntegrityError:
        raise ContactsError("name_taken", _("A group already has this name. Choose another one."), "name") from None
    return group


@transaction.atomic
def add_members(group: Group, contacts: Members, *, author: "User | None" = None) -> int:
    """Add people to the group; those who are in it, or deleted, change nothing. Returns how many joined."""
    joined = _run(ADD, group, contacts)
    history.record_changes(joined, "group_joined", details=group.name, author=author)
    return len(joined)


@transaction.atomic
def remove_members(group: Group, contacts: Members, *, author: "User | None" = None) -> int:
    """Take people out of the group. Returns how many left."""
    gone = _run(REMOVE, group, contacts)
    history.record_changes(gone, "group_left", details=group.name, author=author)
    return len(gone)


def _run(statement: str, group: Group, contacts: Members) -> list[int]:
    """Members come as a query (run inside the statement, however many) or as ids."""
    if isinstance(contacts, QuerySet):
        chosen, parameters = contacts.order_by().values("id").query.sql_with_params()
    else:
        chosen, parameters = "SELECT unnest(%s::bigint[])", (list(contacts),)
    with connection.cursor() as cursor:
        cursor.execute(statement.format(chosen=chosen), [group.pk, *parameters])
        return [row[0] for row in cursor.fetchall()]


def archive(group: Group, *, archived: bool = True) -> None:
    """Hide the group from choices, or bring it back; its members stay."""
    group.archived = archived
    group.save(update_fields=["archived", "updated_at"])


def delete(group: Group) -> None:
    """Delete the group for good; its members stay contacts. ContactsError when something still needs it."""
    if why_not := next(filter(None, (guard(group) for guard in slots.group_guards)), ""):
        raise ContactsError("in_use", why_not)
    try:
        group.delete()
    except (ProtectedError, RestrictedError):
        raise ContactsError("in_use", _("A mailing uses this group, so it cannot be deleted. Archive it instead.")) from None
