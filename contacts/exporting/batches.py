"""Chosen people to rows of a file: ids from one snapshot, the rest read set-wise for some thousand of them at a time."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from contacts import eligibility, name_lists
from contacts.exporting.columns import Column, Person
from contacts.models import ConsentEntry, Contact
from contacts.models.contact import ContactQuerySet

BATCH = 2_000
NUMBERS = "SELECT contact_id, number FROM contacts_phonenumber WHERE contact_id = ANY(%s) ORDER BY contact_id, is_primary DESC, id"
MOST_NUMBERS = "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM contacts_phonenumber WHERE contact_id IN ({chosen}) GROUP BY contact_id) AS counted"
GROUPS = """
    SELECT m.contact_id, g.name FROM contacts_membership AS m JOIN contacts_group AS g ON g.id = m.group_id
     WHERE m.contact_id = ANY(%s) ORDER BY m.contact_id, g.name
"""
CONSENTS = """
    SELECT DISTINCT ON (people.person) people.person, e.event, e.at, e.source
      FROM (SELECT id AS person, id FROM unnest(%(ids)s::bigint[]) AS asked(id) UNION ALL
            SELECT merged_into_id, id FROM contacts_contact WHERE merged_into_id = ANY(%(ids)s)) AS people
      JOIN contacts_consententry AS e ON e.contact_id = people.id AND e.scope = 'marketing'
     ORDER BY people.person, e.id DESC
"""


def most_numbers(contacts: ContactQuerySet) -> int:
    """How many numbers anybody among these has."""
    chosen, parameters = contacts.order_by().values("id").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(MOST_NUMBERS.format(chosen=chosen), parameters)
        return int(cursor.fetchone()[0])


def batches(contacts: ContactQuerySet, columns: Sequence[Column]) -> Iterator[tuple[int, list[list[Any]]]]:
    """The rows, batch by batch in the order of ids, each batch with how many people of the snapshot it stands for.

    Who is in the file is decided once, by a cursor that the server holds; whoever is deleted since is left out.
    """
    ids = contacts.order_by("id").values_list("id", flat=True).iterator(chunk_size=BATCH)
    while batch := list(islice(ids, BATCH)):
        yield len(batch), [[cell for column in columns for cell in column.cells(person)] for person in _people(batch, columns)]


def _people(ids: list[int], columns: Sequence[Column]) -> Iterator[Person]:
    parts = {part for column in columns for part in column.parts}
    fields = {"id", *(name for column in columns for name in column.fields), *({"opted_out"} if "consent" in parts else ())}
    found: QuerySet[Any] = Contact.objects.active().filter(id__in=ids)
    if "reason" in parts:
        found, fields = eligibility.judge(found, marketing=True), fields | {"reason"}
    gathered = [GATHER[part](ids) for part in sorted(parts & GATHER.keys())]
    for person in found.order_by("id").values(*fields):
        for add in gathered:
            person |= add(person)
        yield person


Adder = Callable[[Person], dict[str, Any]]


def _gather_numbers(ids: list[int]) -> Adder:
    numbers = _lists(NUMBERS, ids)
    return lambda person: {"numbers": numbers.get(person["id"], [])}


def _gather_groups(ids: list[int]) -> Adder:
    groups = _lists(GROUPS, ids)
    return lambda person: {"groups": name_lists.join(groups.get(person["id"], []))}


def _gather_consents(ids: list[int]) -> Adder:
    with connection.cursor() as cursor:
        cursor.execute(CONSENTS, {"ids": ids})
        entries = {person: (event, at, source) for person, event, at, source in cursor.fetchall()}
    return lambda person: _consent(person["opted_out"], entries.get(person["id"]))


def _consent(opted_out: bool, entry: tuple[str, Any, str] | None) -> dict[str, Any]:
    """As the contact's flag says; since when and from where only if the ledger's last word is the same."""
    event = ConsentEntry.Event.OPT_OUT if opted_out else ConsentEntry.Event.OPT_IN
    if entry and entry[0] == event:
        source = ConsentEntry.Source(entry[2]).label
        return {"consent": str(event.label), "consent_since": timezone.localdate(entry[1]), "consent_from": str(source)}
    return {"consent": str(event.label) if opted_out else "", "consent_since": None, "consent_from": ""}


def _lists(statement: str, ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(statement, [ids])
        for contact_id, text in cursor.fetchall():
            found[contact_id].append(text)
    return found


GATHER: dict[str, Callable[[list[int]], Adder]] = {"numbers": _gather_numbers, "groups": _gather_groups, "consent": _gather_consents}
