"""Recipients who opted out at the gateway, as it says when it refuses a text: set-wise, in the transaction that writes the refusal."""

from contacts.models import ConsentEntry
from contacts.services.consent import Entry

# Once per number, whoever blocked it first.
SUPPRESS = """
    INSERT INTO contacts_suppression (number, reason, note, since, ended_because)
    SELECT number, 'gateway', '', clock_timestamp(), '' FROM unnest(%s::text[]) AS told(number) ORDER BY number
    ON CONFLICT (number) WHERE ended_at IS NULL DO NOTHING
 RETURNING number"""


def entry(number: str, *, contact_id: int | None, message: int, gateway: str) -> Entry:
    """What the ledger keeps: the recipient's own act, at that gateway, against all texts to the number."""
    return Entry(
        contact_id, ConsentEntry.Event.OPT_OUT, ConsentEntry.Source.GATEWAY, ConsentEntry.Scope.ALL, number, own_act=True, details=gateway, message=message
    )
