"""Who may be the same person as one contact, found at once by the indexes; the nightly look does the same for everybody."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from contacts.duplicates.everywhere import FEW, SMALL_GROUP
from contacts.models import Contact, Duplicate
from contacts.models.contact import ContactQuerySet
from contacts.models.folding import fold

MOST = 20  # of each kind; beyond it is a shared line or a common name
Kind, Confidence = Duplicate.Kind, Duplicate.Confidence

# Everybody who shares something, with what and how many share it; told-apart pairs are gone. One statement, by indexes only.
NEARBY = """
    WITH shared AS (
        (SELECT o.contact_id AS id, 'number' AS kind, o.number AS what, o.textable AS good
           FROM contacts_phonenumber AS p JOIN contacts_phonenumber AS o ON o.number = p.number AND o.contact_id <> p.contact_id
          WHERE p.contact_id = %(me)s LIMIT %(most)s)
         UNION ALL
        (SELECT id, 'email', upper(email), true FROM contacts_contact
          WHERE %(email)s <> '' AND upper(email) = %(email)s AND email <> '' AND deleted_at IS NULL AND id <> %(me)s LIMIT %(most)s)
         UNION ALL
        (SELECT id, 'name', sort_name, false FROM contacts_contact
          WHERE sort_name = ANY(%(names)s) AND first_name <> '' AND last_name <> '' AND deleted_at IS NULL AND id <> %(me)s LIMIT %(most)s))
    SELECT c.id, s.kind, s.what, s.good, c.birth_date, c.organisation, c.sort_name,
           s.kind = 'name' AND EXISTS (
               SELECT 1 FROM contacts_membership AS mine JOIN contacts_membership AS theirs USING (group_id)
                WHERE mine.contact_id = %(me)s AND theirs.contact_id = c.id
                  AND (SELECT count(*) FROM (SELECT 1 FROM contacts_membership AS x WHERE x.group_id = mine.group_id LIMIT %(small)s + 1) AS counted)
                      <= %(small)s) AS together
      FROM shared AS s JOIN contacts_contact AS c ON c.id = s.id AND c.deleted_at IS NULL
     WHERE NOT EXISTS (SELECT 1 FROM contacts_notduplicate AS d WHERE d.first_id = least(c.id, %(me)s) AND d.second_id = greatest(c.id, %(me)s))
     ORDER BY c.id, s.kind, s.what"""


class Row(NamedTuple):
    """One thing that somebody shares with the contact."""

    id: int
    kind: str
    what: str
    good: bool
    birth_date: date | None
    organisation: str
    sort_name: str
    together: bool


@dataclass(slots=True)
class Near:
    """Somebody who may be the same person: what is shared, and how sure that makes it."""

    contact_id: int
    kinds: list[str]
    shared: list[str]  # numbers and e-mails
    confidence: int
    same_birth_date: bool = False
    contact: Any = None

    @property
    def why(self) -> list[Any]:
        """What is shared, in words."""
        return [Kind(kind).label for kind in self.kinds]

    @property
    def alone(self) -> bool:
        """Nothing but the name is the same."""
        return self.kinds == [Kind.NAME] and self.confidence == Confidence.WEAK


def of(contact: Contact, among: ContactQuerySet) -> list[Near]:
    """Possible duplicates of a contact among those whom a person may see, surest first; at most some dozens."""
    found = _near(contact)
    people = {person.pk: person for person in among.filter(id__in=[near.contact_id for near in found])} if found else {}
    for near in found:
        near.contact = people.get(near.contact_id)
    return sorted((near for near in found if near.contact), key=lambda near: (-near.confidence, near.contact_id))


def sure(found: list[Near]) -> list[Near]:
    """Those of whom more is the same than the name."""
    return [near for near in found if not near.alone]


def _near(contact: Contact) -> list[Near]:
    names = [fold(f"{contact.last_name} {contact.first_name}"), fold(f"{contact.first_name} {contact.last_name}")]
    facts: dict[str, Any] = {
        "me": contact.pk, "email": contact.email.upper(), "names": names if contact.first_name and contact.last_name else [],
        "most": MOST + 1, "small": SMALL_GROUP,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(NEARBY, facts)
        rows = [Row._make(row) for row in cursor.fetchall()]
    others = Counter((row.kind, row.what) for row in rows)
    by_person: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_person[row.id].append(row)
    found = [_judge(contact, theirs, few=any(others[row.kind, row.what] < FEW for row in theirs), names=names) for theirs in by_person.values()]
    return [near for near in found if near]


def _judge(contact: Contact, rows: list[Row], *, few: bool, names: list[str]) -> Near | None:
    """The same rules as the nightly look; None for namesakes with another birth date."""
    first, addressed = rows[0], [row for row in rows if row.kind != Kind.NAME]
    dates = {first.birth_date, contact.birth_date} - {None}
    same_birth = first.birth_date is not None and len(dates) == 1 and contact.birth_date is not None
    same_place = bool(first.organisation) and first.organisation.upper() == contact.organisation.upper()
    confidence = confidence_of(
        address=bool(addressed), few=few, textable=any(row.good for row in addressed), same_name=bool(contact.first_name) and first.sort_name in names,
        same_birth=same_birth, other_birth=len(dates) == 2, together=same_place or any(row.together for row in rows),
    )  # fmt: skip
    kinds = list(dict.fromkeys(row.kind for row in rows))
    return Near(first.id, kinds, [row.what for row in addressed], confidence, same_birth) if confidence else None


def confidence_of(*, address: bool, few: bool, textable: bool, same_name: bool, same_birth: bool, other_birth: bool, together: bool) -> int:
    """How sure it is that two are one; 0 when they are not. `address` is a number or an e-mail, `few` says that only few people have it."""
    if other_birth:
        return Confidence.WEAK if address else 0
    if address and few:
        likely = Confidence.LIKELY if textable else Confidence.WEAK
        return Confidence.STRONG if same_name or same_birth else likely
    if address:
        return Confidence.WEAK
    if same_birth:
        return Confidence.STRONG
    return Confidence.LIKELY if together else Confidence.WEAK
