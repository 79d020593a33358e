"""Smart groups: their rules, their refresh, and who stays out by hand."""

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from contacts import tasks
from contacts.models import Group, Removal
from contacts.services import groups
from contacts.services.errors import ContactsError
from contacts.smart import addresses, rules
from contacts.smart.nesting import Nesting
from contacts.smart.problems import RulesProblem
from smsapp.common.bidi import isolated
from smsapp.common.ring import ring

LOCK = 7_213  # advisory lock: two groups whose rules are saved at once must not make a circle


@transaction.atomic
def save(group: Group | None, *, tree: Any, name: str = "", description: str = "") -> Group:
    """Make a smart group, or give one other rules; it is refreshed at once. Raises RulesProblem, or ContactsError for its name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    found = rules.parse(tree)
    addresses.as_bytes(found.as_json())  # refuses what is too long
    if group is not None and (way := Nesting().circle(group.pk, found.group_ids())):
        raise RulesProblem("circle", _circle(way))
    if group is not None:
        name, description = group.name, group.description
    ruled = {"kind": Group.Kind.SMART, "rules": found.as_json(), "state": Group.State.WAITING, "problem": "", "problem_in": []}
    saved = groups.save_group(group, name=name, description=description, **ruled)
    ring(tasks.refresh_groups, [saved.pk])
    return saved


def _circle(way: list[str]) -> str:
    if len(way) == 1:
        return _("The group cannot ask for its own members. Take the rule out.")
    return _("This makes a circle: %(way)s. A group cannot depend on itself; take one of them out.") % {"way": " → ".join([way[-1], *way])}


def refresh_now(group: Group) -> None:
    """Let a worker bring the group up to date."""
    Group.objects.filter(id=group.pk).update(state=Group.State.WAITING)
    ring(tasks.refresh_groups, [group.pk])


def let_back_in(group: Group, contact_ids: Iterable[int]) -> int:
    """Those who were taken out by hand may come back, if the rules bring them. Returns how many there were."""
    deleted, _by_model = Removal.objects.filter(group=group, contact_id__in=list(contact_ids)).delete()
    if deleted:
        refresh_now(group)
    return deleted


def readers(group: Group) -> str:
    """Names of the smart groups whose rules ask for the group, as a sentence lists them; empty when none does."""
    return ", ".join(_("“%(text)s”") % {"text": isolated(reader.name)} for reader in Nesting().readers_of(group.pk) if reader.pk != group.pk)


def read_elsewhere(group: Group) -> str:
    """Why a group must not go; empty when it may."""
    if names := readers(group):
        return _("The rules of these smart groups ask for it: %(groups)s. Change their rules first.") % {"groups": names}
    return ""


def check_name(name: str) -> str:
    """A name that a new group may have. Raises ContactsError."""
    if Group.objects.filter(name=name).exists():
        raise ContactsError("name_taken", _("A group already has this name. Choose another one."), "name")
    return name
