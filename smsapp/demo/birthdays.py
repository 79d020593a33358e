"""Three months of a birthday workflow: a run each morning, with its people, its mailing, texts and figures. Written set-wise, as the engine and the
pipeline would have left it: played through, a hundred mornings would take a minute."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from campaigns.models import Exclusion, Mailing, MailingEvent, MailingTally, Message
from campaigns.models.mailing import Role
from campaigns.pipeline.record import RECORD
from campaigns.pipeline.writing import Writer
from campaigns.plans import Plan, Share
from campaigns.services import copies, mailings
from campaigns.statuses import MailingStatus, MessageStatus
from campaigns.texts import Texts
from campaigns.vocabulary import Occasion
from contacts import eligibility
from contacts.models import Contact
from contacts.smart.criteria import At
from contacts.smart.questions.birthdays import Birthday
from smsapp.common import dates
from smsapp.demo import birthday_log
from workflows import periods
from workflows.engine import start
from workflows.models import Arrival, Execution, PeopleBlock, PeopleSet, Run, Schedule, Send, StepRun, Workflow
from workflows.models.people import BLOCK
from workflows.states import RunState, StepState
from workflows.steps.scheduler import next_after
from workflows.steps.sms import content_of

TEXT = "Happy birthday {contact.first_name|friend}! Your next coffee in our house is on us. {organisation.name}. Reply STOP to end."
MONTHS = 3
LATER = {"began": 2, "chosen": 3, "made": 4, "prepared": 9, "confirmed": 24 * 60, "ended": 24 * 60 + 20}  # seconds after the time of the scheduler
FATES = ((MessageStatus.DELIVERED, "", 0.94), (MessageStatus.UNDELIVERED, "unreachable", 0.03), (MessageStatus.SENT, "", 0.03))


@dataclass
class Morning:
    """One run: when it was due, whom it found, and what came of them."""

    number: int
    due: datetime
    found: list[int]
    people: PeopleSet | None = None
    run: Run | None = None
    mailing: Mailing | None = None
    texts: list[Message] = field(default_factory=list)
    left_out: dict[int, str] = field(default_factory=dict)

    def at(self, moment: str) -> datetime:
        """When something of it happened; a run without anybody is over at once."""
        return self.due + timedelta(seconds=LATER["chosen" if moment == "ended" and not self.found else moment])


Moves = list[tuple[Morning, Send, MailingEvent]]


def write(workflow: Workflow, text: str, author: Any) -> Mailing:
    """The text of its SMS step."""
    content = content_of(workflow.drawing.steps["s3"])
    assert content is not None
    return mailings.save_content(content, by=author, version=content.version, provider=content.provider, sender=content.sender, texts=Texts(text, "en"))


def make_birthdays(workflow: Workflow, author: Any) -> None:
    """In progress since three months; its run of today is left to the workers."""
    content, zone = write(workflow, TEXT, author), ZoneInfo(workflow.time_zone)
    today = timezone.now().astimezone(zone).date()
    first = _months_before(today, MONTHS)
    begins = datetime.combine(first, time(8), zone)
    Workflow.objects.filter(pk=workflow.pk).update(history_days=150)
    start.start(workflow, author, begins)
    workflow.refresh_from_db()
    mornings = [Morning(number, datetime.combine(day, time(9), zone), _born(day, zone)) for number, day in enumerate(_days(first, today), start=1)]
    _write_runs(workflow, mornings)
    _write_texts(content, mornings)
    moves = _write_mailings(workflow, content, author, [morning for morning in mornings if morning.texts])
    birthday_log.write(workflow, mornings, moves, begins)
    node = workflow.drawing.steps["s1"]
    Schedule.objects.filter(workflow=workflow).update(next_at=next_after(node, datetime.combine(today, time(), zone)))


def _months_before(day: date, months: int) -> date:
    """The first of a month."""
    place = day.year * 12 + day.month - 1 - months
    return date(place // 12, place % 12 + 1, 1)


def _days(first: date, until: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((until - first).days))


def _born(day: date, zone: ZoneInfo) -> list[int]:
    """Whom the query would have found that morning."""
    asked = Birthday().fits("today", None, At(datetime.combine(day, time(9), zone), zone))
    return list(Contact.objects.active().filter(asked).order_by("id").values_list("id", flat=True))


# --- runs ---


def _write_runs(workflow: Workflow, mornings: list[Morning]) -> None:
    for morning, people in zip(mornings, PeopleSet.objects.bulk_create(PeopleSet(size=len(one.found)) for one in mornings), strict=True):
        morning.people = people
    PeopleBlock.objects.bulk_create(
        PeopleBlock(people=one.people, block=block, ids=[id_ for id_ in one.found if id_ // BLOCK == block])
        for one in mornings
        for block in sorted({id_ // BLOCK for id_ in one.found})
    )
    runs = Run.objects.bulk_create(
        Run(workflow=workflow, drawing=workflow.started, number=one.number, begin="s1", due_at=one.due, state=RunState.FINISHED, finished_at=one.at("ended"))
        for one in mornings
    )
    for morning, run in zip(mornings, runs, strict=True):
        morning.run = run
    StepRun.objects.bulk_create(step for one in mornings for step in _steps(one))
    Arrival.objects.bulk_create(arrival for one in mornings for arrival in _arrivals(one))
    _set_back(workflow)


def _steps(one: Morning) -> Iterator[StepRun]:
    done = {"run": one.run, "state": StepState.DONE}
    yield StepRun(step="s1", kind="scheduler", began_at=one.at("began"), ended_at=one.at("began"), **done)
    yield StepRun(step="s2", kind="query", began_at=one.at("began"), ended_at=one.at("chosen"), **done)
    if one.found:
        yield StepRun(step="s3", kind="sms", began_at=one.at("chosen"), ended_at=one.at("ended"), came_in=len(one.found), **done)
    else:
        yield StepRun(step="s3", kind="sms", run=one.run, state=StepState.SKIPPED, ended_at=one.at("chosen"))


def _arrivals(one: Morning) -> Iterator[Arrival]:
    yield Arrival(run=one.run, step="s1", out="out", live=True)
    yield Arrival(run=one.run, step="s2", out="out", live=bool(one.found), people=one.people if one.found else None, size=len(one.found))


# What the database dates itself.
DATED = (
    "UPDATE workflows_run SET started_at = due_at WHERE workflow_id = %s",
    """UPDATE workflows_arrival AS a SET at = r.due_at + interval '3 seconds' FROM workflows_run AS r WHERE r.id = a.run_id AND r.workflow_id = %s""",
    """UPDATE workflows_peopleset AS p SET made_at = a.at FROM workflows_arrival AS a JOIN workflows_run AS r ON r.id = a.run_id
        WHERE a.people_id = p.id AND r.workflow_id = %s""",
)


def _set_back(workflow: Workflow) -> None:
    with connection.cursor() as cursor:
        for statement in DATED:
            cursor.execute(statement, [workflow.pk])


# --- mailings ---


def _write_mailings(workflow: Workflow, content: Mailing, author: Any, mornings: list[Morning]) -> Moves:
    """The moves of each morning's mailing."""
    same = copies.content_of(content) | {"author": author, "confirmed_by": author, "role": Role.SEND, "status": MailingStatus.FINISHED}
    made = Mailing.objects.bulk_create(_mailing(content, one, same) for one in mornings)
    for morning, mailing in zip(mornings, made, strict=True):
        morning.mailing = mailing
    Mailing.objects.bulk_update([_dated(one) for one in mornings], ["created_at"])
    sends = _write_sends(workflow, content, mornings)
    events = _write_stories(mornings, author)
    _write_messages(content, mornings)
    known = {send.mailing_id: (one, send) for one, send in zip(mornings, sends, strict=True)}
    return [(*known[event.mailing_id], event) for event in events]


def _mailing(content: Mailing, one: Morning, same: dict[str, Any]) -> Mailing:
    plan = _plan(content, one)
    return Mailing(
        **same, name=f"{content.name} · {dates.said(one.due.date(), 'SHORT_DATE_FORMAT')}", population=one.people.pk if one.people else None,
        plan=plan, planned=plan, targeted=len(one.found), audience_size=len(one.found), prepared_up_to=one.found[-1],
        confirmed_at=one.at("confirmed"), started_at=one.at("confirmed"), finished_at=one.at("ended"),
    )  # fmt: skip


def _dated(one: Morning) -> Mailing:
    assert one.mailing is not None
    one.mailing.created_at = one.at("made")
    return one.mailing


def _plan(content: Mailing, one: Morning) -> dict[str, Any]:
    """As the preparation would have made it."""
    provider, sizes, encodings = content.provider, Counter[str](), Counter[str]()
    assert provider is not None
    for text in one.texts:
        sizes[str(text.segments)] += 1
        encodings[Message.Encoding(text.encoding).label] += text.segments
    by_segments = {size: Share(texts, texts * int(size)) for size, texts in sizes.items()}
    segments = sum(text.segments for text in one.texts)
    plan = Plan(
        made_at=one.at("prepared").isoformat(), excluded=dict(Counter(one.left_out.values())), by_segments=by_segments,
        by_encoding={name: Share(sum(Message.Encoding(text.encoding).label == name for text in one.texts), count) for name, count in encodings.items()},
        by_language={content.language: Share(len(one.texts), segments)}, price=str(provider.price_per_segment), currency=provider.currency, rate=provider.pace,
    )  # fmt: skip
    return plan.stored()


def _write_texts(content: Mailing, mornings: list[Morning]) -> None:
    """What each of them reads, and who is left out; not in the database yet."""
    dice, writer = random.Random(5), Writer.of(Texts.of(content), Occasion.of(content))
    everybody = eligibility.judge(Contact.objects.filter(id__in={id_ for one in mornings for id_ in one.found}), marketing=True)
    known = {contact.pk: contact for contact in everybody}
    for one in mornings:
        numbers: set[str] = set()
        one.left_out = {id_: reason for id_ in one.found if (reason := known[id_].reason or _repeated(known[id_].sms_number, numbers))}
        one.texts = [_text(content, known[id_], one, writer, dice) for id_ in one.found if id_ not in one.left_out]


def _repeated(number: str, numbers: set[str]) -> str:
    """Whoever comes second with a number is left out."""
    if number in numbers:
        return "duplicate_number"
    numbers.add(number)
    return ""


def _text(content: Mailing, contact: Any, one: Morning, writer: Writer, dice: random.Random) -> Message:
    said, encoding, segments = writer.write(contact)
    status, reason, _share = dice.choices(FATES, weights=[share for *_fate, share in FATES])[0]
    reported = None if status == MessageStatus.SENT else one.at("confirmed") + timedelta(seconds=dice.randint(4, 15))
    return Message(
        contact=contact, provider=content.provider, number=contact.sms_number, sender=content.sender, text=said, encoding=encoding, segments=segments,
        status=status, reason=reason, attempts=1, sent_at=one.at("confirmed") + timedelta(seconds=1), reported_at=reported,
    )  # fmt: skip


def _write_sends(workflow: Workflow, content: Mailing, mornings: list[Morning]) -> list[Send]:
    months = {one.number: periods.period_of(periods.MONTH, one.due.date(), one.number) for one in mornings}
    different = {period.key: Execution(parent=content, key=period.key, first=period.first, last=period.last) for period in months.values()}
    executions = {one.key: one for one in Execution.objects.bulk_create(different.values())}
    return Send.objects.bulk_create(
        Send(mailing=one.mailing, parent=content, execution=executions[months[one.number].key], workflow=workflow, run=one.run, step="s3") for one in mornings
    )


def _write_stories(mornings: list[Morning], author: Any) -> list[MailingEvent]:
    story = {MailingStatus.PREPARING: "made", MailingStatus.READY: "prepared", MailingStatus.SENDING: "confirmed", MailingStatus.FINISHED: "ended"}
    events = MailingEvent.objects.bulk_create(
        MailingEvent(mailing=one.mailing, status=status, author=author if moment == "confirmed" else None)
        for one in mornings
        for status, moment in story.items()
    )
    for event, at in zip(events, (one.at(moment) for one in mornings for moment in story.values()), strict=True):
        event.at = at
    MailingEvent.objects.bulk_update(events, ["at"])
    return events


def _write_messages(content: Mailing, mornings: list[Morning]) -> None:
    for one in mornings:
        for text in one.texts:
            text.mailing = one.mailing
    made = Message.objects.bulk_create(text for one in mornings for text in one.texts)
    for text in made:
        text.gateway_id, text.created_at = f"SM{text.pk:032x}", (text.sent_at or timezone.now()) - timedelta(minutes=20)
    Message.objects.bulk_update(made, ["gateway_id", "created_at"])
    Exclusion.objects.bulk_create(Exclusion(mailing=one.mailing, contact_id=id_, reason=why) for one in mornings for id_, why in one.left_out.items())
    MailingTally.objects.bulk_create(tally for one in mornings for tally in _tallies(one))
    with connection.cursor() as cursor:
        cursor.execute(RECORD, [[text.pk for text in made]])


def _tallies(one: Morning) -> Iterator[MailingTally]:
    for status in {text.status for text in one.texts}:
        alike = [text for text in one.texts if text.status == status]
        yield MailingTally(mailing=one.mailing, status=status, messages=len(alike), segments=sum(text.segments for text in alike))
