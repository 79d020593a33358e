"""Who a row means: by external id, then e-mail, then number. Works on one batch, from rows read in three queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from contacts.importing.report import Fault
from contacts.importing.rows import Person

COLUMNS = ("first_name", "last_name", "organisation", "email", "language", "birth_date", "external_id", "do_not_sms", "opted_out")
FIND = f"""
    SELECT c.id, {", ".join(f"c.{name}" for name in COLUMNS)} FROM contacts_contact AS c
     WHERE c.deleted_at IS NULL AND c.id IN (
           SELECT id FROM contacts_contact WHERE external_id = ANY(%s) AND external_id <> '' AND deleted_at IS NULL
            UNION SELECT id FROM contacts_contact WHERE upper(email) = ANY(%s) AND email <> ''
            UNION SELECT contact_id FROM contacts_phonenumber WHERE number = ANY(%s))
     ORDER BY c.id
"""  # noqa: S608  (only our own column names)


NUMBERS = "SELECT contact_id, number, kind, is_primary FROM contacts_phonenumber WHERE contact_id = ANY(%s)"
GROUPS = "SELECT contact_id, group_id FROM contacts_membership WHERE contact_id = ANY(%s) AND group_id = ANY(%s)"


class Ambiguous(ValueError):
    """Several contacts answer; nobody is guessed."""

    def __init__(self, code: str, message: str, value: str) -> None:
        super().__init__(message)
        self.code, self.message, self.value = code, message, value


@dataclass(slots=True, eq=False)
class Known:
    """A contact of the database, or one that this import makes (`id` None until it is written)."""

    id: int | None
    values: dict[str, Any]
    numbers: dict[str, str] = field(default_factory=dict)
    has_primary: bool = False
    groups: set[int] = field(default_factory=set)
    row: int = 0  # first row of the file that meant this contact
    changed: dict[str, Any] = field(default_factory=dict)
    added: dict[str, str] = field(default_factory=dict)
    joined: set[int] = field(default_factory=set)


class Index:
    """Contacts by their three keys."""

    def __init__(self) -> None:
        self.by_id: dict[int, Known] = {}
        self.external: dict[str, Known] = {}
        self.emails: dict[str, list[Known]] = defaultdict(list)
        self.numbers: dict[str, list[Known]] = defaultdict(list)

    def add(self, known: Known) -> None:
        """Make a contact findable by all it has."""
        if known.id is not None:
            self.by_id[known.id] = known
        self.learn(known, known.values, known.numbers)

    def learn(self, known: Known, values: dict[str, Any], numbers: Iterable[str]) -> None:
        """Make it findable by what it has got just now."""
        if key := values.get("external_id"):
            self.external[key] = known
        if (email := values.get("email")) and known not in self.emails[email.upper()]:
            self.emails[email.upper()].append(known)
        for number in numbers:
            if known not in self.numbers[number]:
                self.numbers[number].append(known)

    def load(self, persons: Sequence[Person], *, group_ids: Sequence[int], lock: bool) -> None:
        """Read the contacts that these rows may mean, with their numbers and memberships."""
        keys = [person.values.get("external_id", "") for person in persons]
        emails = [email.upper() for person in persons if (email := person.values.get("email"))]
        numbers = [number for person in persons for number in person.numbers]
        with connection.cursor() as cursor:
            cursor.execute(FIND + (" FOR UPDATE OF c" if lock else ""), [[key for key in keys if key], emails, numbers])
            fresh = {row[0]: Known(row[0], dict(zip(COLUMNS, row[1:], strict=True))) for row in cursor.fetchall() if row[0] not in self.by_id}
            if not fresh:
                return
            cursor.execute(NUMBERS, [list(fresh)])
            for contact_id, number, kind, is_primary in cursor.fetchall():
                fresh[contact_id].numbers[number] = kind
                fresh[contact_id].has_primary |= is_primary
            cursor.execute(
                "SELECT contact_id, group_id FROM contacts_membership WHERE contact_id = ANY(%s) AND group_id = ANY(%s)", [list(fresh), list(group_ids)]
            )
            for contact_id, group_id in cursor.fetchall():
                fresh[contact_id].groups.add(group_id)
        for known in fresh.values():
            self.add(known)

    def find(self, person: Person) -> tuple[Known | None, str]:
        """The contact that a row means and by which key; None for a new person. Raises Ambiguous."""
        values = person.values
        if (key := values.get("external_id")) and (known := self.external.get(key)):
            return known, "external_id"
        if email := values.get("email"):
            same = [known for known in self.emails.get(email.upper(), ()) if not _differ(known.values, values, "external_id")]
            if len(same) > 1:
                raise Ambiguous("ambiguous_email", _("%(count)s contacts have this e-mail. Add their external id to the row.") % {"count": len(same)}, email)
            if same:
                return same[0], "email"
        return self._by_number(person)

    def _by_number(self, person: Person) -> tuple[Known | None, str]:
        found: dict[int, Known] = {}
        first = ""
        for number in person.numbers:
            for known in self.numbers.get(number, ()):
                if not _differ(known.values, person.values, "external_id") and not _differ(known.values, person.values, "email"):
                    found[id(known)] = known
                    first = first or number
        if len(found) > 1:
            message = _("%(count)s contacts have this number. Add an external id or an e-mail to the row.") % {"count": len(found)}
            raise Ambiguous("ambiguous_number", message, first)
        return next(iter(found.values()), None), "number"

    def others_with(self, person: Person, itself: Known) -> str:
        """A number of the row that somebody else has, or nothing."""
        return next((number for number in person.numbers if any(known is not itself for known in self.numbers.get(number, ()))), "")


def _differ(known: dict[str, Any], told: dict[str, Any], name: str) -> bool:
    """Both have it, and not the same: two people, whatever else they share."""
    have, want = known.get(name) or "", told.get(name) or ""
    return bool(have and want and have.upper() != want.upper())


def fault(person: Person, problem: Ambiguous, column: str) -> Fault:
    """The refusal of a row that may mean several people."""
    return Fault(person.row, column, problem.value, problem.code, problem.message)
