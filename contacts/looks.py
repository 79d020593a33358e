"""How "may be texted, or why not" looks: word, tone and icon of a pill."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts import eligibility
from contacts.models import Group

ICONS = {
    "deleted": ("", "trash3"),
    "deceased": ("", "person-x"),
    "no_number": ("", "telephone-x"),
    "not_mobile": ("", "telephone-x"),
    "invalid_number": ("yellow", "telephone-x"),
    "do_not_sms": ("", "person-slash"),
    "opted_out": ("", "person-slash"),
    "suppressed": ("red", "slash-circle"),
    "quarantined": ("yellow", "pause-circle"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """A pill."""

    word: Any
    tone: str
    icon: str


YES = Look(_("Can be texted"), "green", "check2")
ONE_OFF = Look(_("One-off texts only"), "", "person-slash")  # of somebody who wants no marketing


def of_reason(reason: str | None, yes: Look = YES) -> Look:
    """The pill for a reason of contacts.eligibility; None is good news."""
    if reason is None:
        return yes
    tone, icon = ICONS.get(reason, ("", "slash-circle"))
    return Look(eligibility.LABELS.get(reason, reason), tone, icon)


GROUP_STATES = {
    Group.State.FRESH: ("green", "check-circle"),
    Group.State.WAITING: ("blue", "hourglass-split"),
    Group.State.REFRESHING: ("blue", "arrow-repeat"),
    Group.State.FAILED: ("red", "exclamation-octagon"),
}


def of_group(group: Group) -> Look:
    """The pill for the state of a smart group."""
    return Look(Group.State(group.state).label, *GROUP_STATES[Group.State(group.state)])
