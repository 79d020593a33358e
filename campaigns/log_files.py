"""The log of mailings as a file: a source of exports, which upper apps may ask for several mailings at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from campaigns import logs, wording
from campaigns.logs import LEFT_OUT, STAGES, TEXTS
from campaigns.models import Mailing
from contacts import selection
from contacts.exporting.columns import Number, ticked
from contacts.exporting.sources import Pairs, Table
from contacts.models import Contact
from contacts.services.errors import ContactsError
from smsapp.common.bidi import isolated
from smsapp.common.readable import number

if TYPE_CHECKING:
    from smsapp.accounts.models import User

BATCH = 2_000
Named = Mapping[int, str]
People = Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file: a text, or somebody left out."""

    mailing: str
    person: Mapping[str, Any]  # empty when the contact was erased
    number: str
    state: Any
    reason: Any = ""
    detail: str = ""
    sent_at: datetime | None = None
    reported_at: datetime | None = None
    segments: int | None = None
    sender: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class LogColumn:
    """A column and what stands in it."""

    key: str
    label: Any
    cell: Callable[[Line], Any]


PERSON = ("external_id", "last_name", "first_name")
COLUMNS = (
    LogColumn("mailing", _("SMS name"), lambda line: line.mailing),
    LogColumn("contact", _("Contact number"), lambda line: line.person.get("id")),
    LogColumn("external_id", _("External id"), lambda line: line.person.get("external_id")),
    LogColumn("last_name", _("Last name"), lambda line: line.person.get("last_name")),
    LogColumn("first_name", _("First name"), lambda line: line.person.get("first_name")),
    LogColumn("number", _("Number"), lambda line: Number(line.number) if line.number else None),
    LogColumn("state", _("Status"), lambda line: str(line.state)),
    LogColumn("reason", _("Reason"), lambda line: str(line.reason)),
    LogColumn("detail", _("The gateway's words"), lambda line: line.detail),
    LogColumn("sent_at", _("Sent at"), lambda line: _time(line.sent_at)),
    LogColumn("reported_at", _("Reported at"), lambda line: _time(line.reported_at)),
    LogColumn("segments", _("Segments"), lambda line: line.segments),
    LogColumn("sender", _("Sender"), lambda line: line.sender),
    LogColumn("text", _("Text"), lambda line: line.text),
)
RARE = {"contact", "detail", "sender", "text"}  # not ticked to begin with


def _time(at: datetime | None) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S") if at else ""


class MailingLog:
    """The log of one mailing, as a source of exports: `mailing=<id>`, and what narrows it (`part`, `stage`, `reason`)."""

    permission = "campaigns.view_mailing"
    title = _("Export a log")
    nothing = _("There is nothing in this log.")
    hint = _("Cells that a spreadsheet would take for a formula begin with an apostrophe.")
    names: tuple[str, ...] = ("mailing",)  # that say which mailings
    states = wording.STAGES

    def mailings(self, data: Any) -> QuerySet[Mailing]:
        """Whose log it is."""
        return Mailing.objects.filter(pk=id_in(data.get("mailing", "")))

    def back(self, data: Any) -> tuple[Any, str]:
        """The mailing's page."""
        found = self.mailings(data).first()
        return (found.name, reverse("campaigns:mailing", args=[found.pk])) if found else (_("Mailings"), reverse("campaigns:launched"))

    def name(self, data: Any) -> str:
        """Of what the log is."""
        return str(self.back(data)[0])

    def fields(self, data: Any) -> Pairs:
        """Which mailings, and what of them."""
        return [(name, data[name]) for name in (*self.names, "part", "stage", "reason") if data.get(name)]

    def count(self, data: Any, user: Any) -> int:
        """Lines."""
        return sum(rows.count() for rows in self._parts(data))

    def counted(self, n: int) -> str:
        """In words."""
        return ngettext("%(shown)s line", "%(shown)s lines", n) % {"shown": number(n)}

    def in_words(self, data: Any) -> str:
        """Whose log, and what narrows it."""
        part, stage, reason = data.get("part", ""), data.get("stage", ""), data.get("reason", "")
        narrowed = [
            *([gettext("people left out")] if part == LEFT_OUT else []),
            *([str(self.states[stage].label)] if stage in wording.STAGES else [gettext("did not arrive")] if stage == "arrived-not" else []),
            *([str(wording.reason(reason, stage))] if reason else []),
        ]
        words = gettext("Log of “%(name)s”") % {"name": isolated(self.name(data))}
        return f"{words}: {', '.join(narrowed)}"[:300] if narrowed else words[:300]

    def refusal(self, data: Any, total: int, author: "User") -> ContactsError | None:
        """A log in which everybody stands is a list of all contacts."""
        if author.has_perm("contacts.export_everything"):
            return None
        everybody = selection.visible_to(author).count()
        if total < everybody or self._people(data) < everybody:
            return None
        message = _("Everybody stands in this log, and all contacts at once are for administrators. Narrow it to one state, or ask an administrator.")
        return ContactsError("everything", message)

    def _people(self, data: Any) -> int:
        rows = [part.order_by().values("contact_id") for part in self._parts(data)]
        sql, parameters = rows[0].union(*rows[1:]).query.sql_with_params() if len(rows) > 1 else rows[0].distinct().query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM ({sql}) AS people", parameters)  # noqa: S608 (the ORM's own statement)
            return int(cursor.fetchone()[0])

    def offered(self) -> Sequence[Any]:
        """Always the same."""
        return COLUMNS

    def usual(self) -> list[str]:
        """What a log is asked for most."""
        return [column.key for column in self.offered() if column.key not in RARE]

    def table(self, data: Any, user: Any, keys: Sequence[str]) -> Table:
        """Newest mailing first, its texts before those left out."""
        chosen = ticked(self.offered(), keys)
        return Table([str(column.label) for column in chosen], self._batches(data, chosen))

    def _batches(self, data: Any, columns: Sequence[Any]) -> Iterator[tuple[int, list[list[Any]]]]:
        names = dict(self.mailings(data).values_list("pk", "name"))
        for rows, read in zip(self._parts(data), (self._texts_of, _left_out_of), strict=True):
            found = rows.order_by("-mailing_id", "-contact_id", "-id").iterator(chunk_size=BATCH)
            while batch := list(islice(found, BATCH)):
                people = _persons(row.contact_id for row in batch)
                yield len(batch), [[column.cell(line) for column in columns] for line in read(batch, names, people)]

    def state(self, row: Any, now: datetime) -> wording.State:
        """Of a text, as the page of the log has it."""
        return wording.of_message(row.stage, row.sent_at, now)

    def _texts_of(self, rows: Sequence[Any], names: Named, people: People) -> Iterator[Line]:
        now = timezone.now()
        for row in rows:
            reason = wording.reason(row.reason, row.stage) if row.reason else ""
            yield Line(
                names.get(row.mailing_id, ""), people.get(row.contact_id, {}), row.number, self.state(row, now).label, reason, row.detail, row.sent_at,
                row.reported_at, row.segments, row.sender, row.text,
            )  # fmt: skip

    def _parts(self, data: Any) -> list[QuerySet[Any]]:
        """Texts, and people left out; the part that nobody asked for is empty."""
        mailings = list(self.mailings(data).values_list("pk", flat=True))
        part, stage, reason = data.get("part", ""), data.get("stage", ""), data.get("reason", "")
        sent = logs.texts(mailings, stage if stage in STAGES else "", reason)
        out = logs.left_out(mailings, reason)
        return [sent if part != LEFT_OUT else sent.none(), out.none() if part == TEXTS or stage else out]


def id_in(text: str) -> int:
    """A plain id; 0 for nonsense."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _persons(ids: Any) -> dict[int, Mapping[str, Any]]:
    return {row["id"]: row for row in Contact.objects.filter(id__in={pk for pk in ids if pk}).values("id", *PERSON)}


def _left_out_of(rows: Sequence[Any], names: Named, people: People) -> Iterator[Line]:
    for row in rows:
        yield Line(names.get(row.mailing_id, ""), people.get(row.contact_id, {}), row.number, _("Left out"), wording.reason(row.reason))
