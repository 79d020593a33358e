"""The people that a list posts to an action: ticked ones, or all that match its filters."""

from typing import TYPE_CHECKING, Any, TypeAlias

from contacts.filters import Filters
from contacts.models import Contact
from contacts.models.contact import ContactQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from smsapp.accounts.models import User

    Anybody: TypeAlias = User | AnonymousUser

MOST_TICKED = 5_000  # a page shows 50; more only comes from elsewhere


def visible_to(user: "Anybody") -> ContactQuerySet:
    """Contacts that this person may see: the one place that scopes them."""
    return Contact.objects.active() if user.has_perm("contacts.view_contact") else Contact.objects.none()


def restorable_by(user: "Anybody") -> ContactQuerySet:
    """Deleted contacts that this person may bring back."""
    return Contact.objects.deleted() if user.has_perm("contacts.delete_contact") else Contact.objects.none()


def nobody() -> ContactQuerySet:
    """An empty selection."""
    return Contact.objects.none()


def chosen(data: Any, user: "Anybody") -> ContactQuerySet:
    """The selection in a QueryDict: `contact=<id>…`, or `all=1` with the list's filters (`contacts.filters.Filters`, rules too)."""
    contacts = visible_to(user)
    if data.get("all") == "1":
        return Filters.read(data).apply(contacts)
    return contacts.filter(id__in=ticked(data))


def ticked(data: Any) -> set[int]:
    """Ids of the people whose boxes are ticked."""
    return {int(value) for value in data.getlist("contact")[:MOST_TICKED] if value.isascii() and value.isdigit() and len(value) < 19}


def fields(data: Any) -> list[tuple[str, str]]:
    """The selection as pairs of name and value, for the hidden fields of a page that asks something first."""
    if data.get("all") == "1":
        return [("all", "1"), *Filters.read(data).pairs()]
    return [("contact", value) for value in data.getlist("contact")[:MOST_TICKED]]
