"""Builders of people and groups for tests of all apps."""

from itertools import count
from typing import Any

from contacts.models import Contact, CustomField, Group, Membership, PhoneNumber
from contacts.services import numbers

_counter = count(1)


def make_contact(number: str | None = "+33639980001", *, kind: str = "mobile", **changes: Any) -> Contact:
    """A person with one primary number (None: without)."""
    contact = Contact.objects.create(**({"first_name": "Camille", "last_name": f"Aubert {next(_counter)}"} | changes))
    if number:
        numbers.replace(contact, [(number, kind, True)])
    return contact


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
    contact.refresh_from_db()
    return row
