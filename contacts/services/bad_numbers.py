"""Numbers whose texts failed for good go into quarantine by themselves: set-wise, in the transaction that writes the failure."""

from collections.abc import Sequence

# Once per number; who was quarantined before and let out again fails anew.
QUARANTINE = """
    INSERT INTO contacts_quarantine (number, reason, message, since, ended_because)
    SELECT DISTINCT ON (number) number, reason, message, clock_timestamp(), ''
      FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS failed(number, reason, message)
     ORDER BY number, message
    ON CONFLICT (number) WHERE ended_at IS NULL DO NOTHING
 RETURNING number"""

# In the timelines of everybody who has one of the numbers, as when a person blocks it: which change, the numbers, and how they are shown.
TELL = """
    INSERT INTO contacts_activity (contact_id, kind, subject, details, at)
    SELECT p.contact_id, 'change', %s, told.words, clock_timestamp()
      FROM unnest(%s::text[], %s::text[]) AS told(number, words)
      JOIN contacts_phonenumber p ON p.number = told.number
      JOIN contacts_contact c ON c.id = p.contact_id AND c.deleted_at IS NULL"""

Failed = tuple[str, str, int]  # number, neutral category, message


def columns(failed: Sequence[Failed]) -> list[list[str] | list[int]]:
    """Parameters of QUARANTINE."""
    numbers, reasons, messages = zip(*failed, strict=True)
    return [list(numbers), list(reasons), list(messages)]
