"""What the rail offers: one table of places, each shown to those who may go there and only once it exists."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.inbox import lists

Words = str | Promise


MAILINGS = pgettext_lazy("one word for a phone", "Mailings")


@dataclass(frozen=True)
class Place:
    """An entry: where it leads, what it is called, who may see it (any of the permissions; none: everybody)."""

    url_name: str
    label: Words
    icon: str
    permissions: tuple[str, ...] = ()
    short: Words = ""  # one word for the bottom bar of a phone; empty: not there
    waits: Callable[[], int] | None = None  # how many things wait there: one small query a page


@dataclass(frozen=True)
class Section:
    """A named part of the rail."""

    label: Words
    places: tuple[Place, ...]


@dataclass
class Entry:
    """A place as this person sees it."""

    url: str
    url_name: str
    label: Words
    icon: str
    short: Words
    counts: bool = False
    waiting: int = 0
    current: bool = False

    @property
    def name(self) -> str:
        """As an id of an element has it."""
        return self.url_name.replace(":", "-")

    @property
    def count(self) -> str:
        """What waits, as the rail says it."""
        return lists.said(self.waiting)


@dataclass
class Navigation:
    """Sections with their entries; those without any are left out."""

    sections: list[tuple[Words, list[Entry]]] = field(default_factory=list)

    @property
    def entries(self) -> list[Entry]:
        """All entries in order."""
        return [entry for _label, entries in self.sections for entry in entries]

    @property
    def short(self) -> list[Entry]:
        """The bottom bar: at most four."""
        return [entry for entry in self.entries if entry.short][:4]


ACTIVITIES = ("campaigns.view_campaign", "campaigns.view_mailing", "workflows.view_workflow")
INBOX = Place("inbox:list", _("Inbox"), "inbox", (lists.RIGHT,), short=_("Inbox"), waits=lists.unread_count)
SECTIONS = (
    Section("", (Place("home", _("Home"), "house", short=_("Home")),)),
    Section(
        _("People"),
        (
            Place("contacts:list", _("Contacts"), "person-lines-fill", ("contacts.view_contact",), short=_("Contacts")),
            Place("contacts:groups", _("Groups"), "people", ("contacts.view_group",)),
            Place("contacts:suppressions", _("Suppressions"), "slash-circle", ("contacts.view_suppression",)),
            Place("contacts:duplicates", _("Duplicates"), "intersect", ("contacts.merge_contacts",)),
            Place("contacts:imports", _("Imports"), "file-earmark-arrow-up", ("contacts.import_contacts",)),
            Place("contacts:exports", _("Exports"), "file-earmark-arrow-down", ("contacts.export_contacts",)),
            Place("contacts:ledger", _("Consent ledger"), "journal-check", ("contacts.view_consententry",)),
        ),
    ),
    Section(
        _("Mailings"),
        (
            Place("campaigns:new", _("New SMS"), "send", ("campaigns.add_mailing",)),
            Place("campaigns:drafts", _("Drafts and unscheduled"), "pencil", ("campaigns.view_mailing",)),
            Place("campaigns:launched", _("Scheduled and sent"), "calendar-event", ("campaigns.view_mailing",), short=MAILINGS),
            INBOX,
            Place("campaigns:unknown", _("Unknown texts"), "question-circle", ("campaigns.settle_unknown",)),
            Place("campaigns:campaigns", _("Campaigns"), "collection", ("campaigns.view_campaign",)),
            Place("workflows:list", _("Workflows"), "diagram-3", ("workflows.view_workflow",)),
            Place("workflows:activities", _("Marketing activities"), "calendar3", ACTIVITIES),
            Place("campaigns:templates", _("Templates"), "file-earmark-text", ("campaigns.view_smstemplate",)),
        ),
    ),
    Section(
        _("Set up"),
        (
            Place("providers:health", _("Providers"), "hdd-network", ("providers.view_provider",)),
            Place("admin:index", _("Administration"), "sliders", ("accounts.change_user",)),
        ),
    ),
)


def navigation_for(request: HttpRequest) -> Navigation:
    """What this person may open; the entry whose address is the longest beginning of the page's is current."""
    navigation = Navigation()
    for section in SECTIONS:
        entries = [entry for place in section.places if (entry := _entry(place, request))]
        if entries:
            navigation.sections.append((section.label, entries))
    inside = [entry for entry in navigation.entries if _is_inside(request.path, entry.url)]
    if inside:
        max(inside, key=lambda entry: len(entry.url)).current = True
    return navigation


def _entry(place: Place, request: HttpRequest) -> Entry | None:
    if place.permissions and not any(request.user.has_perm(permission) for permission in place.permissions):
        return None
    try:
        url = _address(place.url_name)
    except NoReverseMatch:
        return None
    entry = Entry(url=url, url_name=place.url_name, label=place.label, icon=place.icon, short=place.short)
    if place.waits:
        entry.counts, entry.waiting = True, place.waits()
    return entry


@cache
def _address(url_name: str) -> str:
    """Looked up once: each page has them all."""
    return reverse(url_name)


def _is_inside(path: str, url: str) -> bool:
    return path == url or (url != "/" and path.startswith(url))
