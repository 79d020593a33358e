"""Contacts side by side: each field with everybody's value and the one that is kept, and what moves along in numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Max
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from contacts import custom_values, slots
from contacts.duplicates import choices as rules
from contacts.duplicates import telling
from contacts.duplicates.choices import CUSTOM, FLAGS, Choices
from contacts.models import Activity, ConsentEntry, Contact, CustomField, Membership, PhoneNumber, Removal
from smsapp.common import phone

FLAG_WORDS = {"do_not_sms": _("No texts at all"), "opted_out": _("Opted out of marketing"), "deceased": _("Deceased")}


@dataclass(slots=True)
class Cell:
    """One contact's value."""

    person: Contact
    who: str
    text: Any
    chosen: bool = False


@dataclass(slots=True)
class Line:
    """One field of all contacts; a choice when two of them say different things."""

    name: str
    label: Any
    cells: list[Cell]

    @property
    def differs(self) -> bool:
        """Whether somebody has to choose."""
        return len({cell.text for cell in self.cells if cell.text}) > 1

    @property
    def kept(self) -> Any:
        """What stays."""
        return next(cell.text for cell in self.cells if cell.chosen)


@dataclass(slots=True)
class Person:
    """A column: the contact with what belongs to it."""

    contact: Contact
    who: str  # its name, with what tells it from a namesake
    numbers: list[tuple[PhoneNumber, bool]] = field(default_factory=list)  # whether it is chosen here: a number of two stands once as a choice
    groups: list[Any] = field(default_factory=list)
    flags: list[Any] = field(default_factory=list)
    is_winner: bool = False
    last_texted: datetime | None = None
    counts: list[int] = field(default_factory=list)  # in the order of Comparison.facts


@dataclass(slots=True)
class Comparison:
    """Everything that the page of a merge shows."""

    people: list[Person]
    lines: list[Line]
    facts: list[slots.MergeFact]
    primary: str
    tags: list[str]

    @property
    def winner(self) -> Person:
        """Who stays."""
        return next(person for person in self.people if person.is_winner)

    @property
    def losers(self) -> list[Person]:
        """Who becomes the winner."""
        return [person for person in self.people if not person.is_winner]


@dataclass(slots=True)
class Consequence:
    """So many of something move or go, and which."""

    n: int
    words: str
    which: list[str] = field(default_factory=list)


def likely_winner(people: Sequence[Contact]) -> int:
    """Whose page probably stays: the one that another system knows, then the one with most history, then the oldest."""
    activities = _activities([person.pk for person in people]).counts
    return min(people, key=lambda person: (not person.external_id, -activities.get(person.pk, 0), person.pk)).pk


def of(contacts: Sequence[Contact], choices: Choices) -> Comparison:
    """Compare contacts as they are, with these choices; in as many queries for five as for two."""
    ids = [contact.pk for contact in contacts]
    who, texted = telling.names(contacts), _last_texted(ids)
    people = [_person(contact, who[contact.pk], choices, texted.get(contact.pk)) for contact in contacts]
    by_id = {person.contact.pk: person for person in people}
    for membership in Membership.objects.filter(contact__in=ids).select_related("group").order_by("group__name"):
        by_id[membership.contact_id].groups.append(membership.group)
    facts = [_activities(ids), _consents(ids), *(ask(ids) for ask in slots.merge_facts)]
    for person in people:
        person.counts = [fact.counts.get(person.contact.pk, 0) for fact in facts]
    numbers = _numbers(by_id, choices)
    primary = choices.primary if choices.primary in numbers else next(iter(numbers), "")
    return Comparison(people, _lines(contacts, who, choices), facts, primary, rules.outcome(contacts, choices).tags)


def _numbers(people: Mapping[int, Person], choices: Choices) -> list[str]:
    """Give the people their numbers; the numbers in the order in which one of them becomes primary."""
    rows = PhoneNumber.objects.filter(contact__in=list(people)).order_by("-is_primary", "id")
    known: list[str] = []
    for row in sorted(rows, key=lambda row: (row.contact_id != choices.winner, row.contact_id)):
        people[row.contact_id].numbers.append((row, row.number not in known))
        known += [row.number] if row.number not in known else []
    return known


def _person(contact: Contact, who: str, choices: Choices, last_texted: datetime | None) -> Person:
    flags = [FLAG_WORDS[name] for name in FLAGS if getattr(contact, name)]
    return Person(contact, who, flags=flags, is_winner=contact.pk == choices.winner, last_texted=last_texted)


def _last_texted(ids: Sequence[int]) -> dict[int, datetime]:
    rows = Activity.objects.filter(contact__in=ids, kind=Activity.Kind.SMS_SENT).order_by()
    return dict(rows.values_list("contact").annotate(Max("at")))


def _lines(contacts: Sequence[Contact], who: Mapping[int, str], choices: Choices) -> list[Line]:
    custom = {CUSTOM + field.key: field for field in CustomField.objects.all()}
    known = [*rules.FIELDS, *custom]
    names = [*known, *(name for name in rules.names_of(contacts) if name not in known)]
    shown = [name for name in names if any(rules.value_of(person, name) not in ("", None) for person in contacts)]
    return [_line(name, custom.get(name), contacts, who, choices) for name in shown]


def _line(name: str, custom: CustomField | None, contacts: Sequence[Contact], who: Mapping[int, str], choices: Choices) -> Line:
    chosen = rules.chosen_of(contacts, name, choices)
    cells = [Cell(contact, who[contact.pk], _text(contact, name, custom), contact.pk == chosen) for contact in contacts]
    own: Any = None if name.startswith(CUSTOM) else Contact._meta.get_field(name)
    return Line(name, own.verbose_name if own else custom.label if custom else name.removeprefix(CUSTOM), cells)


def _text(contact: Contact, name: str, custom: CustomField | None) -> Any:
    value = rules.value_of(contact, name)
    if name.startswith(CUSTOM):
        return custom_values.display(custom.type if custom else "text", value)
    return contact.get_language_display() if name == "language" else value or ""


def _activities(ids: Sequence[int]) -> slots.MergeFact:
    def note(n: int) -> str:
        return ngettext("activity moves to the history of the one that stays", "activities move to the history of the one that stays", n)

    return slots.MergeFact(_("Activities"), note, _counted(Activity, ids))


def _consents(ids: Sequence[int]) -> slots.MergeFact:
    def note(n: int) -> str:
        return ngettext("entry of the consent ledger counts for the one that stays", "entries of the consent ledger count for the one that stays", n)

    return slots.MergeFact(_("Entries of consent"), note, _counted(ConsentEntry, ids))


def _counted(model: Any, ids: Sequence[int]) -> dict[int, int]:
    return dict(model.objects.filter(contact__in=ids).order_by().values_list("contact").annotate(Count("id")))


def stricter(comparison: Comparison) -> list[tuple[Any, list[str]]]:
    """What holds for the one that stays although not all of them said it, and who said it."""
    said = [(words, [person.who for person in comparison.people if words in person.flags]) for words in FLAG_WORDS.values()]
    return [(words, people) for words, people in said if 0 < len(people) < len(comparison.people)]


def consequences(comparison: Comparison) -> list[Consequence]:
    """What happens when these are merged as chosen; things that do not happen are left out."""
    losers, numbers, joined = comparison.losers, _numbers_added(comparison), _groups_joined(comparison)
    gone = ngettext("contact is deleted; its page leads to the one that stays", "contacts are deleted; their pages lead to the one that stays", len(losers))
    added = ngettext("number is added", "numbers are added", len(numbers))
    groups = ngettext("group is joined", "groups are joined", len(joined))
    moved = [(sum(person.counts[place] for person in losers), fact.note) for place, fact in enumerate(comparison.facts)]
    found = [
        Consequence(len(losers), gone, [person.who for person in losers]), Consequence(len(numbers), added, numbers), Consequence(len(joined), groups, joined),
        *(Consequence(n, note(n)) for n, note in moved),
    ]  # fmt: skip
    return [each for each in found if each.n]


def _numbers_added(comparison: Comparison) -> list[str]:
    known = {row.number for row, _chosen in comparison.winner.numbers}
    return sorted({phone.display(row.number) for person in comparison.losers for row, _chosen in person.numbers if row.number not in known})


def _groups_joined(comparison: Comparison) -> list[str]:
    """Those that the winner is not in; who was taken out of a smart group by hand keeps the winner out of it."""
    stays_out = Removal.objects.filter(contact__in=[person.contact.pk for person in comparison.people]).values_list("group", flat=True)
    already = {group.pk for group in comparison.winner.groups} | set(stays_out)
    return sorted({group.name for person in comparison.losers for group in person.groups if group.pk not in already})
