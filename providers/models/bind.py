"""Which process holds a session with a gateway."""

from django.db import models


class Bind(models.Model):
    """One of the sessions that a provider may have at the same time, leased by one sender: by the database's clock, never by two at once.

    Its provider is a bare number: one that was only ever connected was never used, and can be deleted.
    """

    provider_id = models.BigIntegerField()
    number = models.PositiveSmallIntegerField()  # from 1
    owner = models.UUIDField(null=True)  # of the sender's run
    lease_until = models.DateTimeField(null=True)
    holder = models.CharField(max_length=80, blank=True)  # machine and process, for people
    bound_since = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)  # why it does not stand, in words

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider_id", "number"], name="bind_once")]

    def __str__(self) -> str:
        return f"bind {self.number} of provider {self.provider_id}"
