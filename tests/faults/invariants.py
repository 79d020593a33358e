"""What must be true after every fault, computed from the rows and the gateway's own log alone.

The console's counters are only compared with the rows: they prove nothing.
"""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import F, Q

from campaigns.models import AutomaticReply, Chunk, Exclusion, Mailing, MailingTally, Message
from campaigns.services import figures
from campaigns.statuses import ACCEPTED, ChunkState, MailingStatus, MessageStatus
from contacts.models import Activity, Suppression
from providers.models import Provider
from providers.segments import measure
from tests.faults.world import Line, World

S = MessageStatus
OBEYED_WITHIN = 5.0  # seconds: no call to a number starts later than this after its STOP was accepted
ON_TIMELINE = (S.SENT, S.DELIVERED, S.UNDELIVERED, S.FAILED, S.UNKNOWN)


@dataclass
class Seen:
    """The world after a fault, and everything that is wrong with it."""

    log: list[Line]
    rows: dict[int, Message]
    wrong: list[str] = field(default_factory=list)

    @property
    def arrived(self) -> set[int]:
        """Messages that the gateway took on."""
        return {line.message for line in self.log}

    def having(self, *statuses: MessageStatus) -> set[int]:
        """Messages with one of these statuses."""
        return {key for key, row in self.rows.items() if row.status in statuses}

    @property
    def unknown(self) -> int:
        """How many may have been sent or not."""
        return len(self.having(S.UNKNOWN))


def invariants(world: World) -> Seen:
    """Look at a world that has come to rest; raises AssertionError with all that is wrong."""
    seen = Seen(world.log(), {row.pk: row for row in Message.objects.all()})
    for judge in (nobody_gets_two, everything_is_explained, rows_are_the_log, figures_are_the_rows, stops_are_obeyed, money_is_counted_once):
        seen.wrong += [f"{judge.__name__}: {words}" for words in judge(seen)]
    assert not seen.wrong, "\n".join(seen.wrong[:30])
    return seen


def nobody_gets_two(seen: Seen):
    """(1) One call for a message, one message for a person and a number of a mailing."""
    yield from (f"message {key} arrived {n} times" for key, n in Counter(line.message for line in seen.log).items() if n > 1)
    arrived = [row for key in seen.arrived if (row := seen.rows.get(key)) and row.mailing_id and row.again_of is None]
    for what in ("number", "contact_id"):
        found = Counter((row.mailing_id, getattr(row, what)) for row in arrived)
        yield from (f"{what} {key[1]} got {n} texts of mailing {key[0]}" for key, n in found.items() if n > 1)
    people = Counter((row.mailing_id, row.contact_id) for row in seen.rows.values() if row.mailing_id)
    people.update(Exclusion.objects.values_list("mailing_id", "contact_id"))
    yield from (f"contact {key[1]} is {n} times in mailing {key[0]}" for key, n in people.items() if n > 1)


def everything_is_explained(seen: Seen):
    """(2) Each message has an outcome, with its reason where it is no good one; or something that can be named holds it back."""
    troubled = (S.FAILED, S.UNKNOWN, S.SKIPPED, S.CANCELLED, S.UNDELIVERED)
    yield from (f"message {key} is {S(seen.rows[key].status).name} for no reason" for key in seen.having(*troubled) if not seen.rows[key].reason)
    yield from (f"chunk {key} is still claimed" for key in Chunk.objects.filter(state=ChunkState.CLAIMED).values_list("id", flat=True))
    if not (open_ones := seen.having(S.OPEN)):
        return
    still = Q(mailing__status__in=[MailingStatus.PAUSED, MailingStatus.READY, MailingStatus.SCHEDULED])
    held = Q(provider__active=False) | Q(provider__lane=Provider.Lane.PAUSED)
    tried_again = Q(chunk__state=ChunkState.READY, position__gte=F("chunk__started_up_to")) & ~Q(reason="")
    explained = set(Message.objects.filter(still | held | tried_again, status=S.OPEN).values_list("id", flat=True))
    yield from (f"message {key} is open, and nothing says why" for key in open_ones - explained)


def rows_are_the_log(seen: Seen):
    """(3) What the rows say of the outside is what the gateway's log says."""
    gone = {S.SENT, S.DELIVERED, S.UNDELIVERED}
    for line in seen.log:
        row = seen.rows.get(line.message)
        if row is None:
            yield f"the gateway has a text for {line.number} that no row knows"
            continue
        if row.status not in gone | {S.UNKNOWN}:
            yield f"message {row.pk} arrived, and is {S(row.status).name}"
        if (row.number, row.text) != (line.number, line.body):
            yield f"message {row.pk} arrived as another text"
        if row.status in gone and row.gateway_id != line.sid:
            yield f"message {row.pk} is known as {row.gateway_id!r}, the gateway says {line.sid}"
    yield from (f"message {key} counts as sent, and never arrived" for key in seen.having(*gone) - seen.arrived)


def figures_are_the_rows(seen: Seen):
    """(3) What is on screen is what the rows say; each text that may have left is one line of its contact's history."""
    for mailing in Mailing.objects.all():
        rows = [row for row in seen.rows.values() if row.mailing_id == mailing.pk]
        counted, segments = Counter(), Counter()
        for status, messages, size in MailingTally.objects.filter(mailing=mailing).values_list("status", "messages", "segments"):
            counted[status] += messages
            segments[status] += size
        real, long = Counter(row.status for row in rows), Counter()
        for row in rows:
            long[row.status] += row.segments
        if some(counted) != real or some(segments) != long:
            yield f"mailing {mailing.pk} counts {some(counted)} texts in {some(segments)} segments, its rows are {dict(real)} in {dict(long)}"
        shown = figures.of(mailing)
        for status in S:
            if status is not S.OPEN and getattr(shown, status.name.lower()) != real[status]:
                yield f"mailing {mailing.pk} shows {getattr(shown, status.name.lower())} {status.name}, its rows are {real[status]}"
    lines = Counter(Activity.objects.filter(kind=Activity.Kind.SMS_SENT).values_list("source", flat=True))
    expected = {key for key in seen.having(*ON_TIMELINE) if seen.rows[key].contact_id and seen.rows[key].kind != Message.Kind.TEST}
    yield from (f"message {key} has no line in its contact's history" for key in expected - lines.keys())
    yield from (f"message {key} has {n} lines in its contact's history" for key, n in lines.items() if n > 1)


def some(counted: Counter) -> dict[int, int]:
    """Without those that are none."""
    return {key: n for key, n in counted.items() if n}


def stops_are_obeyed(seen: Seen):
    """(4) Nothing to a number after it was suppressed, but the confirmation of that."""
    confirming = set(AutomaticReply.objects.filter(suppression__isnull=False).values_list("message", flat=True))
    since = {row.number: row.since.timestamp() for row in Suppression.objects.filter(ended_at=None)}
    for line in seen.log:
        if line.number in since and line.message not in confirming and line.at > since[line.number] + OBEYED_WITHIN:
            yield f"{line.number} got a text {line.at - since[line.number]:.1f} s after its STOP"


def money_is_counted_once(seen: Seen):
    """(5) What is charged is each text once, as long as what arrived; of an unknown one it is said that it may have been."""
    for line in seen.log:
        row = seen.rows.get(line.message)
        if row is not None and row.segments != measure(line.body).segments:
            yield f"message {row.pk} is billed as {row.segments} segments, {measure(line.body).segments} arrived"
    for mailing in Mailing.objects.all():
        charged = sum(row.segments for row in seen.rows.values() if row.mailing_id == mailing.pk and row.status in ACCEPTED)
        if (shown := figures.of(mailing).charged_segments) != charged:
            yield f"mailing {mailing.pk} shows {shown} segments to pay, its rows have {charged}"
        perhaps = sum(seen.rows[key].segments for key in seen.having(S.UNKNOWN) - seen.arrived if seen.rows[key].mailing_id == mailing.pk)
        real = sum(measure(line.body).segments for line in seen.log if (row := seen.rows.get(line.message)) and row.mailing_id == mailing.pk)
        if real + perhaps != charged:
            yield f"mailing {mailing.pk} charges {charged} segments; {real} arrived and {perhaps} may have"
