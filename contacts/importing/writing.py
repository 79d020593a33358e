"""Planned contacts to the database, set-wise: COPY for new rows, one UPDATE for changed ones, whatever the batch holds."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone

from contacts.importing.matching import COLUMNS, Known
from contacts.services import history, numbers
from smsapp.common import phone

if TYPE_CHECKING:
    from smsapp.accounts.models import User

LOCK = 7_211_001  # one import writes at a time, so that two files never make the same person twice
TYPES = {"birth_date": "date", "do_not_sms": "boolean", "opted_out": "boolean"}
CHANGE = f"""
    UPDATE contacts_contact AS c SET updated_at = now(), {", ".join(f"{name} = told.{name}" for name in COLUMNS)}
      FROM unnest(%s::bigint[], {", ".join(f"%s::{TYPES.get(name, 'text')}[]" for name in COLUMNS)}) AS told(id, {", ".join(COLUMNS)})
     WHERE c.id = told.id
"""  # noqa: S608  (only our own column names)
NEW_IDS = "SELECT nextval(pg_get_serial_sequence('contacts_contact', 'id')) FROM generate_series(1, %s)"
NEW_CONTACTS = f"COPY contacts_contact (id, {', '.join(COLUMNS)}, deceased, sms_number, sms_country, reach, created_at, updated_at) FROM STDIN"
NEW_NUMBERS = "COPY contacts_phonenumber (contact_id, number, kind, is_primary, line, country, textable) FROM STDIN"
JOIN = """
    INSERT INTO contacts_membership (group_id, contact_id, added_at)
    SELECT told.*, now() FROM unnest(%s::bigint[], %s::bigint[]) AS told ON CONFLICT DO NOTHING
"""


def take_turn() -> None:
    """Wait until no other import writes; the lock ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def write(planned: Sequence[Known], *, source: str, author: "User | None") -> None:
    """Create and change what was planned; `source` is the file's name, for the history."""
    new = [known for known in planned if known.id is None]
    changed = [known for known in planned if known.id is not None and known.changed]
    grown = [known for known in planned if known.id is not None and known.added]
    policy = numbers.Policy.current()
    _create(new, policy)
    _change(changed)
    _copy(NEW_NUMBERS, [row for known in [*new, *grown] for row in _number_rows(known, policy)])
    numbers.refresh(_ids(grown))
    _join(planned)
    history.record_changes(_ids(new), "imported", details=source, author=author)
    touched = [known for known in planned if known not in new and (known.changed or known.added or known.joined)]
    history.record_changes(_ids(touched), "import_changed", details=source, author=author)


def _create(new: Sequence[Known], policy: numbers.Policy) -> None:
    if not new:
        return
    with connection.cursor() as cursor:
        cursor.execute(NEW_IDS, [len(new)])
        for known, (id_,) in zip(new, cursor.fetchall(), strict=True):
            known.id = id_
    now = timezone.now()
    _copy(NEW_CONTACTS, [(known.id, *(known.values[name] for name in COLUMNS), False, *_copies(known, policy), now, now) for known in new])


def _copies(known: Known, policy: numbers.Policy) -> tuple[str | None, str, int]:
    chosen = numbers.choice(known.added, policy)
    return chosen.number, chosen.country, chosen.reach


def _change(changed: Sequence[Known]) -> None:
    if changed:
        columns: list[list[Any]] = [[known.values[name] for known in changed] for name in COLUMNS]
        with connection.cursor() as cursor:
            cursor.execute(CHANGE, [_ids(changed), *columns])


def _number_rows(known: Known, policy: numbers.Policy) -> list[tuple[Any, ...]]:
    primary = None if known.has_primary else numbers.choice(known.added, policy).primary
    rows = []
    for number, kind in known.added.items():
        facts = phone.facts_of(number)
        rows.append((known.id, number, kind, number == primary, facts.line, facts.country, policy.allows(number, kind, facts.line)))
    return rows


def _join(planned: Sequence[Known]) -> None:
    pairs = [(group_id, known.id) for known in planned for group_id in known.joined]
    if pairs:
        with connection.cursor() as cursor:
            cursor.execute(JOIN, [list(column) for column in zip(*pairs, strict=True)])


def _copy(statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)


def _ids(known: Sequence[Known]) -> list[int]:
    return [row.id for row in known if row.id is not None]
