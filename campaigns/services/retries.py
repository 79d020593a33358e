"""Texts that failed for good, sent once more because a person wants it: new texts that are linked to the old ones, which stay what they are.

Each text is sent again once (by its key, which the table keeps unique), and the new one again if that fails too: so of one text never two are
on their way. Everybody is judged as at every start.
"""

import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import CharField, Count, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from campaigns import troubles
from campaigns.models import Mailing, Message
from campaigns.services import again, figures
from smsapp.common import audit

MOST, SECONDS, BATCH = 5_000, 5.0, 250  # as for unknown texts: who has more is told what is left


@dataclass(slots=True)
class Done:
    """How many were queued once more, whom nobody may text again and why, and what somebody else had sent again before."""

    done: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    late: int = 0


def failed() -> QuerySet[Message]:
    """Texts that did not arrive for sure, and that nobody sent again."""
    key = Concat(Value(again.ONCE_MORE), Cast(OuterRef("pk"), CharField()))
    return Message.objects.filter(status__in=troubles.FAILED).exclude(Exists(Message.objects.filter(idempotency_key=key)))


def of_mailing(mailing: Mailing, stage: str = "", reason: str | None = None) -> QuerySet[Message]:
    """Those of a mailing, in one state or with one cause."""
    found = failed().filter(mailing=mailing)
    if stage in troubles.STAGES:
        found = found.filter(status=troubles.FAILED[troubles.STAGES.index(stage)])
    return found if reason is None else found.filter(reason=reason)


def possible(mailing: Mailing) -> bool:
    """Whether texts of it may be sent again at all."""
    return mailing.status in again.OPEN_MAILINGS


def left_of(mailing: Mailing, causes: Iterable[tuple[int, str, int]]) -> dict[tuple[int, str], int]:
    """Failed texts of a mailing that nobody sent again, by status and reason: of what its page counts, without those that were."""
    again_of = Message.objects.filter(mailing=mailing, again_of__isnull=False).values("again_of")  # hardly any
    rows = Message.objects.filter(pk__in=again_of, status__in=troubles.FAILED).order_by().values_list("status", "reason")
    gone = Counter({(status, reason): n for status, reason, n in rows.annotate(texts=Count("id"))})
    left = Counter({(status, reason): n - gone[status, reason] for status, reason, n in causes if status in troubles.FAILED})
    if gone and left.total() <= again.FEW and mailing.targeted < figures.LARGE:
        left.subtract(_stuck(mailing))
    return dict(left)


def _stuck(mailing: Mailing) -> Counter[tuple[int, str]]:
    """Of the last few, those that nobody may text any more: they are not offered for ever."""
    rows = again.with_their_own(of_mailing(mailing)[: again.FEW])
    refused = again.refusals(rows)
    return Counter((row.status, row.reason) for row in rows if row.pk in refused)


def by_cause(texts: QuerySet[Message]) -> list[tuple[troubles.Trouble, int]]:
    """What keeps them from arriving, and how many each, most first."""
    rows = texts.order_by().values_list("reason", "status").annotate(texts=Count("id"))
    found: Counter[tuple[str, int]] = Counter({(reason, status): n for reason, status, n in rows})
    return [(troubles.of(reason, troubles.STAGES[troubles.FAILED.index(status)]), n) for (reason, status), n in found.most_common()]  # type: ignore[arg-type]


def send(ids: Collection[int], by: Any) -> Done:
    """Queue these once more, in batches with a transaction each; no more than `MOST`, for no longer than `SECONDS`."""
    found, ends = Done(), time.monotonic() + SECONDS
    for batch in _batches(sorted(set(ids))[:MOST]):
        if time.monotonic() > ends:
            break
        _send(batch, by, found)
    return found


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


@transaction.atomic
def _send(ids: Sequence[int], by: Any, found: Done) -> None:
    rows = Message.objects.filter(id__in=ids, status__in=troubles.FAILED).order_by("id").select_for_update(of=("self",))
    held = again.with_their_own(rows)  # who asks at the same moment waits here, and sees what we did
    known = again.with_copies([message.pk for message in held])
    done = again.send([message for message in held if message.pk not in known], by, found.refused)
    audit.note_many(done, "sent again", by)
    found.done += len(done)
    found.late += len(ids) - len(held) + len(known)
