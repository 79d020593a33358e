"""The one lawful way to change the consent ledger: taking a person out of it while what they decided stays.

A person may ask to be forgotten, and the organisation must still be able to show that it was told to stop. So an entry keeps what was said
(event, scope, source, whether by an own act, when, recorded when and by whom) and loses who it was: the number becomes a keyed hash, wording
and details go. The hash is the same for the same number, so that an own opt-out holds when that number comes back; without the key of
this installation (SECRET_KEY) nobody finds the number by it.

The trigger of the table allows exactly this change, and only while the setting below is on, which is until the end of one statement here.
Erasing a person calls `pseudonymise` in its transaction, before the contact and its numbers go.
"""

from typing import TYPE_CHECKING

from django.db import connection, transaction

from contacts.models import Contact, PhoneNumber
from contacts.services.consent import pseudonym
from smsapp.common import audit

if TYPE_CHECKING:
    from smsapp.accounts.models import User

OPEN = "SELECT set_config('contacts.pseudonymising', 'on', true)"  # true: until the transaction ends at the latest
CLOSE = "SELECT set_config('contacts.pseudonymising', '', true)"
THEIRS = """
    SELECT id, number FROM contacts_consententry
     WHERE contact_id = ANY(%(people)s) OR (contact_id IS NULL AND number <> '' AND number = ANY(%(numbers)s))
"""
FORGET = """
    UPDATE contacts_consententry AS e SET number = told.number, wording = '', details = ''
      FROM unnest(%(ids)s::bigint[], %(numbers)s::text[]) AS told(id, number) WHERE e.id = told.id
"""
FORGET_LINES = "UPDATE contacts_activity SET details = '' WHERE contact_id = ANY(%(people)s) AND kind = 'consent' AND details <> ''"


@transaction.atomic
def pseudonymise(contact: Contact, *, author: "User") -> int:
    """Take the person, and those who were merged into them, out of the ledger and its lines on the timeline; how many entries there were.

    Entries of others who share a number stay: they are about those others. A second call changes nothing.
    """
    people = [contact.pk, *Contact.objects.filter(merged_into=contact).values_list("id", flat=True)]
    numbers = list(PhoneNumber.objects.filter(contact__in=people).values_list("number", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(THEIRS, {"people": people, "numbers": numbers})
        found = cursor.fetchall()
        cursor.execute(OPEN)
        cursor.execute(FORGET, {"ids": [id_ for id_, _number in found], "numbers": [pseudonym(number) for _id, number in found]})
        cursor.execute(CLOSE)
        cursor.execute(FORGET_LINES, {"people": people})
    audit.note(contact, "consent pseudonymised", author, entries=len(found))
    return len(found)
