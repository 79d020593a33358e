"""Parts of texts: ids under which a gateway knows what we sent, and pieces of longer texts that came in."""

from django.db import models
from django.db.models import Q

from providers.models.provider import Provider


class SentPart(models.Model):
    """The gateway's id of a text, or of one part of it, where its reports name nothing else. A gateway that uses an id again means the newer text."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="sent_parts", db_index=False)
    gateway_id = models.CharField(max_length=80)
    reference = models.CharField(max_length=40)  # ours, signed
    parts = models.PositiveSmallIntegerField(default=1)  # of the text
    status = models.CharField(max_length=12, blank=True)  # the last that was reported; only of texts with several parts
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "gateway_id"], name="sent_part_once")]
        # the other parts of a text; of most there are none
        indexes = [models.Index(fields=["reference"], condition=Q(parts__gt=1), name="sent_part_of_text")]

    def __str__(self) -> str:
        return self.gateway_id


class InboundPart(models.Model):
    """A piece of a text that somebody sent us, until the others are here, over whichever session they come."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="inbound_parts", db_index=False)
    key = models.CharField(max_length=80)  # what the pieces of one text have in common
    number = models.PositiveSmallIntegerField()
    total = models.PositiveSmallIntegerField()
    query = models.CharField(max_length=500)
    body = models.BinaryField()
    content_type = models.CharField(max_length=120)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "key", "number"], name="inbound_part_once")]

    def __str__(self) -> str:
        return f"{self.number} of {self.total}"
