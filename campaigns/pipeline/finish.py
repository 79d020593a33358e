"""Close what has nothing open: mailings that are through, and the messages of cancelled chunks."""

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from campaigns.models import Chunk, Mailing, MailingTally
from campaigns.services import lane_tallies, transitions
from campaigns.signals import mailing_finished
from campaigns.statuses import ChunkState, MailingStatus, MessageStatus
from contacts.smart import due

OPEN_STATES = (ChunkState.HELD, ChunkState.READY, ChunkState.CLAIMED)
BATCHES = 25  # of cancelled chunks per call: a tick stays short
FOLD_FROM = 200  # rows of differences per mailing that are worth summing up


def finish() -> None:
    """Everything of this stage; each part changes nothing where there is nothing to do."""
    follow_mailings()
    settle_cancelled()
    give_up()
    close_mailings()
    fold_tallies()
    lane_tallies.fold()


# A chunk that was given back while its mailing was just being paused, resumed or cancelled may have taken the older state.
FOLLOW = """
    UPDATE campaigns_chunk c SET state = CASE g.status WHEN 'sending' THEN 1 ELSE 4 END
      FROM campaigns_mailing g
     WHERE g.id = c.mailing_id
       AND (g.status = 'sending' AND c.state = 0 OR g.status = 'cancelled' AND g.finished_at > now() - interval '1 day' AND c.state IN (0, 1))"""


def follow_mailings() -> None:
    """Let every chunk be where its mailing is."""
    with connection.cursor() as cursor:
        cursor.execute(FOLLOW)


def close_mailings() -> None:
    """A sending mailing without an open chunk is finished; the one who closes it sends the signal, and smart groups look who was texted."""
    through = Mailing.objects.filter(status=MailingStatus.SENDING).exclude(Exists(Chunk.objects.filter(mailing_id=OuterRef("id"), state__in=OPEN_STATES)))
    closed = [mailing for mailing in through if transitions.move_mailing(mailing.id, MailingStatus.FINISHED, finished_at=timezone.now())]
    for mailing in closed:
        mailing_finished.send_robust(sender=Mailing, mailing=mailing)
    if closed:
        due.texts_left()


def settle_cancelled() -> None:
    """Open messages of cancelled chunks become cancelled, a few chunks at a time; the emptied chunks are done."""
    cancelled = Chunk.objects.filter(state=ChunkState.CANCELLED, mailing__status=MailingStatus.CANCELLED).order_by("id")
    for _batch in range(BATCHES):
        chunks = list(cancelled.values_list("id", flat=True)[:20])
        if not chunks:
            return
        transitions.settle_open(chunks, MessageStatus.CANCELLED, reason="cancelled")
        Chunk.objects.filter(id__in=chunks).update(state=ChunkState.DONE)


def give_up() -> None:
    """What has not left when its mailing is of no use any more is skipped, some chunks at a time; what a worker holds comes back within seconds."""
    over = Chunk.objects.filter(state=ChunkState.READY, mailing__status=MailingStatus.SENDING, mailing__expires_at__lte=Now()).order_by("id")
    for _batch in range(BATCHES):
        with transaction.atomic():
            chunks = list(over.select_for_update(of=("self",), skip_locked=True).values_list("id", flat=True)[:20])
            transitions.settle_open(chunks, MessageStatus.SKIPPED, reason="expired")
            Chunk.objects.filter(id__in=chunks).update(state=ChunkState.DONE)
        if not chunks:
            return


FOLD = """
    WITH old AS (DELETE FROM campaigns_mailingtally WHERE mailing_id = %s RETURNING mailing_id, status, messages, segments)
    INSERT INTO campaigns_mailingtally (mailing_id, status, messages, segments)
    SELECT mailing_id, status, sum(messages), sum(segments) FROM old GROUP BY mailing_id, status"""


def fold_tallies() -> None:
    """Sum up the differences of mailings that have many; a sum before and after is the same."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT mailing_id FROM {MailingTally._meta.db_table} GROUP BY mailing_id HAVING count(*) > %s", [FOLD_FROM])  # noqa: S608
        found = cursor.fetchall()
    for (mailing_id,) in found:
        fold(mailing_id)


def fold(mailing_id: int) -> None:
    """One row for each status."""
    with connection.cursor() as cursor:
        cursor.execute(FOLD, [mailing_id])
