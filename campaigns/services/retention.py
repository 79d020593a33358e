"""Removes texts, recipients and those left out of mailings that ended long ago; what they add up to stays and is told as before.

A purge begins under the lock on the mailing's row, where it is decided once that nothing may still need the rows: from then on nobody can choose
its recipients any more. Rows go in batches, each a transaction that also counts what went (PurgedCount), so that counts and rows together are
true after every batch, whoever dies. The counters (MailingTally) have no person in them and are never purged.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.audience import CHOOSABLE
from campaigns.models import Chunk, Exclusion, Mailing, Message, PurgedCount
from campaigns.pipeline.finish import fold
from campaigns.questions import CAMPAIGN, MAILING
from campaigns.statuses import ChunkState, MessageStatus
from contacts.smart.nesting import groups_that_read
from smsapp.common import audit
from smsapp.common.bidi import isolated
from smsapp.common.retention import Kind, Round

BATCH = 5_000  # rows of one transaction
UNSETTLED = (MessageStatus.OPEN, MessageStatus.UNKNOWN)
MOVING = (ChunkState.HELD, ChunkState.READY, ChunkState.CLAIMED)

COUNT = """
    INSERT INTO campaigns_purgedcount AS p (mailing_id, status, reason, messages, segments)
    SELECT %(mailing)s, status, reason, count(*), sum(segments) FROM gone GROUP BY status, reason
    ON CONFLICT (mailing_id, status, reason) DO UPDATE SET messages = p.messages + excluded.messages, segments = p.segments + excluded.segments
    RETURNING 1"""
# A text that a report is settling is left to the next round, and so is one that is not settled, although there should be none. The batch is chosen
# once: a plan that asks for it again for each row would find other rows each time, since those that it has locked are skipped.
TEXTS = f"""
    WITH chosen AS MATERIALIZED (
             SELECT id FROM campaigns_message WHERE mailing_id = %(mailing)s AND status NOT IN (0, 30) LIMIT %(batch)s FOR UPDATE SKIP LOCKED),
         texts AS (DELETE FROM campaigns_message WHERE id IN (SELECT id FROM chosen) RETURNING status, reason, segments, again_of),
         gone AS (SELECT status, reason, segments FROM texts
                   UNION ALL SELECT {PurgedCount.AGAIN}, '', 0 FROM texts WHERE again_of IS NOT NULL),
         counted AS ({COUNT})
    SELECT count(*) FROM texts"""  # noqa: S608 (the statement above)
LEFT_OUT = f"""
    WITH gone AS (DELETE FROM campaigns_exclusion WHERE id IN (SELECT id FROM campaigns_exclusion WHERE mailing_id = %(mailing)s LIMIT %(batch)s)
                  RETURNING {PurgedCount.LEFT_OUT} AS status, reason, 0 AS segments),
         counted AS ({COUNT})
    SELECT count(*) FROM gone"""  # noqa: S608
CHUNKS = """
    WITH gone AS (DELETE FROM campaigns_chunk WHERE id IN (
                      SELECT id FROM campaigns_chunk WHERE mailing_id = %(mailing)s AND state IN (3, 4) LIMIT %(batch)s) RETURNING 1)
    SELECT count(*) FROM gone"""
STEPS = (("texts", TEXTS), ("people left out", LEFT_OUT), ("chunks", CHUNKS))


def purge(before: datetime, this: Round) -> None:
    """Mailings whose purge was broken off, then those that ended before; one after the other."""
    for mailing in Mailing.objects.filter(purging=True).order_by("id"):
        _go_on(mailing, this)
    for mailing in _old(before):
        if this.is_over:
            return
        if why := why_kept(mailing, before):
            this.kept.append(_("“%(mailing)s”: %(why)s") % {"mailing": isolated(mailing.name), "why": why})
        elif this.dry_run or _begin(mailing, before):
            _go_on(mailing, this)


def _old(before: datetime) -> QuerySet[Mailing]:
    return Mailing.objects.filter(status__in=CHOOSABLE, finished_at__lt=before, purged_at=None).order_by("finished_at", "id")


def why_kept(mailing: Mailing, before: datetime) -> str:
    """What may still need the rows of a mailing that ended long enough ago, in words."""
    if Chunk.objects.filter(Q(state__in=MOVING) | Q(due_at__gte=before), mailing=mailing).exists():
        return _("some of its texts were sent later, or are still to be sent.")
    if Message.objects.filter(mailing=mailing, status__in=UNSETTLED).exists():
        return _("of some of its texts nobody knows yet whether they were sent.")
    return _asked_for(mailing)


def _asked_for(mailing: Mailing) -> str:
    """Without its rows these would choose other people, and text somebody twice."""
    waiting = Mailing.objects.filter(Q(include_mailings=mailing) | Q(exclude_mailings=mailing)).exclude(status__in=CHOOSABLE).distinct()
    if names := _listed(waiting.order_by("name").values_list("name", flat=True)):
        return _("its recipients are part of mailings that have not gone out: %(names)s.") % {"names": names}
    groups = [*groups_that_read(MAILING, mailing.pk), *(groups_that_read(CAMPAIGN, mailing.campaign_id) if mailing.campaign_id else ())]
    if names := _listed(sorted({group.name for group in groups})):
        return _("the rules of smart groups ask for it or its campaign: %(names)s.") % {"names": names}
    return ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(_("“%(text)s”") % {"text": isolated(name)} for name in names)


@transaction.atomic
def _begin(mailing: Mailing, before: datetime) -> bool:
    """From here on its recipients are no longer known. Whoever is choosing them at this moment holds a lock on the row: then another time."""
    row = Mailing.objects.select_for_update(of=("self",), skip_locked=True).filter(id=mailing.pk, status__in=CHOOSABLE, purged_at=None).first()
    if row is None or why_kept(row, before):
        return False
    fold(row.pk)
    Mailing.objects.filter(id=row.pk).update(purged_at=Now(), purging=True)
    audit.note(row, "recipients purged", before=before.date())
    return True


def _go_on(mailing: Mailing, this: Round) -> None:
    if this.dry_run:
        this.rows["texts"] += Message.objects.filter(mailing=mailing).count()
        this.rows["people left out"] += Exclusion.objects.filter(mailing=mailing).count()
        return
    for what, statement in STEPS:
        while not this.is_over:
            gone = _batch(mailing, statement)
            this.rows[what] += gone
            if gone < BATCH:
                break
    _end(mailing)


def _batch(mailing: Mailing, statement: str) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, {"mailing": mailing.pk, "batch": BATCH})
        return int(cursor.fetchone()[0])


def _end(mailing: Mailing) -> None:
    """Nothing is left to remove."""
    rows = (Message, Exclusion, Chunk)
    if not any(model.objects.filter(mailing_id=mailing.pk).exists() for model in rows):
        Mailing.objects.filter(id=mailing.pk).update(purging=False)


KIND = Kind(gettext_lazy("Texts of mailings"), "message_days", purge)
