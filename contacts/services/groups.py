"""Mailing groups and their members."""

import re
from collections.abc import Iterable, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext_lazy as _

from contacts import slots
from contacts.models import Group
from contacts.models.contact import ContactQuerySet
from contacts.services.errors import ContactsError
from contacts.smart import due

if TYPE_CHECKING:
    from smsapp.accounts.models import User

Members = Iterable[int] | ContactQuerySet

# Each in one statement, history included, so that a million people need no memory here. Who joins is held in the order of ids, as a merge
# holds them: a merge that came first is waited for, and its winner joins; one that comes later sees the memberships and moves them.
TOLD = """
    INSERT INTO contacts_activity (contact_id, kind, subject, details, at, author_id)
    SELECT contact_id, 'change', %(code)s, %(name)s, now(), %(author)s FROM moved
"""
ADD = f"""
    WITH people AS MATERIALIZED (SELECT c.id, c.merged_into_id FROM contacts_contact AS c
                                  WHERE (c.deleted_at IS NULL OR c.merged_into_id IS NOT NULL) AND c.id IN ({{chosen}}) ORDER BY c.id FOR KEY SHARE OF c),
         moved AS (INSERT INTO contacts_membership (group_id, contact_id, added_at, by_hand)
                   SELECT DISTINCT %(group)s, coalesce(merged_into_id, id), now(), true FROM people
                       ON CONFLICT (group_id, contact_id) {{conflict}} RETURNING contact_id),
         back AS (DELETE FROM contacts_removal WHERE group_id = %(group)s AND contact_id IN (SELECT contact_id FROM moved)),
         told AS ({TOLD})
    SELECT count(*) FROM moved
"""  # noqa: S608 (our own words)
REMOVE = f"""
    WITH moved AS (DELETE FROM contacts_membership WHERE group_id = %(group)s AND contact_id IN ({{chosen}}) RETURNING contact_id),
         kept_out AS (INSERT INTO contacts_removal (group_id, contact_id, author_id, at)
                      SELECT %(group)s, contact_id, %(author)s, now() FROM moved WHERE %(smart)s ON CONFLICT DO NOTHING),
         told AS ({TOLD})
    SELECT count(*) FROM moved
"""  # noqa: S608 (our own words)


def save_group(group: Group | None, *, name: str, description: str = "", **changes: Any) -> Group:
    """Create or rename a group; names are unique. `changes` are other fields of it."""
    known = group is not None
    group = group or Group()
    values = {"name": name, "description": description, **changes}
    for field, value in values.items():
        setattr(group, field, value)
    try:
        with transaction.atomic():
            group.save(update_fields=[*values, "updated_at"] if known else None)  # a refresh may write its state meanwhile
    except IntegrityError:
        raise ContactsError("name_taken", _("A group already has this name. Choose another one."), "name") from None
    return group


def add_members(group: Group, contacts: Members, *, author: "User | None" = None) -> int:
    """Add people to the group by hand; those who are in it, or deleted, change nothing. Returns how many joined.

    In a smart group they stay whatever its rules say, also if they were taken out before.
    """
    conflict = "DO UPDATE SET by_hand = true WHERE NOT contacts_membership.by_hand" if group.is_smart else "DO NOTHING"
    return _move(ADD.replace("{conflict}", conflict), group, contacts, "group_joined", author)


def remove_members(group: Group, contacts: Members, *, author: "User | None" = None) -> int:
    """Take people out of the group; out of a smart one they stay, whatever its rules say. Returns how many left."""
    return _move(REMOVE, group, contacts, "group_left", author)


def _move(statement: str, group: Group, contacts: Members, code: str, author: "User | None") -> int:
    """Members come as a query (run inside the statement, however many) or as ids."""
    if isinstance(contacts, ContactQuerySet):
        chosen, parameters = contacts.ids_sql()
    else:
        chosen, parameters = "SELECT unnest(%s::bigint[])", (list(contacts),)
    facts = {"group": group.pk, "author": author.pk if author else None, "code": code, "name": group.name, "smart": group.is_smart}
    named, values = _named(chosen, parameters)
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("{chosen}", named), facts | values)
        moved = int(cursor.fetchone()[0])
    if moved:
        due.members_changed(group.pk)
    return moved


def _named(statement: str, parameters: Sequence[Any]) -> tuple[str, dict[str, Any]]:
    """A statement with %s places as one with named places, so that it can stand inside another one."""
    places = count()
    named = re.sub("%%|%s", lambda found: "%%" if found[0] == "%%" else f"%(chosen{next(places)})s", statement)
    return named, {f"chosen{place}": parameter for place, parameter in enumerate(parameters)}


def archive(group: Group, *, archived: bool = True) -> None:
    """Hide the group from choices, or bring it back; its members stay."""
    group.archived = archived
    group.save(update_fields=["archived", "updated_at"])


def needed(group: Group) -> str:
    """Why the group must not be deleted now; empty when it may."""
    return next(filter(None, (guard(group) for guard in slots.group_guards)), "")


def uses(group: Group) -> list[slots.GroupUse]:
    """What does without the group once it is gone."""
    return [use for ask in slots.group_uses for use in ask(group)]


def delete(group: Group) -> None:
    """Delete the group for good; its members stay contacts. ContactsError when something still needs it."""
    if why_not := needed(group):
        raise ContactsError("in_use", why_not)
    try:
        group.delete()
    except (ProtectedError, RestrictedError):
        raise ContactsError("in_use", _("A mailing uses this group, so it cannot be deleted. Archive it instead.")) from None
