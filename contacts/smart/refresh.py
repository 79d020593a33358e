"""Bring the members of smart groups up to date with their rules: set-wise and all or nothing, whoever is a member by hand or stays out by hand apart."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Case, Value, When
from django.utils import timezone, translation

from contacts.models import Contact, Group
from contacts.services.errors import ContactsError
from contacts.smart import due, rules
from contacts.smart.asking import People
from contacts.smart.criteria import At
from contacts.smart.nesting import Nesting
from contacts.smart.patience import TookTooLong, large_sets, patience
from contacts.smart.problems import RulesProblem
from smsapp.common.bidi import isolated
from smsapp.common.models import Organisation
from smsapp.common.sentences import Sentence, as_json
from smsapp.common.sentences import say as _

log = logging.getLogger(__name__)
State = Group.State
LOCK_SPACE = 7_212  # advisory locks (space, group): one refresh of a group at a time
STALE = timedelta(minutes=10)  # birthdays and "within the last days" change by themselves
LONGEST = timedelta(minutes=5)

# Whoever fulfils the rules, first by the planner's best way, then set beside the members. What people did by hand meanwhile is respected:
# whoever was taken out while it ran goes with the next refresh at the latest.
FIND = "CREATE TEMPORARY TABLE found_by_rules ON COMMIT DROP AS SELECT matching.id FROM ({matching}) AS matching(id)"
CHANGE = (
    "DELETE FROM found_by_rules AS f USING contacts_removal AS r WHERE r.group_id = %(group)s AND r.contact_id = f.id",
    """DELETE FROM contacts_membership AS m WHERE m.group_id = %(group)s AND NOT m.by_hand
          AND NOT EXISTS (SELECT FROM found_by_rules AS f WHERE f.id = m.contact_id)""",
    """INSERT INTO contacts_membership (group_id, contact_id, added_at, by_hand)
       SELECT %(group)s, f.id, now(), false FROM found_by_rules AS f
        WHERE NOT EXISTS (SELECT FROM contacts_membership AS m WHERE m.group_id = %(group)s AND m.contact_id = f.id)
           ON CONFLICT (group_id, contact_id) DO NOTHING""",
    "DROP TABLE found_by_rules",  # a transaction may refresh several groups
)


class NotRefreshed(ContactsError):
    """A smart group whose members are not known to be right: nobody may be texted by it."""


def bring_up_to_date(group_ids: Iterable[int]) -> None:
    """Refresh the smart ones among the groups, and before them those that their rules read. Raises NotRefreshed at the first that fails."""
    for group in Nesting().in_order(group_ids):
        refresh(group.pk)


def work_on_due() -> None:
    """Refresh what waits, what a dead worker left and what is older than ten minutes; a group that is refreshed elsewhere is let be."""
    long_ago = timezone.now() - STALE
    for group in Nesting().in_use():
        if group.state in (State.WAITING, State.REFRESHING) or group.tried_at is None or group.tried_at < long_ago:
            _quietly(group.pk)


def work_on(group_ids: Iterable[int]) -> None:
    """Refresh these groups and what they read; the page says how it went."""
    for group in Nesting().in_order(group_ids):
        _quietly(group.pk)


def _quietly(group_id: int) -> None:
    try:
        refresh(group_id, wait=False)
    except NotRefreshed:
        log.warning("smart group not refreshed", extra={"group": group_id})


def refresh(group_id: int, *, wait: bool = True) -> None:
    """Refresh one smart group. Without `wait` a group that somebody refreshes is let be. Raises NotRefreshed."""
    if not wait and _is_refreshed_elsewhere(group_id):
        return
    Group.objects.filter(id=group_id).update(state=State.REFRESHING, tried_at=timezone.now())
    with translation.override(Organisation.current().language):
        try:
            changed = _refresh(group_id)
        except RulesProblem as problem:
            raise _failed(group_id, problem.told) from problem
        except TookTooLong as problem:
            minutes = LONGEST // timedelta(minutes=1)
            raise _failed(group_id, _("Its rules took longer than %(most)s minutes. Make them simpler.") % {"most": minutes}) from problem
        except OperationalError:
            raise  # the database went away: the tick tries again
        except Exception as problem:
            log.exception("refresh broke", extra={"group": group_id})
            raise _failed(group_id, _("The refresh met a fault of the console. The log of the worker has the details.")) from problem
    if changed:
        due.members_changed(group_id)


def _failed(group_id: int, words: Sentence) -> NotRefreshed:
    Group.objects.filter(id=group_id).update(state=State.FAILED, problem=words[:300], problem_in=as_json(words))
    name = Group.objects.filter(id=group_id).values_list("name", flat=True).first() or group_id
    told = _("The smart group “%(group)s” could not be refreshed. %(problem)s")
    return NotRefreshed("not_refreshed", told % {"group": isolated(str(name)), "problem": words})


@transaction.atomic
def _refresh(group_id: int) -> bool:
    """Whether anybody left or joined."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, group_id % 2**31])
        group = Group.objects.filter(id=group_id, kind=Group.Kind.SMART).first()
        if group is None:
            return False
        found = People(Contact.objects.active(), rules.parse(group.rules).condition(At.current()))
        matching, parameters = found.collected.ids_sql()
        with patience(LONGEST):
            cursor.execute(FIND.format(matching=matching), parameters)
            with large_sets():
                _told_out, left, joined, *_rest = [_rows(cursor, statement, group_id) for statement in CHANGE]
    # one whose rules, or members of a group that they ask for, were changed meanwhile goes on waiting
    state = Case(When(state=State.WAITING, then="state"), default=Value(State.FRESH))
    Group.objects.filter(id=group_id).update(state=state, refreshed_at=timezone.now(), problem="", problem_in=[])
    return bool(left or joined)


def _rows(cursor: Any, statement: str, group_id: int) -> int:
    cursor.execute(statement, {"group": group_id})
    return int(cursor.rowcount)


def _is_refreshed_elsewhere(group_id: int) -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK_SPACE, group_id % 2**31])
        return not cursor.fetchone()[0]
