"""The list of marketing activities as a file: a source of exports."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from contacts.exporting.columns import ticked
from contacts.exporting.sources import Pairs, Table
from contacts.services.errors import ContactsError
from smsapp.common.readable import number
from workflows.activities import columns, finding, rows
from workflows.activities.columns import Column
from workflows.forms.activities import ActivitySearch

if TYPE_CHECKING:
    from smsapp.accounts.models import User

NAME = "activities"
BATCH = 1_000


class Activities:
    """What somebody searches for, as far as they may see it: a user without a right gets none of its kind."""

    permission = ""
    title = _("Export marketing activities")
    nothing = _("There is nothing to export: the list is empty.")
    hint = _("Cells that a spreadsheet would take for a formula begin with an apostrophe.")

    def fields(self, data: Any) -> Pairs:
        """The search pane, and the order."""
        return [(name, value) for name in (*ActivitySearch.base_fields, "sort") for value in data.getlist(name) if value]

    def back(self, data: Any) -> tuple[Any, str]:
        """The list."""
        return _("Marketing activities"), reverse("workflows:activities")

    def count(self, data: Any, user: Any) -> int:
        """Rows."""
        return finding.count(ActivitySearch(data, user=user).wanted)

    def counted(self, n: int) -> str:
        """In words."""
        return ngettext("%(shown)s activity", "%(shown)s activities", n) % {"shown": number(n)}

    def in_words(self, data: Any) -> str:
        """The list, and the words that are searched for."""
        words = data.get("q", "").strip()
        return (f"{gettext('Marketing activities')}: {words}" if words else gettext("Marketing activities"))[:300]

    def refusal(self, data: Any, total: int, author: "User") -> ContactsError | None:
        """Nobody is refused: there is no person in it."""
        return None

    def offered(self) -> Sequence[Column]:
        """What is on the page, and more."""
        return (*columns.ALWAYS, *columns.COLUMNS)

    def usual(self) -> list[str]:
        """All of them."""
        return [column.key for column in self.offered()]

    def table(self, data: Any, user: Any, keys: Sequence[str]) -> Table:
        """In the order of the list."""
        chosen = ticked(self.offered(), keys)
        return Table([str(column.label) for column in chosen], _batches(data, user, chosen))


def _batches(data: Any, user: Any, chosen: Sequence[Column]) -> Iterator[tuple[int, list[list[Any]]]]:
    found = iter(finding.each(ActivitySearch(data, user=user).wanted, data.get("sort", "")))
    while batch := list(islice(found, BATCH)):
        yield len(batch), [[column.cell(row) for column in chosen] for row in rows.read(batch, user)]
