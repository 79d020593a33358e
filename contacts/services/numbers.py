"""Phone numbers of contacts, and the copy of them on the contact that choosing people reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection, transaction

from contacts.eligibility_rules import UNFIT_LINES, is_textable
from contacts.models import AllowedRange, Contact, PhoneNumber
from smsapp.common import phone
from smsapp.common.models import Organisation

Entry = tuple[str, str, bool]  # number in E.164, kind, primary
POLICY_LOCK = 7_212_001  # advisory: shared by those who write numbers by the policy, exclusive for a moment when a new one begins to hold
MOST = 20  # numbers of one contact

# contacts.eligibility_rules.is_textable, of a row n
TEXTABLE = "(CASE WHEN n.line = ANY(%(unfit)s) THEN n.number LIKE ANY(%(ranges)s) ELSE n.kind = ANY(%(kinds)s) END)"
SUM_UP = f"""
    UPDATE contacts_phonenumber AS p SET textable = told.textable
      FROM (SELECT n.id, {TEXTABLE} AS textable FROM contacts_phonenumber AS n WHERE n.contact_id = ANY(%(contacts)s)) AS told
     WHERE p.id = told.id AND p.textable <> told.textable
"""  # noqa: S608 (the rule above)
REFRESH = """
    UPDATE contacts_contact AS c SET sms_number = best.number, sms_country = coalesce(best.country, ''), reach = best.reach
      FROM (SELECT wanted.id,
                   (array_agg(p.number ORDER BY p.is_primary DESC, p.id) FILTER (WHERE p.textable))[1] AS number,
                   (array_agg(p.country ORDER BY p.is_primary DESC, p.id) FILTER (WHERE p.textable))[1] AS country,
                   CASE WHEN bool_or(p.textable) THEN 3
                        WHEN bool_or(p.kind = ANY(%(kinds)s) AND p.line = 'unknown') THEN 2
                        WHEN count(p.id) > 0 THEN 1 ELSE 0 END AS reach
              FROM unnest(%(contacts)s::bigint[]) AS wanted(id) LEFT JOIN contacts_phonenumber AS p
                ON p.contact_id = wanted.id AND p.contact_id = ANY(%(contacts)s)
             GROUP BY wanted.id) AS best
     WHERE c.id = best.id AND (c.sms_number, c.sms_country, c.reach) IS DISTINCT FROM (best.number, coalesce(best.country, ''), best.reach)
"""


@dataclass(frozen=True, slots=True)
class Policy:
    """Which numbers may be texted here: types that the organisation chose, and dear ranges that administrators allow."""

    kinds: tuple[str, ...]
    ranges: tuple[str, ...]

    @classmethod
    def current(cls) -> "Policy":
        """To write numbers by: inside a transaction it holds until the end, for a change is applied to the numbers only after."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [POLICY_LOCK])
        return cls.chosen()

    @classmethod
    def chosen(cls) -> "Policy":
        """To read: as it stands in the database."""
        return cls(tuple(Organisation.current().textable_kinds), tuple(AllowedRange.objects.values_list("beginning", flat=True)))

    def allows(self, number: str, kind: str, line: str) -> bool:
        """The same rule as SUM_UP, for one number."""
        return is_textable(number, kind, line, self.kinds, self.ranges)

    def as_sql(self) -> dict[str, Any]:
        """Parameters of SUM_UP and REFRESH."""
        return {"kinds": list(self.kinds), "unfit": list(UNFIT_LINES), "ranges": [f"{begin}%" for begin in self.ranges]}


@transaction.atomic
def refresh(contact_ids: Sequence[int]) -> None:
    """Make `textable` of these contacts' numbers, and the copy on the contacts, say what the numbers and the policy say."""
    if not contact_ids:
        return
    facts = {"contacts": list(contact_ids), **Policy.current().as_sql()}
    with connection.cursor() as cursor:
        cursor.execute(SUM_UP, facts)
        cursor.execute(REFRESH, facts)


@transaction.atomic
def replace(contact: Contact, numbers: Sequence[Entry]) -> None:
    """Give the contact exactly these numbers; the same number keeps its row. Without a primary, the first mobile becomes it."""
    Contact.objects.select_for_update(of=("self",)).get(id=contact.id)  # two editors take turns
    wanted = _with_one_primary(numbers)
    contact.numbers.exclude(number__in=wanted).delete()
    contact.numbers.filter(is_primary=True).update(is_primary=False)
    known = {row.number: row for row in contact.numbers.all()}
    PhoneNumber.objects.bulk_create(
        new_row(contact, number, kind, primary=primary) for number, (kind, primary) in wanted.items() if number not in known
    )
    for number, row in known.items():
        row.kind, row.is_primary = wanted[number]
    PhoneNumber.objects.bulk_update(known.values(), ["kind", "is_primary"])
    refresh([contact.id])
    contact.refresh_from_db(fields=["sms_number", "sms_country", "reach"])


def new_row(contact: Contact, number: str, kind: str, *, primary: bool) -> PhoneNumber:
    """An unsaved row with what the number says of itself; `refresh` its contact after saving."""
    facts = phone.facts_of(number)
    return PhoneNumber(contact=contact, number=number, kind=kind, is_primary=primary, line=facts.line, country=facts.country)


def _with_one_primary(numbers: Sequence[Entry]) -> dict[str, tuple[str, bool]]:
    kinds = {number: kind for number, kind, _ in reversed(numbers)}
    ordered = list(dict.fromkeys(number for number, _, _ in numbers))
    mobiles = [number for number in ordered if kinds[number] == PhoneNumber.Kind.MOBILE]
    primary = next((number for number, _, chosen in numbers if chosen), None) or next(iter(mobiles or ordered), None)
    return {number: (kinds[number], number == primary) for number in ordered}


class Line(NamedTuple):
    """What is stored beside a number: the kind that holds, and the number's own line and country."""

    kind: str
    line: str
    country: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What a new contact's row repeats of its numbers."""

    number: str | None
    country: str
    reach: int
    primary: str | None


def choice(numbers: Mapping[str, Line], policy: Policy) -> Choice:
    """Of a new contact's numbers, in order: the one texted, and the one that becomes primary."""
    for number, facts in numbers.items():
        if policy.allows(number, facts.kind, facts.line):
            return Choice(number, facts.country, int(Contact.Reach.MOBILE), number)
    impossible = any(facts.kind in policy.kinds and facts.line == "unknown" for facts in numbers.values())
    reach = Contact.Reach.INVALID if impossible else Contact.Reach.NOT_MOBILE if numbers else Contact.Reach.NO_NUMBER
    return Choice(None, "", int(reach), next(iter(numbers), None))
