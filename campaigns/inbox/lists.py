"""The list of threads: what it is narrowed to, in which order, and how many wait. Each choice walks an index of its own, newest first."""

import re
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any
from urllib.parse import urlencode

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import Contains
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models import Conversation, InboundMessage
from contacts import selection
from contacts.filters import Filters as PeopleFilters
from contacts.models.folding import fold, folded
from contacts.smart import finding
from smsapp.common import listing
from smsapp.common.readable import person_time

RIGHT = "campaigns.view_conversation"
ORDER = ("-last_at", "-id")
MOST_COUNTED = 99  # beyond it a count says "99+"
MOST_IN_REVIEW = 50  # above the list; the others have their own
MOST_PEOPLE = 200  # whose threads a search by name finds
FEW_THREADS = 1_000  # up to so many a search looks at their own people, not at everybody
LONGEST, FEWEST_DIGITS = 100, 3  # characters of a search; digits that can be a part of a number
OPEN, REVIEW, UNREAD, MINE, UNKNOWN, DONE = "open", "review", "unread", "mine", "unknown", "done"
CHOICES = {
    OPEN: pgettext_lazy("conversations", "All open"),
    REVIEW: _("To decide"),
    UNREAD: pgettext_lazy("conversations", "Unread"),
    MINE: pgettext_lazy("conversations", "Mine"),
    UNKNOWN: pgettext_lazy("conversations", "Unknown"),
    DONE: pgettext_lazy("conversations", "Done"),
}
COUNTED = (REVIEW, UNREAD, MINE, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Filters:
    """What an address asks for; nonsense is all that is open."""

    show: str = OPEN
    q: str = ""

    @classmethod
    def read(cls, data: Any) -> "Filters":
        """From a QueryDict."""
        show = data.get("show", OPEN)
        return cls(show if show in CHOICES else OPEN, data.get("q", "").replace("\0", "").strip()[:LONGEST])

    @property
    def address(self) -> str:
        """What stands behind the path of every link in the inbox, with its question mark; empty for the whole list."""
        pairs = [("show", self.show)] if self.show != OPEN else []
        pairs += [("q", self.q)] if self.q else []
        return f"?{urlencode(pairs)}" if pairs else ""

    def with_(self, show: str) -> str:
        """The address of another choice."""
        return Filters(show, self.q).address


@dataclass
class Listed:
    """One page of the list; `to_decide` stands above everything else, on the first page."""

    filters: Filters
    page: listing.Page
    to_decide: list[Conversation]
    chips: list[tuple[Any, str, bool, str]]  # words, address, chosen, how many
    is_first: bool
    stamp: str = field(init=False)

    def __post_init__(self) -> None:
        facts = [(row.pk, row.last_at, row.unread, row.state, row.assigned_to_id, row.needs_review, row.contact_id) for row in self.rows]
        self.stamp = digest(facts, [count for *_chip, count in self.chips])

    @property
    def rows(self) -> list[Conversation]:
        """All that is shown, in order."""
        return [*self.to_decide, *self.page]

    @property
    def newest(self) -> Conversation | None:
        """Whose text came last, of those that nobody has read."""
        return max((row for row in self.rows if row.unread), key=lambda row: row.last_at, default=None)


def digest(*facts: Any) -> str:
    """A few letters that are others as soon as one of the facts is."""
    return blake2b(repr(facts).encode("utf-8", "replace"), digest_size=9).hexdigest()


def listed(request: HttpRequest, filters: Filters) -> Listed:
    """The page that an address asks for."""
    is_first = not (request.GET.get(listing.AFTER) or request.GET.get(listing.BEFORE))
    apart = filters.show not in (REVIEW, DONE)
    rows = _with_last_action(narrowed(filters, request.user))
    page = listing.paginate(rows.filter(needs_review=False) if apart else rows, request, order=ORDER, label=lambda row: person_time(row.last_at))
    to_decide = list(rows.filter(needs_review=True).order_by(*ORDER)[:MOST_IN_REVIEW]) if apart and is_first else []
    return Listed(filters, page, to_decide, _chips(filters, request.user), is_first)


def narrowed(filters: Filters, user: Any) -> QuerySet[Conversation]:
    """The threads that a choice and a search keep."""
    rows = of_choice(filters.show, user)
    return rows.filter(_condition(filters.q, _people(filters, rows, user))) if filters.q else rows


def of_choice(show: str, user: Any) -> QuerySet[Conversation]:
    """Those of one of CHOICES."""
    rows = Conversation.objects.all()
    if show == REVIEW:
        return rows.in_review()
    if show == UNREAD:
        return rows.filter(unread__gt=0)
    if show == DONE:
        return rows.filter(state=Conversation.State.DONE)
    found = rows.filter(state=Conversation.State.OPEN)
    others = {MINE: Q(assigned_to=user), UNKNOWN: Q(contact__isnull=True)}
    return found.filter(others[show]) if show in others else found


def unread_count() -> int:
    """Threads with something new, for the rail: at most one more than is said."""
    return len(Conversation.objects.filter(unread__gt=0).values_list("pk")[: MOST_COUNTED + 1])


def said(count: int) -> str:
    """A count that is not followed further than anybody reads it."""
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count or "")


def _chips(filters: Filters, user: Any) -> list[tuple[Any, str, bool, str]]:
    counts = {show: said(of_choice(show, user)[: MOST_COUNTED + 1].count()) for show in COUNTED}
    return [(words, filters.with_(show), show == filters.show, counts.get(show, "")) for show, words in CHOICES.items()]


def _with_last_action(rows: QuerySet[Conversation]) -> QuerySet[Any]:
    """Each with what its last received text was taken for."""
    last = InboundMessage.objects.filter(number=OuterRef("number")).order_by("-id").values("action")[:1]
    return rows.select_related("contact", "assigned_to").annotate(last_action=Subquery(last))


def _people(filters: Filters, rows: QuerySet[Conversation], user: Any) -> list[int]:
    """The contacts whom a search finds: among those of the threads where these are few, else the first of all people."""
    people, visible = PeopleFilters(q=filters.q), selection.visible_to(user)
    if filters.show not in (OPEN, DONE):
        known = list(rows.filter(contact__isnull=False).order_by().values_list("contact", flat=True)[: FEW_THREADS + 1])
        if len(known) <= FEW_THREADS:
            return list(people.people(visible.filter(pk__in=known)).walked.order_by().values_list("pk", flat=True)) if known else []
    return [person.pk for person in finding.first(people.people(visible), MOST_PEOPLE)]


def _condition(q: str, people: list[int]) -> Q:
    """Name of the contact, a part of the number in any format, or words of the last text."""
    digits = re.sub(r"\D", "", q).lstrip("0")
    found = Q(Contains(folded("last_text"), fold(q))) | Q(contact__in=people)
    is_number = len(digits) >= FEWEST_DIGITS and not re.search(r"[^\W\d_]", q)
    return found | Q(number__contains=digits) if is_number else found | Q(number__contains=q)
