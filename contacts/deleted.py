"""Deleted contacts as their list shows them: who deleted each, and what others have taken meanwhile."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models.functions import Upper
from django.utils.translation import gettext as _

from contacts.models import Activity, Contact, PhoneNumber
from smsapp.common import phone
from smsapp.common.bidi import isolated

MOST_AT_ONCE = 200  # brought back; a page of the list has 50
MOST_NAMED = 3  # of those who have the same number


@dataclass(slots=True)
class Taken:
    """What a deleted contact shares with contacts of today: each number or e-mail with who has it, and who has the external id."""

    shared: dict[str, list[Contact]] = field(default_factory=lambda: defaultdict(list))
    id_holder: Contact | None = None

    @property
    def sentences(self) -> list[str]:
        """What is shared, and with whom."""
        return [_("%(what)s belongs to %(names)s too.") % {"what": isolated(what), "names": _named(holders)} for what, holders in self.shared.items()]


def _named(people: Sequence[Contact]) -> str:
    names = ", ".join(person.name for person in people[:MOST_NAMED])
    return names if len(people) <= MOST_NAMED else f"{names} …"


def add_deleters(people: Sequence[Contact]) -> None:
    """Give each its `deleted_by`: who did it, None where nobody is known."""
    lines = Activity.objects.filter(contact__in=people, kind=Activity.Kind.CHANGE, subject="deleted").select_related("author")
    found = {line.contact_id: line.author for line in lines.order_by("contact_id", "-at", "-id").distinct("contact_id")}
    for person in people:
        person.deleted_by = found.get(person.pk)  # type: ignore[attr-defined]


def taken(people: Iterable[Contact]) -> dict[int, Taken]:
    """By contact, for those who share something; also of some who have just come back."""
    chosen = {person.pk: person for person in people}
    found: dict[int, Taken] = defaultdict(Taken)
    for id_, what, holder in [*_by_number(list(chosen)), *_by_email(chosen.values())]:
        if holder.pk != id_:  # who is back already
            found[id_].shared[what].append(holder)
    for id_, holder in _by_external_id(chosen.values()):
        found[id_].id_holder = holder
    return dict(found)


def _by_number(ids: Sequence[int]) -> list[tuple[int, str, Contact]]:
    theirs = list(PhoneNumber.objects.filter(contact_id__in=ids).values_list("contact_id", "number"))
    rows = PhoneNumber.objects.filter(number__in={number for _id, number in theirs}, contact__deleted_at__isnull=True).select_related("contact")
    holders = _gathered((row.number, row.contact) for row in rows.order_by("contact_id"))
    return [(id_, phone.display(number), holder) for id_, number in theirs for holder in holders[number]]


def _by_email(people: Iterable[Contact]) -> list[tuple[int, str, Contact]]:
    wanted = {person.pk: person.email for person in people if person.email}
    rows = Contact.objects.active().exclude(email="").alias(folded=Upper("email")).filter(folded__in={email.upper() for email in wanted.values()})
    holders = _gathered((row.email.upper(), row) for row in rows.order_by("id"))
    return [(id_, email, holder) for id_, email in wanted.items() for holder in holders[email.upper()]]


def _by_external_id(people: Iterable[Contact]) -> list[tuple[int, Contact]]:
    wanted = {person.pk: person.external_id for person in people if person.external_id}
    holders = {row.external_id: row for row in Contact.objects.active().exclude(external_id="").filter(external_id__in=wanted.values())}
    return [(id_, holders[key]) for id_, key in wanted.items() if key in holders]


def _gathered(pairs: Iterable[tuple[str, Any]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found
