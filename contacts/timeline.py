"""Activities as people see them: each kind drawn by whoever knows it, in one go per page."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from contacts import changes, slots
from contacts.models import Activity, Contact
from contacts.services.history import WRITTEN
from contacts.slots import ActivityView, Coming, activity_renderers

KIND_LOOKS = {Activity.Kind.SMS_SENT: ("chat-right-text", "blue"), Activity.Kind.SMS_RECEIVED: ("reply", "blue"), Activity.Kind.NOTE: ("journal-text", "")}


@dataclass(frozen=True, slots=True)
class Line:
    """One activity and its looks."""

    activity: Activity
    view: ActivityView

    @property
    def by(self) -> Any:
        """Who wrote it down; a text names its author among its own facts."""
        return self.activity.author if self.activity.kind in WRITTEN else None


def lines(activities: Iterable[Activity]) -> list[Line]:
    """The activities in their order; one call per kind, however many there are."""
    rows = list(activities)
    by_kind: dict[str, list[Activity]] = defaultdict(list)
    for activity in rows:
        by_kind[activity.kind].append(activity)
    views: dict[int, ActivityView] = {}
    for kind, same in by_kind.items():
        views |= (activity_renderers.get(kind) or own_looks)(same)
    return [Line(activity, _named(activity, views.get(activity.pk) or own_looks([activity])[activity.pk])) for activity in rows]


def coming(contact: Contact, user: Any) -> list[Coming]:
    """What is to happen to a person, soonest first, with what this user may do about it."""
    ids = contact.past_ids()
    return sorted((each for ask in slots.coming for each in ask(ids, user)), key=lambda each: each.at)


def own_looks(activities: list[Activity]) -> dict[int, ActivityView]:
    """Notes, changes, and texts whose app says nothing of them."""
    return {activity.pk: _own_look(activity) for activity in activities}


def _own_look(activity: Activity) -> ActivityView:
    if activity.kind == Activity.Kind.CHANGE:
        title, icon = changes.words(activity.subject, activity.details)
        return ActivityView(title=title, icon=icon)
    icon, tone = KIND_LOOKS.get(Activity.Kind(activity.kind), ("journal-text", ""))
    return ActivityView(text=activity.details, icon=icon, tone=tone)


def _named(activity: Activity, view: ActivityView) -> ActivityView:
    return view if view.title else replace(view, title=activity.subject or activity.get_kind_display())
