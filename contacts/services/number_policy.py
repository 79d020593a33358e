"""Make all numbers follow what administrators chose: types that get texts, and ranges that are allowed.

The row says what the numbers follow and how far it has come. Nobody needs to be told of a change: whoever looks sees that the choice and the
row differ. Each batch commits its contacts with the watermark, so that a run that was killed goes on, and a choice that changes again begins anew.
"""

import logging
import time
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts import tasks
from contacts.importing import writing
from contacts.models import Contact, NumberPolicy, PhoneNumber
from contacts.services import numbers
from contacts.services.numbers import POLICY_LOCK, TEXTABLE, Policy
from smsapp.common import dates
from smsapp.common.locks import alone
from smsapp.common.ring import ring

log = logging.getLogger(__name__)

BATCH = 20_000  # numbers looked at in one transaction: a third of a second, some seconds where all of them change
SLICE = 5.0  # seconds of one task; a longer one would stand in the way of a shutdown
LOCK = 7_212_002  # advisory: one worker at a time

NEXT = "SELECT max(contact_id) FROM (SELECT contact_id FROM contacts_phonenumber WHERE contact_id > %s ORDER BY contact_id LIMIT %s) AS next"
# Contacts whose numbers, or whose copy of them, say something else than the choice.
STALE = f"""
    WITH told AS (SELECT n.*, {TEXTABLE} AS wanted FROM contacts_phonenumber AS n WHERE n.contact_id > %(after)s AND n.contact_id <= %(upto)s),
         best AS (SELECT contact_id, bool_or(textable <> wanted) AS differs,
                         (array_agg(number ORDER BY is_primary DESC, id) FILTER (WHERE wanted))[1] AS number,
                         CASE WHEN bool_or(wanted) THEN 3 WHEN bool_or(kind = ANY(%(kinds)s) AND line = 'unknown') THEN 2 ELSE 1 END AS reach
                    FROM told GROUP BY contact_id)
    SELECT c.id FROM best JOIN contacts_contact AS c ON c.id = best.contact_id
     WHERE best.differs OR (c.sms_number, c.reach) IS DISTINCT FROM (best.number, best.reach) ORDER BY c.id
"""  # noqa: S608 (the rule of contacts.services.numbers)
HOLD = "SELECT FROM contacts_contact WHERE id = ANY(%s) ORDER BY id FOR UPDATE"


@dataclass(frozen=True, slots=True)
class State:
    """For people: whether the numbers follow the choice, and how far they have come."""

    row: NumberPolicy
    in_force: bool
    percent: int


def state() -> State:
    """As it is at this moment."""
    row, policy = _row(), Policy.chosen()
    in_force = _follows(row, policy) and row.finished_at is not None
    last = Contact.objects.aggregate(last=Max("id"))["last"] or 0
    percent = 100 * row.up_to // last if last and _follows(row, policy) else 0
    return State(row, in_force, 100 if in_force else min(percent, 99))


def words() -> str:
    """The state in a sentence."""
    found = state()
    if not found.in_force:
        return _("The choice of numbers is being applied in the background: %(percent)s%% of the contacts.") % {"percent": found.percent}
    when = dates.said(timezone.localtime(found.row.finished_at), "DATETIME_FORMAT")
    people = found.row.changed
    told = ngettext("All numbers follow this choice since %(when)s; it changed %(n)s contact.",
                    "All numbers follow this choice since %(when)s; it changed %(n)s contacts.", people)  # fmt: skip
    return told % {"when": when, "n": people}


def apply() -> None:
    """Go on with what is not finished, for some seconds; nothing when another worker does, or when the numbers follow the choice."""
    with alone(LOCK) as held:
        if held and not _work(time.monotonic() + SLICE):
            ring(tasks.apply_number_policy)


def changed() -> None:
    """The choice was changed: tell a worker to look."""
    ring(tasks.apply_number_policy)


def _work(ends: float) -> bool:
    row = _begin()
    while row.finished_at is None and time.monotonic() < ends:
        if not _batch(row):
            return False  # the choice changed again: the next look begins anew
        row.refresh_from_db()
    return row.finished_at is not None


def _row() -> NumberPolicy:
    return NumberPolicy.objects.get_or_create(id=1)[0]


def _follows(row: NumberPolicy, policy: Policy) -> bool:
    return (sorted(row.kinds), sorted(row.ranges)) == (sorted(policy.kinds), sorted(policy.ranges))


def _begin() -> NumberPolicy:
    """The row, reset when it follows another choice than today's."""
    row = _row()
    return row if _follows(row, Policy.chosen()) else _anew()


@transaction.atomic
def _anew() -> NumberPolicy:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [POLICY_LOCK])  # whoever still writes by the former choice ends first
    row, policy = _row(), Policy.current()
    if not _follows(row, policy):
        NumberPolicy.objects.update(
            kinds=sorted(policy.kinds), ranges=sorted(policy.ranges), up_to=0, changed=0, begun_at=timezone.now(), finished_at=None
        )
        row.refresh_from_db()
        log.info("choice of numbers changed", extra={"kinds": row.kinds, "ranges": len(row.ranges)})
    return row


@transaction.atomic
def _batch(row: NumberPolicy) -> bool:
    """The next contacts; False when the row is not what it was."""
    writing.take_turn()  # an import locks contacts in an order of its own
    policy = Policy.current()
    mine = NumberPolicy.objects.filter(up_to=row.up_to, begun_at=row.begun_at, finished_at=None)
    if not _follows(row, policy) or not mine.exists():
        return False
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [row.up_to, BATCH])
        (upto,) = cursor.fetchone()
        if upto is None:
            mine.update(finished_at=timezone.now())
            return True
        cursor.execute(STALE, {"after": row.up_to, "upto": upto, **policy.as_sql()})
        stale = [contact_id for (contact_id,) in cursor.fetchall()]
        cursor.execute(HOLD, [stale])  # before their numbers, as editors do
    numbers.refresh(stale)
    mine.update(up_to=upto, changed=F("changed") + len(stale))
    return True


def concerned(beginning: str) -> int:
    """How many numbers of contacts a range would allow, or allows."""
    return PhoneNumber.objects.filter(number__startswith=beginning, line__in=numbers.UNFIT_LINES).count()
