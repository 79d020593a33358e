"""How a provider's texts went, in slots of five minutes: what its health and its alarm are read from."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from campaigns.models.message import Message


class LaneTally(models.Model):
    """So many texts went so, in the slot in which it was written. Every bulk write appends rows, nobody locks any; a fold sums them up.

    `what` is ACCEPTED, REFUSED or UNKNOWN, or of a report DELIVERED or UNDELIVERED plus the place of its delay in `campaigns.services.lanes`.
    Of tests it is the same plus TESTS, for they are told apart.
    """

    ACCEPTED, REFUSED, UNKNOWN, DELIVERED, UNDELIVERED = 0, 1, 2, 100, 200
    REPORTS: ClassVar[int] = DELIVERED  # from here on it is a report
    TESTS: ClassVar[int] = 1_000  # from here on it is of a test

    provider = Message._loose("providers.Provider")
    slot = models.DateTimeField()
    what = models.PositiveSmallIntegerField()
    texts = models.IntegerField()
    folded = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [
            models.Index(fields=["slot"], include=["provider", "what", "texts"], name="lane_tally_slot"),  # of the last hours or days
            models.Index(fields=["slot"], condition=Q(folded=False), name="lane_tally_open"),  # the fold
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.slot} {self.what}: {self.texts}"
