"""What upper apps add to pages of contacts: actions, and how an activity of theirs looks."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from django.db.models import Q
from django.http import HttpRequest

from contacts.models import Activity, Contact, Group
from smsapp.common.registry import Slot

if TYPE_CHECKING:
    from contacts.exporting.sources import Source


class ContactAction(Protocol):
    """An entry of the Actions menu on a contact's page; shown to those who have `permission`."""

    label: Any
    icon: str
    permission: str

    def url(self, contact: Contact) -> str:
        """Where the entry leads; empty: to nothing of this contact, so it is not shown."""

    def disabled_reason(self, request: HttpRequest) -> str:
        """Why it cannot be used now, in words; empty when it can."""


class GroupAction(Protocol):
    """An entry on a group's page."""

    label: Any
    icon: str
    permission: str

    def url(self, group: Group) -> str:
        """Where the entry leads."""

    def disabled_reason(self, request: HttpRequest) -> str:
        """Why it cannot be used now, in words; empty when it can."""


@dataclass(frozen=True, slots=True)
class GroupUse:
    """Something of an upper app that uses a group, and what becomes of it without, in a sentence each."""

    deleted: str
    archived: str = ""  # empty: nothing changes for it


@dataclass(frozen=True, slots=True)
class ListAction:
    """A button of the bulk bar: the list posts its selection to `url` (read it with `contacts.selection.chosen`)."""

    name: str
    label: Any
    icon: str
    permission: str
    url: Any


@dataclass(frozen=True, slots=True)
class ActivityView:
    """How one activity looks on the timeline and on its own page."""

    text: str = ""
    tone: str = ""
    icon: str = "journal-text"
    status_label: Any = ""
    meta: list[str] = field(default_factory=list)
    links: list[tuple[Any, str, str]] = field(default_factory=list)  # (label, icon, address): where its own page leads on
    title: Any = ""  # instead of the activity's subject
    facts: list[tuple[Any, Any]] = field(default_factory=list)  # (label, value) for the activity's own page


@dataclass(frozen=True, slots=True)
class Coming:
    """What an upper app will do for a contact at a date and time: it stands above the history, which holds what happened."""

    at: datetime
    title: Any
    kind: Any  # in words
    url: str  # of its own page
    view: ActivityView  # its links stand beside it


class ActivityFilter(Protocol):
    """One more choice above a contact's activities, such as the campaign. `ids` are the contact's and those merged into it."""

    name: str  # its parameter in the address
    label: Any
    everything: Any  # the choice that filters nothing, in words

    def choices(self, ids: Sequence[int]) -> list[tuple[str, str]]:
        """(value, words) of what this person's history holds; empty when there is nothing to choose."""

    def condition(self, value: str, ids: Sequence[int]) -> Q:
        """Which activities a value keeps, by kind and `source`."""


@dataclass(frozen=True, slots=True)
class MergeFact:
    """What an upper app has of contacts that somebody is about to merge: how much of each, and what becomes of it."""

    label: Any  # head of its line beside the contacts
    note: Callable[[int], str]  # what happens to so many of the losers: "texts that wait go on"
    counts: dict[int, int]  # by contact id; who has none may be absent


@dataclass(frozen=True, slots=True)
class MarketingHold:
    """Numbers that get no marketing for the time being, as an upper app knows: a reason of contacts.eligibility with its words in explanations."""

    condition: Callable[[str], Any]  # in SQL: of a row, by the path to the number that would be texted
    among: Callable[[Collection[str]], set[str]]  # the same of some numbers, in Python


ActivityRenderer = Callable[[list[Activity]], dict[int, ActivityView]]

contact_actions: Slot[ContactAction] = Slot()
contact_questions: Slot[ContactAction] = Slot()  # more to ask about whether somebody is texted, on the page that says why
list_actions: Slot[ListAction] = Slot()
group_actions: Slot[GroupAction] = Slot()
group_guards: Slot[Callable[[Group], str]] = Slot()  # why a group must not be deleted now, in words; empty when it may
group_uses: Slot[Callable[[Group], list[GroupUse]]] = Slot()  # what is told before a group goes, and does not keep it from going
coming: Slot[Callable[[Sequence[int], Any], list[Coming]]] = Slot()  # asked with a contact's ids and who looks; soonest first
activity_filters: Slot[ActivityFilter] = Slot()
failure_words: Slot[Callable[[str], Any]] = Slot()  # words of a gateway's failure code; the code itself when nobody knows it
failure_pages: Slot[Callable[[int], str]] = Slot()  # address of the text, by its plain id, whose failure quarantined a number; empty without one
marketing_holds: Slot[MarketingHold] = Slot()  # by the reason's code
merge_facts: Slot[Callable[[Sequence[int]], MergeFact]] = Slot()  # asked with contact ids
activity_renderers: Slot[ActivityRenderer] = Slot()  # registered under the Activity.Kind value
export_sources: "Slot[Source]" = Slot()  # what can be exported besides contacts, by ExportJob.source
