"""What an export is made of: contacts, or rows that an upper app has put into contacts.slots.export_sources."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from contacts import slots
from contacts.services.errors import ContactsError

if TYPE_CHECKING:
    from smsapp.accounts.models import User

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """A file before it is written: heads, and rows in batches, each with how much of the selection it stands for."""

    heads: list[str]
    batches: Iterator[tuple[int, list[list[Any]]]]


class Choice(Protocol):
    """A column that can be ticked."""

    @property
    def key(self) -> str:
        """As forms and jobs keep it."""

    @property
    def label(self) -> Any:
        """For people."""


class Source(Protocol):
    """One kind of rows. `data` is what was posted, a QueryDict; `fields` is the part of it that says which rows."""

    permission: str  # besides the one to export; empty: none
    title: Any  # of the page that asks for columns
    nothing: Any  # what is said when no row is chosen
    hint: Any  # about the file, below its format

    def fields(self, data: Any) -> Pairs:
        """The selection as pairs of name and value."""

    def back(self, data: Any) -> tuple[Any, str]:
        """(name, address) of where the rows were chosen."""

    def count(self, data: Any, user: Any) -> int:
        """How many rows, or people."""

    def counted(self, n: int) -> str:
        """So many, in words: "4,391 contacts"."""

    def in_words(self, data: Any) -> str:
        """What is chosen, as one line of at most 300 characters."""

    def refusal(self, data: Any, total: int, author: "User") -> ContactsError | None:
        """Why this person may not take this out, if so."""

    def offered(self) -> Sequence[Choice]:
        """Columns in their order."""

    def usual(self) -> list[str]:
        """Those that are ticked to begin with."""

    def table(self, data: Any, user: Any, keys: Sequence[str]) -> Table:
        """The rows, read as they are written."""


def get(name: str) -> Source | None:
    """The source of that name, "" for contacts; None when no app knows it."""
    from contacts.exporting.people import People

    return People() if not name else slots.export_sources.get(name)
