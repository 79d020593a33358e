"""The two registers of blocked numbers, suppressions and quarantine: what their pages read, and in which words."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts import explanations, filters, slots
from contacts.models import Contact, PhoneNumber, Quarantine, Suppression
from contacts.models.contact import ContactQuerySet

ACTIVE, ENDED, ANY = "active", "ended", "any"
MOST_PEOPLE = 3  # named in a row of the list; the number's page has all


@dataclass(frozen=True, slots=True)
class Register:
    """One of the two; `noun` is also the name of its model in permissions and of its pages in addresses."""

    noun: str
    model: Any
    title: Any
    intro: Any
    add: Any
    end: Any
    words_field: str  # where a person's words stand
    empty: Any
    icon: str

    def permission(self, action: str) -> str:
        """Such as contacts.view_suppression."""
        return f"contacts.{action}_{self.noun}"

    @property
    def list_url(self) -> str:
        """Name of the list's address; `page_url`, `add_url` and `end_url` are of a number's history and of what changes it."""
        return f"contacts:{self.noun}s"

    @property
    def page_url(self) -> str:
        """With the entry's id."""
        return f"contacts:{self.noun}"

    @property
    def add_url(self) -> str:
        """The form."""
        return f"contacts:{self.noun}_add"

    @property
    def end_url(self) -> str:
        """With the entry's id."""
        return f"contacts:{self.noun}_end"

    @property
    def reasons(self) -> list[tuple[str, Any]]:
        """Reasons to filter by; none where they are free words."""
        return list(Suppression.Reason.choices) if self.model is Suppression else []

    def find(self, q: str, state: str, reason: str) -> QuerySet[Any]:
        """Entries by number in any format or part of it, else by words; active, ended or all; by reason."""
        rows = self.model.objects.select_related("author", "ended_by")
        if q:
            rows = rows.filter(filters.number_matching(q) or Q(**{f"{self.words_field}__icontains": q}))
        if state != ANY:
            rows = rows.filter(ended_at__isnull=state == ACTIVE)
        return rows.filter(reason=reason) if reason else rows


SUPPRESSIONS = Register(
    noun="suppression", model=Suppression, title=_("Suppressed numbers"), add=_("Suppress a number"), end=_("Lift the suppression"), words_field="note",
    intro=_("Numbers that get no text at all, whoever has them: their owner sent STOP or opted out at the gateway, or staff blocked them."),
    icon="slash-circle",
    empty=_("When somebody answers STOP, their number stands here by itself. You can also suppress a number by hand, with the reason."),
)  # fmt: skip
QUARANTINE = Register(
    noun="quarantine", model=Quarantine, title=_("Quarantine"), add=_("Put into quarantine"), end=_("End the quarantine"), words_field="reason",
    intro=_("Numbers that could not be reached for good. They get no text until somebody ends their quarantine."), icon="pause-circle",
    empty=_("A number comes here when its texts fail for good, for example because nobody has it any more. Without a quarantine everybody is tried again."),
)  # fmt: skip
REGISTERS = (SUPPRESSIONS, QUARANTINE)


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as people read it."""

    entry: Any
    register: Register
    reason: str | Promise
    note: str

    @property
    def active(self) -> bool:
        """Still holds."""
        return self.entry.ended_at is None

    @property
    def own_act(self) -> bool:
        """Only the recipient can take it back."""
        return self.register is SUPPRESSIONS and self.entry.reason != Suppression.Reason.STAFF

    @property
    def failure_url(self) -> str:
        """The page of the text whose failure put the number here; empty where a person did."""
        message = getattr(self.entry, "message", None)
        return next((url for page in slots.failure_pages if (url := page(message))), "") if message else ""

    @property
    def way_out(self) -> Any:
        """What can be done about a suppression that holds."""
        return explanations.OWN_ACT if self.own_act else explanations.BY_STAFF


def line(register: Register, entry: Any) -> Line:
    """An entry with its words."""
    if register is SUPPRESSIONS:
        return Line(entry, register, entry.get_reason_display(), entry.note)
    return Line(entry, register, failure_words(entry.reason), "")


def failure_words(reason: str) -> str | Promise:
    """A gateway's failure in words, from the app that knows it; a person's own words as they are."""
    return next((words for tell in slots.failure_words if (words := tell(reason)) and words != reason), reason)


def history_of(numbers: Iterable[str], registers: Iterable[Register] = REGISTERS) -> list[Line]:
    """All entries of these numbers, active and ended, newest first."""
    wanted = list(numbers)
    lines = [
        line(register, entry)
        for register in registers
        for entry in register.model.objects.filter(number__in=wanted).select_related("author", "ended_by")
    ]
    return sorted(lines, key=lambda each: (each.entry.since, each.entry.pk), reverse=True)


def people_with(numbers: Iterable[str], visible: ContactQuerySet) -> dict[str, list[Contact]]:
    """Contacts that have each number, one query for all; of a number that many share only the first few."""
    place = Window(RowNumber(), partition_by=[F("number")], order_by="contact_id")
    rows = PhoneNumber.objects.filter(number__in=set(numbers), contact__in=visible).annotate(place=place).filter(place__lte=MOST_PEOPLE + 1)
    found: dict[str, list[Contact]] = defaultdict(list)
    for row in rows.select_related("contact").order_by("contact_id"):
        found[row.number].append(row.contact)
    return found
