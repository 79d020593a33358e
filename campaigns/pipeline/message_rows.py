"""Rows of a mailing: messages in chunks, and exclusions. Written by COPY where nothing can stand in the way, else by INSERT, row by row."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from django.db.models.functions import Now
from django.utils import timezone

from campaigns.models import Chunk, Mailing, Message
from campaigns.services import quiet_hours
from campaigns.services.quiet_hours import Book
from campaigns.statuses import ChunkState
from providers.models import Provider
from smsapp.common import phone

BLOCK = 500  # rows that go to the database at once


class Text(NamedTuple):
    """A text for a contact; `shared` says that somebody else of the mailing may have the number too."""

    contact: int
    number: str
    shared: bool
    text: str
    encoding: int
    segments: int


class LeftOut(NamedTuple):
    """A contact who gets no text, and why."""

    contact: int
    number: str
    reason: str


def chunk_size(rate: int) -> int:
    """Messages per chunk: about two seconds of work, so that pause and crash never concern more."""
    return max(1, min(500, rate * 2))


def places(
    count: int, *, mailing_id: int | None, provider: Provider, priority: Chunk.Priority, state: ChunkState, due: datetime | None = None, sender: str = "",
    hours: int | None = None,
) -> tuple[list[int], list[int]]:
    """New chunks for `count` messages, `due` at once or later: the chunk's id and the position in it, for each message.

    `sender` is that of all of them where it is not their mailing's, `hours` the row of those that all of them keep.
    """
    full = chunk_size(provider.pace)
    sizes = [min(full, count - start) for start in range(0, count, full)]
    when: Any = due or Now()  # the clock by which workers claim, not that of this machine
    chunks = Chunk.objects.bulk_create(
        [
            Chunk(mailing_id=mailing_id, provider_id=provider.id, priority=priority, state=state, due_at=when, size=size, sender=sender, hours_id=hours)
            for size in sizes
        ]
    )
    owners = [chunk.id for chunk in chunks for _place in range(chunk.size)]
    return owners, [position for size in sizes for position in range(size)]


def place(
    rows: Iterable[Message], *, priority: Chunk.Priority, state: ChunkState, mailing_id: int | None = None, due: datetime | None = None,
    keep_hours: bool = False,
) -> None:
    """Give each of these messages its chunk and position: new chunks, each of one provider and one sender. Nothing is saved.

    Texts without a mailing leave at any hour, unless they `keep_hours`; of those with one it is seen to when they are claimed.
    """
    rules = quiet_hours.book() if keep_hours else Book()
    groups: dict[tuple[int | None, str, int | None], list[Message]] = {}
    for row in rows:
        hours = rules.hours(phone.country_of(row.number), row.number) if rules else None
        groups.setdefault((row.provider_id, row.sender, hours), []).append(row)
    for (_provider, _sender, hours), group in groups.items():
        provider = group[0].provider
        assert provider is not None  # whoever queues a text has asked
        sender = group[0].sender if mailing_id else ""  # without a mailing the texts themselves are asked
        kept: dict[str, Any] = {"due": due, "sender": sender, "hours": hours}
        chunks, positions = places(len(group), mailing_id=mailing_id, provider=provider, priority=priority, state=state, **kept)
        for row, chunk, position in zip(group, chunks, positions, strict=True):
            row.chunk_id, row.position = chunk, position


@dataclass(frozen=True, slots=True)
class Through:
    """Whereby the texts of one call leave: as the mailing says, or as a rule says, which `routing` tells."""

    provider: Provider
    sender: str
    routing: int | None = None
    own_sender: bool = False  # not the mailing's: the chunk names it
    hours: int | None = None  # row of OpenHours


COLUMNS = (
    "contact_id, number, text, encoding, segments, chunk_id, position, mailing_id, provider_id, sender, created_at,"
    " kind, status, subject, attempts, gateway_id, reason, detail"
)
COPY_MESSAGES = f"COPY campaigns_message ({COLUMNS}) FROM STDIN"
COPY_ROUTED = f"COPY campaigns_message ({COLUMNS}, routing_id) FROM STDIN"
INSERT_MESSAGES = f"""
    INSERT INTO campaigns_message ({COLUMNS}, routing_id)
    SELECT row.*, %(mailing)s, %(provider)s, %(sender)s, now(), 0, 0, '', 0, '', '', '', %(routing)s
      FROM unnest(%(contacts)s::bigint[], %(numbers)s::text[], %(texts)s::text[], %(encodings)s::smallint[], %(segments)s::smallint[],
                  %(chunks)s::bigint[], %(positions)s::int[]) AS row
    ON CONFLICT DO NOTHING
 RETURNING contact_id"""  # noqa: S608 (our own names)
COPY_EXCLUSIONS = "COPY campaigns_exclusion (contact_id, number, reason, mailing_id) FROM STDIN"
INSERT_EXCLUSIONS = """
    INSERT INTO campaigns_exclusion (mailing_id, contact_id, number, reason)
    SELECT %s, * FROM unnest(%s::bigint[], %s::text[], %s::text[]) ON CONFLICT DO NOTHING"""


@dataclass(slots=True)
class Written:
    """What came of some texts: rows, their segments, and those whose number somebody else of the mailing has already."""

    messages: int = 0
    segments: int = 0
    doubles: list[LeftOut] = field(default_factory=list)

    def count(self, text: Text) -> None:
        """One more row."""
        self.messages += 1
        self.segments += text.segments


Placed = tuple[Text, int, int]  # with its chunk and the position in it


def write(cursor: Any, mailing: Mailing, through: Through, texts: Iterable[Text], *, at_most: int) -> Written:
    """Message rows for `texts`, which come in the order of their contacts, `at_most` so many, and are rendered as they go to the database.

    Numbers of several people come last: who is first keeps one.
    """
    kept: dict[str, Any] = {"sender": through.sender if through.own_sender else "", "hours": through.hours}
    held = places(at_most, mailing_id=mailing.pk, provider=through.provider, priority=Chunk.Priority.BULK, state=ChunkState.HELD, **kept)
    places_of = zip(*held, strict=True)
    written, shared = Written(), list[Placed]()
    lines = _lines(((text, *next(places_of)) for text in texts), mailing, through, written, shared)
    with cursor.copy(COPY_MESSAGES if through.routing is None else COPY_ROUTED) as copy:
        while block := "".join(islice(lines, BLOCK)):
            copy.write(block)
    _insert(cursor, mailing, through, shared, written)
    return written


def _lines(rows: Iterable[Placed], mailing: Mailing, through: Through, written: Written, shared: list[Placed]) -> Iterator[str]:
    """As COPY reads them: numbers that are nobody else's, so that no conflict can arise; the `shared` ones are put aside."""
    why = "" if through.routing is None else f"\t{through.routing}"
    same = f"{mailing.pk}\t{through.provider.pk}\t{_escaped(through.sender)}\t{timezone.now().isoformat()}\t0\t0\t\t0\t\t\t{why}\n"
    for row in rows:
        text, chunk, position = row
        if text.shared:
            shared.append(row)
            continue
        written.count(text)
        yield f"{text.contact}\t{text.number}\t{_escaped(text.text)}\t{text.encoding}\t{text.segments}\t{chunk}\t{position}\t{same}"


_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"})


def _escaped(value: str) -> str:
    """As COPY reads it."""
    return value if value.isprintable() and "\\" not in value else value.translate(_ESCAPES)


def _insert(cursor: Any, mailing: Mailing, through: Through, rows: Sequence[Placed], written: Written) -> None:
    """Numbers of several people: the first contact that comes keeps one, by the table's own constraint."""
    if not rows:
        return
    texts, chunks, positions = map(list, zip(*rows, strict=True))
    contacts, numbers, _shared, bodies, encodings, segments = map(list, zip(*texts, strict=True))
    columns = {"contacts": contacts, "numbers": numbers, "texts": bodies, "encodings": encodings, "segments": segments}
    fixed = {"mailing": mailing.pk, "provider": through.provider.pk, "sender": through.sender, "routing": through.routing}
    cursor.execute(INSERT_MESSAGES, {**fixed, **columns, "chunks": chunks, "positions": positions})
    kept = {row[0] for row in cursor.fetchall()}
    for text in texts:
        if text.contact in kept:
            written.count(text)
        else:
            written.doubles.append(LeftOut(text.contact, text.number, "duplicate_number"))


def write_exclusions(cursor: Any, mailing: Mailing, left_out: Sequence[LeftOut], *, contested: bool) -> None:
    """Rows that say who gets no text, and why; `contested`: some of them may have one already."""
    if left_out and contested:
        cursor.execute(INSERT_EXCLUSIONS, [mailing.pk, *map(list, zip(*left_out, strict=True))])
    elif left_out:
        with cursor.copy(COPY_EXCLUSIONS) as copy:
            copy.write("".join([f"{row.contact}\t{row.number}\t{row.reason}\t{mailing.pk}\n" for row in left_out]))
