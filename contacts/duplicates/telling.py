"""Names that tell people apart: namesakes are called by name and what only they have."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts import spelling
from contacts.models import Contact
from smsapp.common import phone

NO_BREAK = "\u00a0"
# What is asked for in turn, and what the one is called who has none.
MARKS: list[tuple[Callable[[Contact], str], Any]] = [
    (lambda contact: phone.display(contact.sms_number or "").replace(" ", NO_BREAK), gettext_lazy("no mobile")),
    (lambda contact: contact.email.lower(), gettext_lazy("no e-mail")),
    (lambda contact: contact.external_id, gettext_lazy("no external id")),
]


def names(people: Sequence[Contact]) -> dict[int, str]:
    """What to call each of these, by id: "Ann Martin", or "Ann Martin (+33 6 39 98 00 01)" beside another Ann Martin."""
    alike: dict[str, list[Contact]] = {}
    for person in people:
        alike.setdefault(spelling.folded(person.name), []).append(person)
    return {id_: name for namesakes in alike.values() for id_, name in _apart(namesakes).items()}


def _apart(namesakes: Sequence[Contact]) -> dict[int, str]:
    if len(namesakes) == 1:
        return {namesakes[0].pk: namesakes[0].name}
    for mark, none in MARKS:
        marks = [mark(person) for person in namesakes]
        if len(set(marks)) == len(namesakes):
            return {person.pk: f"{person.name} ({said or none})" for person, said in zip(namesakes, marks, strict=True)}
    return {person.pk: f"{person.name} ({_('contact %(id)s') % {'id': person.pk}})" for person in namesakes}
