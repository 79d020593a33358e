"""Reading the consent ledger: a person's present state in words, all entries about a person, their lines on the timeline."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from contacts import changes
from contacts.models import Activity, ConsentEntry, Contact, PhoneNumber
from contacts.services.consent import FLAGS
from contacts.slots import ActivityView

Event, Scope = ConsentEntry.Event, ConsentEntry.Scope
BLOCKED = {Scope.MARKETING: _("Opted out"), Scope.ALL: _("No texts at all")}
AGREED = {Scope.MARKETING: _("Opted in"), Scope.ALL: _("Agreed to texts")}
TONES = {Event.OPT_IN: "green", Event.OPT_OUT: "yellow", Event.LIFTED: ""}
SILENT = {Scope.MARKETING: _("Not opted out"), Scope.ALL: _("No")}


@dataclass(frozen=True, slots=True)
class State:
    """What holds for one scope, and the entry that says since when (None: older than the ledger, or nobody was asked)."""

    scope: str
    blocked: bool
    entry: ConsentEntry | None

    @property
    def word(self) -> Any:
        """In a word or two."""
        return (BLOCKED if self.blocked else AGREED if self.entry else SILENT)[Scope(self.scope)]


def people(contact: Contact) -> QuerySet[Contact]:
    """The contact and those who were merged into it."""
    return Contact.objects.filter(Q(pk=contact.pk) | Q(merged_into=contact.pk))


def states_of(contact: Contact) -> list[State]:
    """The state of each scope, the narrower first."""
    entries = ConsentEntry.objects.filter(contact__in=people(contact).values("id")).select_related("author")
    latest = {(entry.scope, entry.event): entry for entry in entries.order_by("scope", "event", "-id").distinct("scope", "event")}
    states = []
    for scope, flag in FLAGS.items():
        blocked = getattr(contact, flag)
        states.append(State(scope, blocked, latest.get((scope, Event.OPT_OUT if blocked else Event.OPT_IN))))
    return states


def entries_of(contact: Contact) -> QuerySet[ConsentEntry]:
    """All entries about the person, those of merged contacts and of its present numbers included."""
    own = ConsentEntry.objects.filter(contact__in=people(contact).values("id")).values("id")
    of_numbers = ConsentEntry.objects.filter(number__in=PhoneNumber.objects.filter(contact=contact).values("number")).exclude(number="").values("id")
    return ConsentEntry.objects.filter(id__in=own.union(of_numbers)).select_related("author", "contact")


def activity_views(activities: list[Activity]) -> dict[int, ActivityView]:
    """The timeline's lines of entries, with what the ledger says of each: one query a page."""
    entries = ConsentEntry.objects.in_bulk([activity.source for activity in activities if activity.source])
    return {activity.pk: _line(activity, entries.get(activity.source or 0)) for activity in activities}


def _line(activity: Activity, entry: ConsentEntry | None) -> ActivityView:
    title, icon = changes.words(activity.subject, "")
    tone = TONES[Event(activity.subject.rpartition("_")[0])]
    if entry is None:
        return ActivityView(title=title, icon=icon, tone=tone, text=activity.details)
    meta = [entry.get_source_display(), *([str(_("by the recipient"))] if entry.own_act else []), *([entry.details] if entry.details else [])]
    facts = [(_("Source"), entry.get_source_display()), (_("Number"), entry.number or "–"), (_("Details"), entry.details or "–")]
    return ActivityView(title=title, icon=icon, tone=tone, text=entry.wording, meta=meta, facts=facts)
