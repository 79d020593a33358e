"""Membership of groups, static or smart."""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import and_
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.models import Group, Membership
from contacts.smart import comparisons as ask
from contacts.smart.asking import Having
from contacts.smart.choices import Rows, RowsWithin
from contacts.smart.criteria import At, Question
from contacts.smart.questions import categories

GROUP = "group"


def names(ids: Sequence[int]) -> dict[int, str]:
    """Of the groups that exist."""
    return dict(Group.objects.filter(id__in=ids).values_list("id", "name"))


def choices() -> Iterable[tuple[str, Any]]:
    """Groups in use."""
    return [(str(id_), name) for id_, name in Group.objects.filter(archived=False).values_list("id", "name")]


class MemberOf(Question):
    """In a group."""

    name, label, category = "group", _("Group"), categories.GROUPS
    _none = _("Choose at least one group.")
    _groups = Rows(GROUP, choices, none=_none)
    comparisons = (
        ask.Comparison("any", _("is in one of"), _("is in %(value)s"), _groups),
        ask.Comparison("all", _("is in all of"), _("is in all of: %(value)s"), _groups),
        ask.Comparison("none", _("is in none of"), _("is not in %(value)s"), _groups),
        ask.Comparison("joined", _("joined within the last … days one of"), _("joined %(value)s"), RowsWithin(GROUP, choices, none=_none)),
    )

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        if comparison == "joined":
            return Q(Having(Membership.objects.filter(group_id__in=value["rows"], added_at__gte=at.days_ago(value["days"]))))
        return reduce(and_, map(_in, ([id_] for id_ in value))) if comparison == "all" else _in(value)


def _in(ids: list[int]) -> Q:
    return Q(Having(Membership.objects.filter(group_id__in=ids)))


ALL: list[Question] = [MemberOf()]
