"""Why texts of an SMS step did not arrive, by cause, as a file."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from campaigns import wording
from campaigns.log_files import id_in
from campaigns.models import Mailing
from campaigns.services import sums
from campaigns.statuses import MessageStatus
from contacts.exporting.sources import Pairs
from contacts.services.errors import ContactsError
from smsapp.common.bidi import isolated
from smsapp.common.readable import number
from workflows.log_files import SmsLog

if TYPE_CHECKING:
    from smsapp.accounts.models import User


@dataclass(frozen=True, slots=True)
class Cause:
    """What kept so many texts from arriving."""

    state: wording.State
    reason: str
    texts: int

    @property
    def label(self) -> Any:
        """In words."""
        return wording.reason(self.reason, self.state.code) if self.reason else self.state.label

    @property
    def advice(self) -> Any:
        """What to do about it; empty when nothing helps."""
        return wording.advice(self.reason, self.state.code)


def of(mailings: QuerySet[Mailing], figures: sums.Figures) -> list[Cause] | None:
    """Most texts first; None where too many would have to be read for it."""
    found = sums.causes(mailings, figures)
    return None if found is None else [Cause(wording.STAGES[MessageStatus(status).name.lower()], reason, texts) for status, reason, texts in found]


@dataclass(frozen=True, slots=True)
class Column:
    """A column and what stands in it."""

    key: str
    label: Any
    cell: Callable[[Cause], Any]


COLUMNS = (
    Column("cause", _("Cause"), lambda cause: str(cause.label)),
    Column("state", _("Status"), lambda cause: str(cause.state.label)),
    Column("texts", _("Texts"), lambda cause: cause.texts),
    Column("advice", _("What to do"), lambda cause: str(cause.advice)),
)


class SmsCauses(SmsLog):
    """`parent=<id>` of the mailing that holds the text, and the `period` or the `send` where only one is wanted."""

    title = _("Export causes")
    nothing = _("There is nothing to export: everything has arrived, or there are too many texts to add up.")
    names = ("parent", "period", "send")

    def mailings(self, data: Any) -> QuerySet[Mailing]:
        """Its sends."""
        found = super().mailings(data)
        return found.filter(pk=id_in(data["send"])) if data.get("send") else found

    def name(self, data: Any) -> str:
        """The SMS with its period, or the send."""
        send = self.mailings(data).first() if data.get("send") else None
        return send.name if send else super().name(data)

    def fields(self, data: Any) -> Pairs:
        """Which sends."""
        return [(name, data[name]) for name in self.names if data.get(name)]

    def count(self, data: Any, user: Any) -> int:
        """Causes."""
        return len(self._found(data))

    def counted(self, n: int) -> str:
        """In words."""
        return ngettext("%(shown)s cause", "%(shown)s causes", n) % {"shown": number(n)}

    def in_words(self, data: Any) -> str:
        """Of what."""
        return (gettext("Causes of “%(name)s”") % {"name": isolated(self.name(data))})[:300]

    def refusal(self, data: Any, total: int, author: "User") -> ContactsError | None:
        """Nobody is refused: there is no person in it."""
        return None

    def offered(self) -> Sequence[Any]:
        """As on the page."""
        return COLUMNS

    def _batches(self, data: Any, columns: Sequence[Any]) -> Iterator[tuple[int, list[list[Any]]]]:
        """Most texts first, in one."""
        rows = self._found(data)
        yield len(rows), [[column.cell(cause) for column in columns] for cause in rows]

    def _found(self, data: Any) -> list[Cause]:
        mailings = self.mailings(data)
        return of(mailings, sums.of_all(mailings).figures) or []
