"""What a pass over a file remembers of the batches behind it, without growing with the file."""

import json
from array import array
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from types import TracebackType
from typing import Any, Self

from django.db import connection

from contacts.importing.finding import keys_of
from contacts.importing.matching import CROWD, Known, has_key, name_of
from contacts.importing.rows import Person
from contacts.services.consent import Entry
from contacts.services.numbers import Line

PAGE = 4_096


class Touched:
    """Contact id to the first row that meant it, and whether a row changed it: a number a contact, in pages, as ids stand close together."""

    def __init__(self) -> None:
        self.pages: dict[int, array[int]] = {}

    def row_of(self, contact_id: int | None) -> int:
        """The row, or 0."""
        return self._told(contact_id) >> 1

    def is_counted(self, contact_id: int | None) -> bool:
        """A row made or changed it."""
        return bool(self._told(contact_id) & 1)

    def _told(self, contact_id: int | None) -> int:
        page = self.pages.get((contact_id or 0) // PAGE)
        return page[contact_id % PAGE] if page and contact_id and contact_id > 0 else 0

    def remember(self, known: Iterable[Known]) -> None:
        """Note the contacts of a batch."""
        for contact in known:
            if contact.id is not None and contact.id > 0:
                page = self.pages.get(contact.id // PAGE)
                if page is None:
                    page = self.pages[contact.id // PAGE] = array("L", bytes(array("L").itemsize * PAGE))
                page[contact.id % PAGE] = contact.row << 1 | contact.is_counted


CREATE = (
    "CREATE TEMPORARY TABLE import_planned (contact bigint PRIMARY KEY, state text NOT NULL)",
    "CREATE TEMPORARY TABLE import_keys (key text NOT NULL, contact bigint NOT NULL)",
    "CREATE INDEX import_keys_by_key ON import_keys (key)",
)
DROP = "DROP TABLE IF EXISTS import_planned, import_keys"
FIND = f"""
    SELECT DISTINCT found.contact FROM unnest(%s::text[]) AS told(key)
     CROSS JOIN LATERAL (SELECT k.contact FROM import_keys AS k WHERE k.key = told.key LIMIT {CROWD}) AS found
"""  # noqa: S608
STATES = "SELECT contact, state FROM import_planned WHERE contact = ANY(%s)"
FORGET = "DELETE FROM import_planned WHERE contact = ANY(%s)"


class Planned:
    """What a dry run would have written, in a temporary table: later rows of the file are judged as if it were there."""

    def __init__(self) -> None:
        self.last_id = 0  # contacts that the import would make have ids below zero

    def __enter__(self) -> Self:
        with connection.cursor() as cursor:
            for statement in (DROP, *CREATE):
                cursor.execute(statement)
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute(DROP)

    def ids_for(self, persons: Sequence[Person]) -> set[int]:
        """Contacts of earlier batches that these rows may mean."""
        keys = [f"{kind}{key}" for kind, found in keys_of(persons).items() for key in found]
        keys += [_name_key(person.values) for person in persons if not has_key(person)]
        with connection.cursor() as cursor:
            cursor.execute(FIND, [keys])
            return {row[0] for row in cursor.fetchall()}

    def states(self, ids: Iterable[int]) -> dict[int, Known]:
        """Those of the contacts that earlier batches would have changed or made, as they would be now."""
        with connection.cursor() as cursor:
            cursor.execute(STATES, [list(ids)])
            return {contact: _restored(contact, state) for contact, state in cursor.fetchall()}

    def remember(self, planned: Iterable[Known]) -> None:
        """Note what a batch would have written."""
        touched = [known for known in planned if known.id is None or known.id < 0 or known.is_touched]
        old = [known.id for known in touched if known.id is not None]
        for known in touched:
            if known.id is None:
                self.last_id -= 1
                known.id = self.last_id
        with connection.cursor() as cursor:
            if old:
                cursor.execute(FORGET, [old])
            with cursor.copy("COPY import_planned FROM STDIN") as copy:
                for known in touched:
                    copy.write_row((known.id, _state(known)))
            with cursor.copy("COPY import_keys FROM STDIN") as copy:
                for known in touched:
                    for key in _keys(known):
                        copy.write_row((key, known.id))


def _keys(known: Known) -> list[str]:
    values = known.values
    keys = [f"numbers{number}" for number in known.numbers]
    keys += [f"keys{values['external_id']}"] if values["external_id"] else []
    keys += [f"emails{values['email'].upper()}"] if values["email"] else []
    return keys or [_name_key(values)]


def _name_key(values: Mapping[str, Any]) -> str:
    return "names" + "\n".join(name_of(values))


def _state(known: Known) -> str:
    facts = {
        "values": known.values, "numbers": known.numbers, "primary": known.primary, "sms_number": known.sms_number, "groups": list(known.groups),
        "row": known.row, "consents": [(entry.event, entry.scope, entry.own_act, entry.at and entry.at.isoformat()) for entry in known.consents],
    }  # fmt: skip
    return json.dumps(facts, default=date.isoformat)


def _restored(contact_id: int, state: str) -> Known:
    facts: dict[str, Any] = json.loads(state)
    values = facts["values"]
    values["birth_date"] = date.fromisoformat(values["birth_date"]) if values["birth_date"] else None
    return Known(
        contact_id, values, {number: Line(*line) for number, line in facts["numbers"].items()}, facts["primary"], facts["sms_number"],
        set(facts["groups"]), row=facts["row"], is_counted=True, consents=[_entry(*told) for told in facts["consents"]],
    )  # fmt: skip


def _entry(event: str, scope: str, own_act: bool, at: str | None) -> Entry:
    return Entry(None, event, "import", scope, own_act=own_act, at=datetime.fromisoformat(at) if at else None)
