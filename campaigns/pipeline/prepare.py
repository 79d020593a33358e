"""First stage: from an audience to message rows, and to exclusions with their reasons.

Runs in batches by contact id; each batch commits rows, chunks, counters and the watermark together, so that a killed
preparation goes on where it was and a stopped one stops at the next batch.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import F

from campaigns.audience import Choice
from campaigns.models import Mailing, Message
from campaigns.pipeline import planning, rest, surveying
from campaigns.pipeline.chosen import Batch, Chosen, Person, chosen
from campaigns.pipeline.message_rows import LeftOut, Text, Through, write, write_exclusions
from campaigns.pipeline.planning import Survey
from campaigns.pipeline.writing import Writer
from campaigns.routing import Via, Way
from campaigns.services import merged, quiet_hours, recount, transitions
from campaigns.services.quiet_hours import Book
from campaigns.services.routes import Routes, last_senders
from campaigns.statuses import MailingStatus, MessageStatus
from campaigns.texts import Texts
from campaigns.vocabulary import Occasion
from contacts import eligibility
from contacts.smart import refresh
from providers.models import Provider
from smsapp.common import leaving
from smsapp.common.sentences import say as _

log = logging.getLogger(__name__)

BATCH = 20_000  # contacts per transaction: progress, and a chance to stop, several times a second
LOCK_CLASS = 20_411  # first key of the advisory locks "somebody prepares mailing N"


def prepare(mailing_id: int) -> bool:
    """Prepare a mailing that is in `preparing`, from its watermark on; True when this call finished it."""
    with _alone(mailing_id) as free:
        if not free:
            return False
        mailing = Mailing.objects.select_related("provider").filter(id=mailing_id, status=MailingStatus.PREPARING).first()
        if mailing is None:
            return False
        if mailing.provider is None:
            return _fail(mailing_id, _("The mailing has no provider. Choose one in step 2."))
        try:
            return _run(mailing, mailing.provider)
        except OperationalError:
            raise  # the database went away: the tick tries again
        except refresh.NotRefreshed as problem:
            return _fail(mailing_id, problem.message)
        except Exception:
            if not connection.is_usable():
                raise  # so it went away too
            log.exception("preparation broke", extra={"mailing": mailing_id})
            return _fail(mailing_id, _("The preparation met a fault of the console; nothing was sent. The log of the worker has the details."))


def _fail(mailing_id: int, note: str) -> bool:
    transitions.move_mailing(mailing_id, MailingStatus.ERROR, problem=note, note=note)
    return False


LOCK = """
    SELECT free, CASE WHEN free THEN set_config('idle_session_timeout', %s, false) || set_config('idle_in_transaction_session_timeout', %s, false) END
      FROM (SELECT pg_try_advisory_lock(%s, %s) AS free OFFSET 0) AS lock"""
UNLOCK = """
    SELECT pg_advisory_unlock(%s, %s), set_config('idle_session_timeout', '0', false), set_config('idle_in_transaction_session_timeout', '0', false)"""


@contextmanager
def _alone(mailing_id: int) -> Iterator[bool]:
    """Hold this mailing's advisory lock; the database drops it when the worker dies, or is frozen for as long as a lease."""
    most_idle = f"{settings.LEASE_SECONDS}s"
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [most_idle, most_idle, LOCK_CLASS, mailing_id])
        free = cursor.fetchone()[0]
    try:
        yield free
    finally:
        if free:
            with connection.cursor() as cursor:
                cursor.execute(UNLOCK, [LOCK_CLASS, mailing_id])


def _run(mailing: Mailing, provider: Provider) -> bool:
    if anew := mailing.prepared_up_to == 0:
        clear(mailing.id)
        refresh.bring_up_to_date(Choice.of(mailing).all_groups)
    judge = Judge.of(mailing)
    with _people(mailing, judge, after=mailing.prepared_up_to) as people:
        if anew:
            _valid(mailing).update(audience_size=people.count, targeted=0)
        judge = judge.among(people)
        people = people.reading(judge.fields)
        with surveying.beside(mailing, people.count) as surveyor:
            for batch in people.batches(BATCH):
                if leaving.asked() or not _write(mailing, provider, judge, batch):
                    return False
                surveyor.look(batch.last_id)
    return _ready(mailing, provider, judge, surveyor.surveys())


@contextmanager
def _people(mailing: Mailing, judge: "Judge", *, after: int = 0, among: Sequence[int] | None = None) -> Iterator[Chosen]:
    """The audience behind a watermark, or those `among` some ids, each with the reason why not."""
    audience = Choice.of(mailing).audience().contacts().filter(id__gt=after)
    if among is not None:
        audience = audience.filter(id__in=among)
    judged = eligibility.judge(audience, marketing=mailing.is_marketing, extra=rest.reasons_of(mailing, judge.routes))
    judged = judged.annotate(**judge.writer.expressions)
    with chosen(judged, judge.fields, contested=bool(after) or among is not None) as people:
        yield people


def _valid(mailing: Mailing) -> Any:
    """The row, unless the preparation was stopped or begun anew meanwhile."""
    return Mailing.objects.filter(id=mailing.id, status=MailingStatus.PREPARING, preparation=mailing.preparation)


@transaction.atomic
def _ready(mailing: Mailing, provider: Provider, judge: "Judge", surveys: Sequence[Survey]) -> bool:
    """The last step, with nobody being merged meanwhile: those who were since they were read are set right."""
    merged.hold_merges()
    if (row := _valid(mailing).select_for_update().first()) is None:
        return False
    late = _catch_up(mailing, provider, judge)
    doubles = merged.keep_one_text_each(mailing.id)
    plan = planning.make(mailing, provider, [] if late or doubles else surveys)
    if recount.is_under_way(row):
        return recount.finish(row, plan)
    return transitions.move_mailing(mailing.id, MailingStatus.READY, only_from=[MailingStatus.PREPARING], plan=plan.stored(), problem=row.trouble)


def _catch_up(mailing: Mailing, provider: Provider, judge: "Judge") -> int:
    """People whom others were merged into behind our back, and whom nobody has looked at; how many."""
    if not (ids := merged.overlooked(mailing.id)):
        return 0
    with _people(mailing, judge, among=ids) as people:
        judge = judge.among(people)
        for late in people.batches(BATCH):
            _valid(mailing).update(targeted=F("targeted") + len(late))
            _store(mailing, provider, judge, late, contested=True)
    return len(ids)


def clear(mailing_id: int) -> None:
    """Remove what an earlier preparation left."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in ("message", "exclusion", "chunk", "mailingtally"):
            cursor.execute(f"DELETE FROM campaigns_{table} WHERE mailing_id = %s", [mailing_id])  # noqa: S608 (fixed names)


@dataclass(frozen=True, slots=True)
class Judge:
    """Sorts people into texts and exclusions, with everything that is the same for all of them looked up once."""

    writer: Writer
    max_segments: int
    routes: Routes
    hours: Book  # of those whose hours differ
    same_hours: int | None = None  # of everybody, where they do not

    @classmethod
    def of(cls, mailing: Mailing) -> "Judge":
        """What this mailing's text, limits and ways ask."""
        return cls(Writer.of(Texts.of(mailing), Occasion.of(mailing)), mailing.max_segments, Routes.of(Message.Kind.BULK), quiet_hours.book())

    @property
    def fields(self) -> tuple[str, ...]:
        """What is read of each person: the country too where way or hours depend on it."""
        return tuple(dict.fromkeys([*self.writer.fields, "sms_country"])) if self.routes or self.hours else self.writer.fields

    def among(self, people: Chosen) -> "Judge":
        """The same for these people: where all of them keep the same hours, or none, nobody asks one by one."""
        if not self.hours:
            return self
        same, hours = self.hours.same_for(people.countries())
        return replace(self, hours=Book(), same_hours=hours) if same else self

    def ways(self, mailing: Mailing, provider: Provider, batch: Batch) -> list[tuple[Through, Iterable[Person], int]]:
        """(whereby, whom, how many) of a batch: all as the mailing says, unless rules lead them apart, or they keep different hours."""
        if not self.routes and not self.hours:
            return [(Through(provider, mailing.sender, hours=self.same_hours), batch, len(batch.eligible))]
        chosen_via, people = Via(provider.pk, mailing.sender), list(batch)
        last = last_senders(person.id for person in people) if self.routes.keeps_senders else {}
        groups: dict[tuple[Way, int | None], list[Person]] = {}
        way = Way(*chosen_via)
        for person in people:
            if self.routes:
                way = self.routes.way(person.sms_country or "", chosen_via, last=last.get(person.id), segments=self.max_segments)
            hours = self.hours.hours(person.sms_country or "", person.number) if self.hours else self.same_hours
            groups.setdefault((way, hours), []).append(person)
        return [(self._through(way, mailing, provider, hours), group, len(group)) for (way, hours), group in groups.items()]

    def _through(self, way: Way, mailing: Mailing, provider: Provider, hours: int | None) -> Through:
        own = (way.provider, way.sender) != (provider.pk, mailing.sender)
        return Through(self.routes.provider(way, provider), way.sender, self.routes.note(way), own_sender=own, hours=hours)

    def texts(self, people: Iterable[Person], left_out: list[LeftOut]) -> Iterator[Text]:
        """A text for each person; those for whom it is empty or too long join `left_out`. Rendered one by one, when somebody asks for the next."""
        write = self.writer.write
        for person in people:
            text, encoding, segments = write(person)
            if not text or text.isspace():
                left_out.append(LeftOut(person.id, person.number, "empty_text"))
            elif segments <= self.max_segments:
                yield Text(person.id, person.number, person.shared, text, encoding, segments)
            else:
                left_out.append(LeftOut(person.id, person.number, "too_long"))


def _do_not_wait_for_the_disk() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")


@transaction.atomic
def _write(mailing: Mailing, provider: Provider, judge: Judge, batch: Batch) -> bool:
    """One batch, all or nothing; False when the preparation was stopped meanwhile.

    It does not wait for the disk: what a server forgets when it crashes it forgets with its watermark, and is written again. The last step waits,
    and with it everything before.
    """
    _do_not_wait_for_the_disk()
    mark = {"prepared_up_to": batch.last_id, "targeted": F("targeted") + len(batch)}
    if not _valid(mailing).filter(prepared_up_to__lt=batch.last_id).update(**mark):
        return False
    _store(mailing, provider, judge, batch, contested=mailing.prepared_up_to > 0)
    return True


def _store(mailing: Mailing, provider: Provider, judge: Judge, batch: Batch, *, contested: bool) -> None:
    """Messages, exclusions and counters of some people, in the caller's transaction; `contested` after a crash, when some may have theirs."""
    left_out: list[LeftOut] = []
    tallies = transitions.Tallies()
    with connection.cursor() as cursor:
        batch.leave_out_others(cursor, mailing.id, contested=contested)
        for through, people, most in judge.ways(mailing, provider, batch):
            written = write(cursor, mailing, through, judge.texts(people, left_out), at_most=most)
            left_out += written.doubles
            tallies.bring(mailing.id, MessageStatus.OPEN, written.messages, written.segments)
        write_exclusions(cursor, mailing, left_out, contested=contested)
        transitions.write_tallies(cursor, tallies)
