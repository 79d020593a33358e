"""First stage: from an audience to message rows, and to exclusions with their reasons.

Runs in batches by contact id; each batch commits rows, chunks, counters and the watermark together, so that a killed
preparation goes on where it was and a stopped one stops at the next batch.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import tokens
from campaigns.audience import Choice
from campaigns.models import Chunk, Mailing
from campaigns.pipeline.number_rules import NumberRules
from campaigns.services import merged, transitions
from campaigns.statuses import ChunkState, MailingStatus, MessageStatus
from campaigns.vocabulary import Vocabulary
from contacts import eligibility
from contacts.models import Contact
from providers.charset import normalise
from providers.models import Provider
from providers.segments import measure

log = logging.getLogger(__name__)

BATCH = 5_000  # contacts per transaction: progress every half second or so
LOCK_CLASS = 20_411  # first key of the advisory locks "somebody prepares mailing N"

Text = tuple[int, str, str, int, int]  # contact id, number, text, encoding, segments
LeftOut = tuple[int, str, str]  # contact id, number, reason


def chunk_size(rate: int) -> int:
    """Messages per chunk: about two seconds of work, so that pause and crash never concern more."""
    return max(1, min(500, rate * 2))


def prepare(mailing_id: int) -> bool:
    """Prepare a mailing that is in `preparing`, from its watermark on; True when this call finished it."""
    with _alone(mailing_id) as free:
        if not free:
            return False
        mailing = Mailing.objects.select_related("provider").filter(id=mailing_id, status=MailingStatus.PREPARING).first()
        if mailing is None:
            return False
        if mailing.provider is None:
            note = _("The mailing has no provider. Choose one in step 2.")
            transitions.move_mailing(mailing_id, MailingStatus.ERROR, problem=note, note=note)
            return False
        try:
            return _run(mailing, mailing.provider)
        except OperationalError:
            raise  # the database went away: the tick tries again
        except Exception:
            log.exception("preparation broke", extra={"mailing": mailing_id})
            note = _("The preparation met a fault of the console; nothing was sent. The log of the worker has the details.")
            transitions.move_mailing(mailing_id, MailingStatus.ERROR, problem=note, note=note)
            return False


@contextmanager
def _alone(mailing_id: int) -> Iterator[bool]:
    """Hold this mailing's advisory lock; the database drops it when the worker dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_CLASS, mailing_id])
        free = cursor.fetchone()[0]
    try:
        yield free
    finally:
        if free:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_CLASS, mailing_id])


def _run(mailing: Mailing, provider: Provider) -> bool:
    if mailing.prepared_up_to == 0:
        clear(mailing.id)
        size = _audience(mailing).count()
        Mailing.objects.filter(id=mailing.id).update(audience_size=size, targeted=0)
    judge = Judge.of(mailing, provider)
    people = _people(mailing, judge.rules).iterator(chunk_size=BATCH)
    while batch := list(islice(people, BATCH)):
        if not _write(mailing, provider, *judge.sort(batch), watermark=batch[-1].id, looked_at=len(batch)):
            return False
    return _ready(mailing, provider, judge)


def _valid(mailing: Mailing) -> Any:
    """The row, unless the preparation was stopped or begun anew meanwhile."""
    return Mailing.objects.filter(id=mailing.id, status=MailingStatus.PREPARING, preparation=mailing.preparation)


@transaction.atomic
def _ready(mailing: Mailing, provider: Provider, judge: "Judge") -> bool:
    """The last step, with nobody being merged meanwhile: those who were since they were read are set right."""
    merged.hold_merges()
    if not _valid(mailing).select_for_update().exists():
        return False
    _catch_up(mailing, provider, judge)
    merged.keep_one_text_each(mailing.id)
    return transitions.move_mailing(mailing.id, MailingStatus.READY, only_from=[MailingStatus.PREPARING])


def _catch_up(mailing: Mailing, provider: Provider, judge: "Judge") -> None:
    """People whom others were merged into behind our back, and whom nobody has looked at."""
    ids = merged.overlooked(mailing.id)
    if late := list(_people(mailing, judge.rules, up_to=True).filter(id__in=ids)) if ids else []:
        _valid(mailing).update(targeted=F("targeted") + len(late))
        _store(mailing, provider, *judge.sort(late))


def _audience(mailing: Mailing) -> Any:
    return Choice.of(mailing).audience().contacts()


def _people(mailing: Mailing, rules: NumberRules, *, up_to: bool = False) -> Any:
    """The audience from the watermark on, or `up_to` it, judged."""
    fields = ["id", "first_name", "last_name", "organisation", "email", "language", "birth_date", "external_id", "sms_number"]
    if tokens.custom_keys(mailing.text):
        fields.append("custom")
    chosen = _audience(mailing).order_by("id")
    if not up_to:
        chosen = chosen.filter(id__gt=mailing.prepared_up_to)
    return eligibility.judge(chosen, marketing=True, extra=rules.reasons()).only(*fields)


def clear(mailing_id: int) -> None:
    """Remove what an earlier preparation left."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in ("message", "exclusion", "chunk", "mailingtally"):
            cursor.execute(f"DELETE FROM campaigns_{table} WHERE mailing_id = %s", [mailing_id])  # noqa: S608 (fixed names)


@dataclass(frozen=True, slots=True)
class Judge:
    """Sorts people into texts and exclusions, with everything that is the same for all of them looked up once."""

    render: Callable[[dict[str, str]], str]
    words: Vocabulary
    max_segments: int
    rules: NumberRules

    @classmethod
    def of(cls, mailing: Mailing, provider: Provider) -> "Judge":
        """What this mailing's text, limits and gateway ask."""
        return cls(tokens.compiled(mailing.text), Vocabulary.of(mailing.text), mailing.max_segments, NumberRules.of(provider))

    def sort(self, people: list[Contact]) -> tuple[list[Text], list[LeftOut]]:
        """Texts to write and people left out, each in the order of the contacts."""
        texts: list[Text] = []
        left_out: list[LeftOut] = []
        for person in people:
            number = person.sms_number or ""
            reason = person.reason  # type: ignore[attr-defined]
            if not reason:
                text = normalise(self.render(self.words.values(person)))
                size = measure(text)
                if size.segments <= self.max_segments:
                    texts.append((person.id, number, text, 0 if size.encoding == "GSM-7" else 1, size.segments))
                    continue
                reason = "too_long"
            left_out.append((person.id, number, reason))
        return texts, left_out


INSERT_MESSAGES = """
    INSERT INTO campaigns_message (mailing_id, contact_id, provider_id, chunk_id, position, kind, status, number, sender, subject,
                                   text, encoding, segments, attempts, gateway_id, reason, detail, created_at)
    SELECT %(mailing)s, v.contact, %(provider)s, v.chunk, v.position, 0, 0, v.number, %(sender)s, '', v.text, v.encoding, v.segments, 0, '', '', '', now()
      FROM unnest(%(contacts)s::bigint[], %(numbers)s::text[], %(texts)s::text[], %(encodings)s::smallint[], %(segments)s::smallint[],
                  %(chunks)s::bigint[], %(positions)s::int[]) AS v(contact, number, text, encoding, segments, chunk, position)
    ON CONFLICT DO NOTHING
 RETURNING id, contact_id, segments"""

INSERT_EXCLUSIONS = """
    INSERT INTO campaigns_exclusion (mailing_id, contact_id, number, reason)
    SELECT %s, * FROM unnest(%s::bigint[], %s::text[], %s::text[]) ON CONFLICT DO NOTHING"""


@transaction.atomic
def _write(mailing: Mailing, provider: Provider, texts: list[Text], left_out: list[LeftOut], *, watermark: int, looked_at: int) -> bool:
    """One batch, all or nothing; False when the preparation was stopped meanwhile."""
    if not _valid(mailing).filter(prepared_up_to__lt=watermark).update(prepared_up_to=watermark, targeted=F("targeted") + looked_at):
        return False
    _store(mailing, provider, texts, left_out)
    return True


def _store(mailing: Mailing, provider: Provider, texts: list[Text], left_out: list[LeftOut]) -> None:
    with connection.cursor() as cursor:
        written = _insert(cursor, mailing, provider, texts)
        kept = {contact for _id, contact, _segments in written}
        doubles = [(contact, number, "duplicate_number") for contact, number, *_rest in texts if contact not in kept]
        if everybody_else := left_out + doubles:
            cursor.execute(INSERT_EXCLUSIONS, [mailing.id, *map(list, zip(*everybody_else, strict=True))])
        tallies = transitions.Tallies()
        tallies.add([(row[0], mailing.id, row[2]) for row in written], None, MessageStatus.OPEN)
        transitions.write_tallies(cursor, tallies)


def _insert(cursor: Any, mailing: Mailing, provider: Provider, texts: list[Text]) -> list[tuple[int, int, int]]:
    """Message rows in chunks; those whose number is already in the mailing are left out by its unique constraint."""
    if not texts:
        return []
    contacts, numbers, bodies, encodings, segments = map(list, zip(*texts, strict=True))
    chunks, positions = places(len(texts), mailing_id=mailing.id, provider=provider, priority=Chunk.Priority.BULK, state=ChunkState.HELD)
    columns = {"contacts": contacts, "numbers": numbers, "texts": bodies, "encodings": encodings, "segments": segments}
    fixed = {"mailing": mailing.id, "provider": provider.id, "sender": mailing.sender}
    cursor.execute(INSERT_MESSAGES, {**fixed, **columns, "chunks": chunks, "positions": positions})
    return cursor.fetchall()


def places(count: int, *, mailing_id: int | None, provider: Provider, priority: Chunk.Priority, state: ChunkState) -> tuple[list[int], list[int]]:
    """New chunks for `count` messages: the chunk's id and the position in it, for each message."""
    full = chunk_size(provider.rate)
    sizes = [min(full, count - start) for start in range(0, count, full)]
    now = timezone.now()
    chunks = Chunk.objects.bulk_create(
        [Chunk(mailing_id=mailing_id, provider_id=provider.id, priority=priority, state=state, due_at=now, size=size) for size in sizes]
    )
    owners = [chunk.id for chunk in chunks for _place in range(chunk.size)]
    return owners, [position for size in sizes for position in range(size)]
