"""Builders of people and groups for tests of all apps."""

from collections.abc import Iterable
from itertools import count
from typing import Any

from contacts.models import Contact, CustomField, Group, Membership, PhoneNumber
from contacts.services import numbers

_counter = count(1)


def make_contact(number: str | None = "+33639980001", *, kind: str = "mobile", **changes: Any) -> Contact:
    """A person with one primary number (None: without)."""
    contact = Contact.objects.create(**_named(changes))
    if number:
        add_number(contact, number, kind=kind, primary=True)
    return contact


def make_crowd(mobiles: Iterable[str], **changes: Any) -> list[Contact]:
    """A person for each mobile, by as few statements as for one; what the numbers say of them stands in the database only."""
    rows = [(Contact(**_named(changes)), mobile) for mobile in mobiles]
    people = Contact.objects.bulk_create(person for person, _mobile in rows)
    PhoneNumber.objects.bulk_create(numbers.new_row(person, mobile, "mobile", primary=True) for person, mobile in rows)
    numbers.refresh([person.pk for person in people])
    return people


def _named(changes: dict[str, Any]) -> dict[str, Any]:
    return {"first_name": "Camille", "last_name": f"Aubert {next(_counter)}"} | changes


def make_group(*contacts: Contact, **changes: Any) -> Group:
    """A static group with these members."""
    group = Group.objects.create(**({"name": f"Group {next(_counter)}"} | changes))
    Membership.objects.bulk_create(Membership(group=group, contact=contact) for contact in contacts)
    return group


def make_field(key: str = "level", type: str = "text", **changes: Any) -> CustomField:  # noqa: A002
    """An active custom field."""
    return CustomField.objects.create(**({"key": key, "label": key.replace("_", " ").capitalize(), "type": type} | changes))


def add_number(contact: Contact, number: str, *, kind: str = "mobile", primary: bool = False) -> PhoneNumber:
    """One more number for the contact."""
    row = numbers.new_row(contact, number, kind, primary=primary)
    row.save()
    numbers.refresh([contact.pk])
    contact.refresh_from_db(fields=["sms_number", "sms_country", "reach"])
    return row
