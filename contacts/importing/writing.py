"""Planned contacts to the database, set-wise: COPY for new rows, one UPDATE for changed ones, whatever the batch holds."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone

from contacts.importing.matching import COLUMNS, Known
from contacts.importing.options import Options
from contacts.services import consent, history, numbers

if TYPE_CHECKING:
    from smsapp.accounts.models import User

LOCK = 7_211_001  # one import writes at a time, so that two files never make the same person twice
TYPES = {"birth_date": "date", "do_not_sms": "boolean", "opted_out": "boolean", "deceased": "boolean", "tags": "varchar[]", "custom": "jsonb"}
CHANGE = f"""
    UPDATE contacts_contact AS c SET updated_at = now(), {", ".join(f"{name} = told.{name}" for name in COLUMNS)}
      FROM json_to_recordset(%s) AS told(id bigint, {", ".join(f"{name} {TYPES.get(name, 'text')}" for name in COLUMNS)})
     WHERE c.id = told.id
"""  # noqa: S608  (only our own column names)
NEW_IDS = "SELECT nextval(pg_get_serial_sequence('contacts_contact', 'id')) FROM generate_series(1, %s)"
NEW_CONTACTS = f"COPY contacts_contact (id, {', '.join(COLUMNS)}, sms_number, sms_country, reach, created_at, updated_at) FROM STDIN"
NEW_NUMBERS = "COPY contacts_phonenumber (contact_id, number, kind, is_primary, line, country, textable) FROM STDIN"
NEW_MEMBERS = "COPY contacts_membership (group_id, contact_id, added_at) FROM STDIN"
CLEAR = "DELETE FROM contacts_phonenumber USING unnest(%s::bigint[], %s::text[]) AS told(contact_id, number)" \
        " WHERE contacts_phonenumber.contact_id = told.contact_id AND contacts_phonenumber.number = told.number"  # fmt: skip
YIELD = "UPDATE contacts_phonenumber SET is_primary = false WHERE contact_id = ANY(%s) AND is_primary"
NEXT_PRIMARY = """
    UPDATE contacts_phonenumber AS p SET is_primary = true
      FROM (SELECT DISTINCT ON (contact_id) id FROM contacts_phonenumber
             WHERE contact_id = ANY(%s) ORDER BY contact_id, is_primary DESC, textable DESC, id) AS first
     WHERE p.id = first.id AND NOT p.is_primary
"""
JOIN = """
    INSERT INTO contacts_membership (group_id, contact_id, added_at)
    SELECT told.*, now() FROM unnest(%s::bigint[], %s::bigint[]) AS told ON CONFLICT DO NOTHING
"""


def take_turn() -> None:
    """Wait until no other import writes; the lock ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def begin() -> None:
    """Take the turn for a batch, whose transaction does not wait for the disk: see `settle`."""
    take_turn()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")


def settle() -> None:
    """Wait until all batches are on the disk. Before that a crash of the server may lose the last ones, rows and progress together."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")  # a transaction of its own: its commit waits for itself and all before it


def write(planned: Iterable[Known], *, options: Options, author: "User | None") -> None:
    """Create and change what was planned; the history tells the file's name and keeps which import it was."""
    touched = [known for known in planned if known.id is None or known.is_touched]
    new = [known for known in touched if known.id is None]
    old = [known for known in touched if known.id is not None]
    policy = numbers.Policy.current()
    _create(new, policy)
    _change([known for known in old if known.changed])
    _clear([known for known in old if known.removed])
    _yield([known for known in old if known.added], policy)
    _copy(NEW_NUMBERS, [row for known in touched for row in _number_rows(known, policy)])
    _settle([known for known in old if known.added or known.removed])
    _join(old)
    _agree(touched)
    told: dict[str, Any] = {"details": options.file_name, "author": author, "extra": {"import": options.job_id} if options.job_id else None}
    history.record_changes([known.id or 0 for known in new], "imported", **told)
    history.record_changes(_ids(old), "import_changed", **told)


def _create(new: Sequence[Known], policy: numbers.Policy) -> None:
    """New contacts with their memberships; each gets its id."""
    if not new:
        return
    with connection.cursor() as cursor:
        cursor.execute(NEW_IDS, [len(new)])
        ids = [row[0] for row in cursor.fetchall()]
    now = timezone.now().isoformat()
    rows = []
    for id_, known in zip(ids, new, strict=True):
        known.id = id_
        chosen = numbers.choice(known.added, policy)
        known.sms_number, known.primary = chosen.number or "", chosen.primary or ""
        plain = [known.values[name] for name in COLUMNS[:-2]]
        tags, custom = known.values["tags"] or "{}", json.dumps(known.values["custom"])
        rows.append((id_, *plain, tags, custom, chosen.number, chosen.country, chosen.reach, now, now))
    _copy(NEW_CONTACTS, rows)
    _copy(NEW_MEMBERS, [(group_id, known.id, now) for known in new for group_id in known.joined])


def _change(changed: Sequence[Known]) -> None:
    if changed:
        told = json.dumps([{"id": known.id, **known.values} for known in changed], default=date.isoformat)
        with connection.cursor() as cursor:
            cursor.execute(CHANGE, [told])


def _clear(shrunk: Sequence[Known]) -> None:
    pairs = [(known.id, number) for known in shrunk for number in known.removed]
    for known in shrunk:
        known.primary = "" if known.primary in known.removed else known.primary
    if pairs:
        with connection.cursor() as cursor:
            cursor.execute(CLEAR, [list(column) for column in zip(*pairs, strict=True)])


def _yield(old: Sequence[Known], policy: numbers.Policy) -> None:
    """Let whoever gets the first number that can be texted have it as primary, as a new person would, in whichever batch it comes.

    Until now none could be texted, so nobody preferred the primary one to it. Whoever has a mobile keeps the primary number that was chosen.
    """
    outdone = []
    for known in old:
        textable = [number for number, facts in known.numbers.items() if policy.allows(number, facts.kind, facts.line)]
        if textable and all(number in known.added for number in textable):
            known.primary, known.sms_number = "", textable[0]
            outdone.append(known)
    if outdone:
        with connection.cursor() as cursor:
            cursor.execute(YIELD, [_ids(outdone)])


def _number_rows(known: Known, policy: numbers.Policy) -> list[tuple[Any, ...]]:
    """New numbers; the first of them becomes primary where nobody's is, unless older ones are left."""
    if not known.added:
        return []
    primary = known.primary or ("" if len(known.numbers) > len(known.added) else numbers.choice(known.added, policy).primary)
    return [
        (known.id, number, facts.kind, number == primary, facts.line, facts.country, policy.allows(number, facts.kind, facts.line))
        for number, facts in known.added.items()
    ]  # fmt: skip


def _settle(regrown: Sequence[Known]) -> None:
    """Let contacts whose numbers have changed say so, each with one primary number."""
    if regrown:
        with connection.cursor() as cursor:
            cursor.execute(NEXT_PRIMARY, [_ids(regrown)])
        numbers.refresh(_ids(regrown))


def _join(old: Sequence[Known]) -> None:
    pairs = [(group_id, known.id) for known in old for group_id in known.joined]
    if pairs:
        with connection.cursor() as cursor:
            cursor.execute(JOIN, [list(column) for column in zip(*pairs, strict=True)])


def _agree(touched: Sequence[Known]) -> None:
    """Entries of the consent ledger, with the number that is texted."""
    entries = []
    for known in touched:
        for entry in known.consents:
            entries.append(replace(entry, contact_id=known.id, number=known.sms_number or next(iter(known.numbers), "")))
    consent.record_many(entries)


def _copy(statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)


def _ids(known: Sequence[Known]) -> list[int]:
    return [row.id for row in known if row.id is not None]
