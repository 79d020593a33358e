"""Phone numbers of contacts, and the copy of them on the contact that choosing people reads."""

from collections.abc import Mapping, Sequence

from django.db import connection, transaction

from contacts.models import Contact, PhoneNumber

Entry = tuple[str, str, bool]  # number in E.164, kind, primary

REFRESH = """
    UPDATE contacts_contact AS c SET sms_number = best.number, reach = best.reach
      FROM (SELECT wanted.id,
                   (array_agg(p.number ORDER BY p.is_primary DESC, p.id) FILTER (WHERE p.kind = 'mobile'))[1] AS number,
                   CASE WHEN bool_or(p.kind = 'mobile') THEN 3 WHEN count(p.id) > 0 THEN 1 ELSE 0 END AS reach
              FROM unnest(%s::bigint[]) AS wanted(id) LEFT JOIN contacts_phonenumber AS p ON p.contact_id = wanted.id
             GROUP BY wanted.id) AS best
     WHERE c.id = best.id AND (c.sms_number, c.reach) IS DISTINCT FROM (best.number, best.reach)
"""


def refresh(contact_ids: Sequence[int]) -> None:
    """Make `sms_number` and `reach` of these contacts say what their numbers say."""
    if not contact_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(REFRESH, [list(contact_ids)])


@transaction.atomic
def replace(contact: Contact, numbers: Sequence[Entry]) -> None:
    """Give the contact exactly these numbers; the same number keeps its row. Without a primary, the first mobile becomes it."""
    Contact.objects.select_for_update(of=("self",)).get(id=contact.id)  # two editors take turns
    wanted = _with_one_primary(numbers)
    contact.numbers.exclude(number__in=wanted).delete()
    contact.numbers.filter(is_primary=True).update(is_primary=False)
    known = {row.number: row for row in contact.numbers.all()}
    PhoneNumber.objects.bulk_create(
        PhoneNumber(contact=contact, number=number, kind=kind, is_primary=primary) for number, (kind, primary) in wanted.items() if number not in known
    )
    for number, row in known.items():
        row.kind, row.is_primary = wanted[number]
    PhoneNumber.objects.bulk_update(known.values(), ["kind", "is_primary"])
    refresh([contact.id])
    contact.refresh_from_db(fields=["sms_number", "reach"])


def _with_one_primary(numbers: Sequence[Entry]) -> dict[str, tuple[str, bool]]:
    kinds = {number: kind for number, kind, _ in reversed(numbers)}
    ordered = list(dict.fromkeys(number for number, _, _ in numbers))
    mobiles = [number for number in ordered if kinds[number] == PhoneNumber.Kind.MOBILE]
    primary = next((number for number, _, chosen in numbers if chosen), None) or next(iter(mobiles or ordered), None)
    return {number: (kinds[number], number == primary) for number in ordered}


def choice(numbers: Mapping[str, str]) -> tuple[str | None, int, str | None]:
    """Of a new contact's numbers ({number: kind}, in order): the one texted, the reach, and the one that becomes primary."""
    mobile = next((number for number, kind in numbers.items() if kind == PhoneNumber.Kind.MOBILE), None)
    reach = Contact.Reach.MOBILE if mobile else Contact.Reach.NOT_MOBILE if numbers else Contact.Reach.NO_NUMBER
    return mobile, int(reach), mobile or next(iter(numbers), None)
