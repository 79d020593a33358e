"""What went to a number: found by the histories of those who have it, and by the texts besides mailings. Message rows of mailings have no index for it."""

from datetime import UTC, datetime
from typing import NamedTuple

from django.db import connection

MOST_PEOPLE = 20  # who share a number
# Each history is a walk along its index, newest first. Tests are nobody's business.
FIND = """
    WITH people AS (SELECT DISTINCT contact_id FROM contacts_phonenumber WHERE number = %(number)s
                     UNION SELECT id FROM contacts_contact WHERE id = %(contact)s LIMIT %(people)s),
         lines AS (SELECT line.source FROM people CROSS JOIN LATERAL (
                       SELECT a.source FROM contacts_activity AS a
                        WHERE a.contact_id = people.contact_id AND a.kind = 'sms_sent' AND a.at < %(before)s
                        ORDER BY a.at DESC, a.id DESC LIMIT %(most)s) AS line),
         found AS (SELECT m.id, m.mailing_id, m.template_id, m.kind, m.status, coalesce(m.sent_at, m.created_at) AS at
                     FROM lines JOIN campaigns_message AS m ON m.id = lines.source WHERE m.number = %(number)s
                    UNION
                   SELECT id, mailing_id, template_id, kind, status, coalesce(sent_at, created_at)
                     FROM (SELECT * FROM campaigns_message WHERE number = %(number)s AND mailing_id IS NULL AND created_at < %(before)s
                            ORDER BY id DESC LIMIT %(most)s) AS others)
    SELECT id, mailing_id, template_id, kind, status, at FROM found WHERE kind <> 2 AND at < %(before)s ORDER BY at DESC, id DESC LIMIT %(most)s"""


_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class SentText(NamedTuple):
    """A text to the number: where it is filed, what kind it is (Message.Kind), its stored status, and when it left, or was queued."""

    id: int
    mailing: int | None
    template: int | None
    kind: int
    status: int
    at: datetime


def newest(number: str, *, contact: int | None = None, most: int = 20, before: datetime | None = None) -> list[SentText]:
    """The newest texts to a number (before a moment), also those that wait; `contact` is looked at too where it has the number no more."""
    facts: dict[str, str | int | datetime] = {"number": number, "contact": contact or 0, "people": MOST_PEOPLE, "most": most, "before": before or _NEVER}
    with connection.cursor() as cursor:
        cursor.execute(FIND, facts)
        return [SentText._make(row) for row in cursor.fetchall()]
