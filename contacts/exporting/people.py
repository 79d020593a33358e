"""Exports of contacts: the selection that a list posts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from contacts import selection
from contacts.exporting import columns, wanted
from contacts.exporting.batches import batches, most_numbers
from contacts.exporting.sources import Pairs, Table
from contacts.models.contact import ContactQuerySet
from contacts.services.errors import ContactsError
from smsapp.common.readable import number

if TYPE_CHECKING:
    from smsapp.accounts.models import User


class People:
    """Contacts, each a row."""

    permission = ""
    title = _("Export contacts")
    nothing = _("Nobody is chosen. Tick some contacts first.")
    hint = _("An import reads the file back. Cells that a spreadsheet would take for a formula begin with an apostrophe; the import takes it off again.")

    def fields(self, data: Any) -> Pairs:
        """Ticked people, or the filters of the list."""
        return selection.fields(data)

    def back(self, data: Any) -> tuple[Any, str]:
        """The list."""
        return _("Contacts"), reverse("contacts:list")

    def count(self, data: Any, user: Any) -> int:
        """People."""
        return selection.chosen(data, user).order_by().count()

    def counted(self, n: int) -> str:
        """In words."""
        return ngettext("%(shown)s contact", "%(shown)s contacts", n) % {"shown": number(n)}

    def in_words(self, data: Any) -> str:
        """The filters."""
        return wanted.in_words(data)

    def refusal(self, data: Any, total: int, author: "User") -> ContactsError | None:
        """A filter that leaves nobody out narrows nothing, a group does."""
        if author.has_perm("contacts.export_everything"):
            return None
        of_groups = any(name in {"group", "contact"} for name, _value in selection.fields(data))
        if wanted.is_everything(data) or (not of_groups and total and total >= selection.visible_to(author).count()):
            message = _("All contacts at once are for administrators. Narrow the list by a group or a search first, or ask an administrator.")
            return ContactsError("everything", message)
        return None

    def offered(self) -> list[columns.Column]:
        """Fields, custom fields, and what the console says of people."""
        return columns.offered()

    def usual(self) -> list[str]:
        """What an import reads back."""
        return columns.usual()

    def table(self, data: Any, user: Any, keys: Sequence[str]) -> Table:
        """In the order of ids."""
        return table(selection.chosen(data, user), keys)


def table(contacts: ContactQuerySet, keys: Sequence[str]) -> Table:
    """These contacts with the columns of these keys, in the active language."""
    chosen = columns.chosen(keys, most_numbers=max(most_numbers(contacts), 1) if "numbers" in keys else 1)
    return Table([str(head) for column in chosen for head in column.heads], batches(contacts, chosen))
