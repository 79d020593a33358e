"""Tags of contacts: one spelling each, given to many people and taken from them set-wise."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower

from contacts import tags
from contacts.models import Contact, Tag
from contacts.services import history
from contacts.services.errors import ContactsError
from contacts.spelling import ValueProblem
from smsapp.common.readable import number
from smsapp.common.sentences import say as _

if TYPE_CHECKING:
    from smsapp.accounts.models import User

AT_ONCE = 2_000  # more take longer than a click should: `contacts.services.many` does it
MOST_AT_ONCE = 50_000  # a contact stands in many indexes: more would keep others waiting

LEARN = "INSERT INTO contacts_tag (name) SELECT unnest(%s::varchar[]) ON CONFLICT DO NOTHING"
SPELL = "SELECT told.name, tag.name FROM unnest(%s::varchar[]) AS told(name) JOIN contacts_tag AS tag ON lower(tag.name) = lower(told.name)"
HAS = "EXISTS (SELECT FROM unnest(c.tags) AS had WHERE lower(had) = lower(%s))"
ADD = f"""
    UPDATE contacts_contact AS c SET tags = c.tags || ARRAY[%s]::varchar[], updated_at = now()
     WHERE c.deleted_at IS NULL AND c.id IN ({{chosen}}) AND NOT {HAS} AND cardinality(c.tags) < {tags.MOST} RETURNING c.id
"""  # noqa: S608  (our own words only)
FULL = f"SELECT count(*) FROM contacts_contact AS c WHERE c.deleted_at IS NULL AND c.id IN ({{chosen}}) AND NOT {HAS} AND cardinality(c.tags) >= {tags.MOST}"  # noqa: S608
REMOVE = f"""
    UPDATE contacts_contact AS c SET updated_at = now(),
           tags = ARRAY(SELECT had FROM unnest(c.tags) WITH ORDINALITY AS each(had, place) WHERE lower(had) <> lower(%s) ORDER BY place)
     WHERE c.id IN ({{chosen}}) AND {HAS} RETURNING c.id
"""  # noqa: S608


def spelled(names: Iterable[str]) -> list[str]:
    """Cleaned tags in the spelling that is in use; new ones are remembered. ContactsError when they cannot be taken."""
    wanted = cleaned(names)
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(LEARN, [wanted])
        cursor.execute(SPELL, [wanted])
        known = dict(cursor.fetchall())
    return list(dict.fromkeys(known.get(name, name) for name in wanted))


def cleaned(names: Iterable[str]) -> list[str]:
    """Tags as `contacts.tags` takes them, its refusals as those of a service."""
    try:
        return tags.clean(names)
    except ValueProblem as problem:
        raise ContactsError(problem.code, problem.message, "tags") from None


def suggestions(most: int = 500) -> list[str]:
    """Tags in use, for fields that complete them."""
    return list(Tag.objects.order_by(Lower("name")).values_list("name", flat=True)[:most])


@transaction.atomic
def add(contacts: QuerySet[Contact], tag: str, *, author: "User | None" = None) -> tuple[int, int]:
    """Give the tag to these people: how many got it, and how many have no room for one more. ContactsError for too many people."""
    name = one(tag)
    check_size(contacts)
    (full,), *_rest = _run(FULL, contacts, [], [name])
    got = [row[0] for row in _run(ADD, contacts, [name], [name])]
    history.record_changes(got, "tagged", details=name, author=author)
    return len(got), full


@transaction.atomic
def remove(contacts: QuerySet[Contact], tag: str, *, author: "User | None" = None) -> int:
    """Take the tag, whatever its case, from these people; how many had it. ContactsError for too many people."""
    name = "".join(cleaned([tag]))
    check_size(contacts)
    lost = [row[0] for row in _run(REMOVE, contacts, [name], [name])]
    history.record_changes(lost, "untagged", details=name, author=author)
    return len(lost)


def check_size(contacts: QuerySet[Contact]) -> int:
    """How many they are. ContactsError when that is too many for one go."""
    count = contacts.order_by()[: MOST_AT_ONCE + 1].count()
    if count > MOST_AT_ONCE:
        sentence = _("More than %(most)s contacts match. Tag fewer at once, or make a group of them: groups take any number.")
        raise ContactsError("too_many", sentence % {"most": number(MOST_AT_ONCE)})
    return count


def one(tag: str) -> str:
    """A tag in the spelling that is in use."""
    found = spelled([tag])
    if not found:
        raise ContactsError("no_tag", _("Write the tag, for example volunteer."), "tag")
    return found[0]


def _run(statement: str, contacts: QuerySet[Contact], before: Sequence[str], after: Sequence[str]) -> list[tuple[int, ...]]:
    """The people come as a query, run inside the statement, however many they are."""
    chosen, parameters = contacts.order_by().values("id").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(statement.format(chosen=chosen), [*before, *parameters, *after])
        return cursor.fetchall()
