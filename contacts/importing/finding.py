"""The contacts that a batch of rows may mean, read from the database in a fixed number of queries."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import connection

from contacts.importing.matching import COLUMNS, Index, Known, has_key, name_of
from contacts.importing.rows import Person
from contacts.models.folding import fold
from contacts.services.numbers import Line

# Each key by its index, one after the other, and never a state of the contact before its id is known: statistics may be older than what this
# very import has written, and the planner would take a way that reads all contacts (see `trust_indexes`). A crowd behind one key is cut off.
MOST_BEHIND = 500
LOOKS = 3  # while others merge or delete the people of a batch
FEW = 10_000  # rows, as the statistics have it
HAVING = f"""
    SELECT id FROM contacts_contact WHERE external_id = ANY(%(keys)s) AND external_id <> '' AND deleted_at IS NULL
     UNION SELECT id FROM contacts_contact WHERE external_id = ANY(%(keys)s) AND external_id <> '' AND deleted_at IS NOT NULL
     UNION SELECT found.id FROM unnest(%(emails)s::text[]) AS told(email)
     CROSS JOIN LATERAL (SELECT c.id FROM contacts_contact AS c WHERE upper(c.email) = told.email AND c.email <> '' LIMIT {MOST_BEHIND}) AS found
     UNION SELECT found.contact_id FROM unnest(%(numbers)s::text[]) AS told(number)
     CROSS JOIN LATERAL (SELECT p.contact_id FROM contacts_phonenumber AS p WHERE p.number = told.number LIMIT {MOST_BEHIND}) AS found
     UNION SELECT found.id FROM unnest(%(names)s::text[], %(organisations)s::text[]) AS told(name, organisation)
     CROSS JOIN LATERAL (SELECT c.id FROM contacts_contact AS c WHERE c.sort_name = told.name AND c.organisation = told.organisation AND c.external_id = ''
                            AND c.email = '' AND c.deleted_at IS NULL LIMIT {MOST_BEHIND}) AS found
"""  # noqa: S608  (our own words)
WHO = f"""
    SELECT c.id, c.deleted_at IS NOT NULL, c.merged_into_id, c.external_id, c.email FROM contacts_contact AS c WHERE c.id = ANY(ARRAY({HAVING}))
"""  # noqa: S608
CONTACTS = f"SELECT c.id, c.deleted_at IS NULL, {', '.join(f'c.{name}' for name in COLUMNS)}, c.sms_number FROM contacts_contact AS c" \
           " WHERE c.id = ANY(%s) ORDER BY c.id"  # noqa: S608  # fmt: skip
NUMBERS = "SELECT contact_id, number, kind, line, country, is_primary FROM contacts_phonenumber WHERE contact_id = ANY(%s) ORDER BY id"
MERGED = "SELECT merged_into_id, first_name, last_name, organisation FROM contacts_contact WHERE merged_into_id = ANY(%s)"
GROUPS = "SELECT contact_id, group_id FROM contacts_membership WHERE contact_id = ANY(%s) AND group_id = ANY(%s)"


@dataclass(slots=True)
class Gone:
    """Deleted contacts that have a key of the batch; those who were merged into others lead there."""

    by_key: dict[str, set[int]] = field(default_factory=dict)  # external id, e-mail in capitals, number -> ids

    def ids_for(self, person: Person) -> set[int]:
        """Deleted contacts who may have been this person."""
        keys = [person.values.get("external_id") or "", (person.values.get("email") or "").upper(), *person.numbers]
        return {id_ for key in keys if key for id_ in self.by_key.get(key, ())}


def trust_indexes() -> None:
    """For the rest of the transaction: no look-up of ours is better off with reading a whole table."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")


def refresh_statistics() -> None:
    """After the first rows in tables that were all but empty: without it the planner knows nothing of them until a quiet moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'contacts_contact'::regclass")
        if cursor.fetchone()[0] < FEW:
            cursor.execute("ANALYZE contacts_contact (external_id, email, deleted_at, merged_into_id), contacts_phonenumber (contact_id, number)")


def keys_of(persons: Sequence[Person]) -> dict[str, list[str]]:
    """What people may be found by."""
    return {
        "keys": [key for person in persons if (key := person.values.get("external_id"))],
        "emails": [email.upper() for person in persons if (email := person.values.get("email"))],
        "numbers": [number for person in persons for number in person.numbers],
    }


def _names_of(persons: Sequence[Person]) -> dict[str, list[str]]:
    """Names of those who have none of the keys, as the database sorts them."""
    names = [name_of(person.values) for person in persons if not has_key(person)]
    return {"names": [_listed(*name) for name in names], "organisations": [organisation for *_name, organisation in names]}


def _listed(first: str, last: str, organisation: str) -> str:
    """As `sort_name` has it of somebody without e-mail and number."""
    return fold(f"{last} {first}" if last else first or organisation)


class Planned(Protocol):
    """What a dry run would have changed so far (contacts.importing.memory)."""

    def ids_for(self, persons: Sequence[Person]) -> set[int]:
        """Contacts that these rows may mean."""

    def states(self, ids: Iterable[int]) -> dict[int, Known]:
        """Those of the contacts that would be other than they are, as they would be."""


def load(index: Index, persons: Sequence[Person], *, group_ids: Sequence[int], lock: bool, planned: Planned | None = None) -> tuple[list[Known], Gone]:
    """Contacts that the rows may mean, made findable; with the deleted ones that have a key of the rows."""
    keys = keys_of(persons) | _names_of(persons)
    with connection.cursor() as cursor:
        for _look in range(LOOKS if lock else 1):
            ids, gone = _who(cursor, keys)
            told = planned.states(ids | planned.ids_for(persons)) if planned else {}
            known = told | _contacts(cursor, ids - told.keys(), lock=lock)
            if ids <= known.keys():
                break  # else somebody was merged or deleted before we held the row: whoever they became is looked for
        _join_groups(cursor, known, group_ids)
        _name_merged(cursor, known)
        numbers_of_gone = _numbers_of(cursor, [row[0] for row in gone])
    for contact in known.values():
        index.add(contact)
    return list(known.values()), _gone(index, known, gone, numbers_of_gone)


def _who(cursor: Any, keys: dict[str, list[str]]) -> tuple[set[int], list[Any]]:
    """Ids of living contacts that have a key of the rows, or whom those became that had it, and the deleted ones: (id, winner, external id, e-mail)."""
    cursor.execute(WHO, keys)
    found = cursor.fetchall()
    gone = [(id_, winner, external_id, email) for id_, is_gone, winner, external_id, email in found if is_gone]
    return {id_ for id_, is_gone, *_keys in found if not is_gone} | {winner for _id, winner, *_keys in gone if winner}, gone


def _contacts(cursor: Any, ids: set[int], *, lock: bool) -> dict[int, Known]:
    if not ids:
        return {}
    cursor.execute(CONTACTS + (" FOR UPDATE OF c" if lock else ""), [list(ids)])
    known = {row[0]: Known(row[0], _values(row[2:-1]), sms_number=row[-1] or "") for row in cursor.fetchall() if row[1]}
    cursor.execute(NUMBERS, [list(known)])
    for contact_id, number, kind, line, country, is_primary in cursor.fetchall():
        known[contact_id].numbers[number] = Line(kind, line, country)
        if is_primary:
            known[contact_id].primary = number
    return known


def _join_groups(cursor: Any, known: dict[int, Known], group_ids: Sequence[int]) -> None:
    if known and group_ids:
        cursor.execute(GROUPS, [list(known), list(group_ids)])
        for contact_id, group_id in cursor.fetchall():
            known[contact_id].groups |= {group_id}


def _name_merged(cursor: Any, known: dict[int, Known]) -> None:
    """What those were called who were merged into these: their number still means them."""
    if known:
        cursor.execute(MERGED, [list(known)])
        for winner_id, *name in cursor.fetchall():
            known[winner_id].names = [*known[winner_id].names, tuple(name)]


def _values(row: Sequence[Any]) -> dict[str, Any]:
    values = dict(zip(COLUMNS, row, strict=True))
    values["custom"] = json.loads(values["custom"])
    return values


def _numbers_of(cursor: Any, ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    if ids:
        cursor.execute(NUMBERS, [ids])
        for contact_id, number, *_facts in cursor.fetchall():
            found.setdefault(contact_id, []).append(number)
    return found


def _gone(index: Index, known: dict[int, Known], gone: list[Any], numbers: dict[int, list[str]]) -> Gone:
    """Let merged contacts lead to whom they became, and remember the others."""
    kept = Gone()
    for id_, winner_id, external_id, email in gone:
        had = {"external_id": external_id, "email": email}
        if winner := known.get(winner_id):
            winner.former = winner.former or {}
            for name, value in had.items():
                if value:
                    winner.former.setdefault(name, set()).add(value.upper())
            index.learn(winner, had, numbers.get(id_, ()))
        else:
            for key in filter(None, (external_id, email.upper(), *numbers.get(id_, ()))):
                kept.by_key.setdefault(key, set()).update({id_, winner_id} - {None})  # a winner who was deleted said what they said
    return kept
