"""The queue of record: work is claimed by the chunk."""

from django.db import models
from django.db.models import Q

from campaigns.statuses import ChunkState


class Chunk(models.Model):
    """About two seconds of work for one provider: at most 500 messages, by position 0 … size−1.

    A claim sets owner (a random fence) and lease. `started_up_to` is moved ahead and committed before the calls of the
    next stride begin: after a crash rows from that position on were never started, rows before it without outcome are
    unknown. `hours`: those that its texts keep, all of them alike; nothing of it starts while they are closed.
    """

    class Priority(models.IntegerChoices):
        URGENT = 0
        BULK = 1

    mailing = models.ForeignKey("campaigns.Mailing", models.CASCADE, null=True, db_constraint=False, db_index=False, related_name="chunks")
    provider = models.ForeignKey("providers.Provider", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    priority = models.PositiveSmallIntegerField(choices=Priority)
    state = models.PositiveSmallIntegerField(choices=ChunkState, default=ChunkState.HELD)
    due_at = models.DateTimeField()
    turn = models.BigIntegerField(default=0, db_default=0)  # of bulk: where mailings on one provider take turns
    sender = models.CharField(max_length=16, blank=True, default="", db_default="")  # of all its texts, where rules chose it
    hours = models.ForeignKey("campaigns.OpenHours", models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+")
    size = models.PositiveIntegerField()
    started_up_to = models.PositiveIntegerField(default=0)
    owner = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    claims = models.PositiveSmallIntegerField(default=0)  # how often it was claimed: a poisoned one is noticed

    class Meta:
        indexes = [
            # claim: the next due chunk of a provider, urgent first, mailings in turn
            models.Index(fields=["provider", "priority", "turn", "due_at", "id"], condition=Q(state=ChunkState.READY), name="chunk_ready"),
            # what keeps hours, to be put off when they close; chunks without are not in it
            models.Index(
                fields=["hours", "due_at"], condition=Q(state__in=[ChunkState.HELD, ChunkState.READY], hours__isnull=False), name="chunk_keeping_hours"
            ),
            # sweep: leases that are over
            models.Index(fields=["lease_until"], condition=Q(state=ChunkState.CLAIMED), name="chunk_claimed"),
            # pause, cancel, finish: the open chunks of a mailing
            models.Index(fields=["mailing", "state"], name="chunk_of_mailing"),
        ]

    def __str__(self) -> str:
        return f"chunk {self.pk}"
