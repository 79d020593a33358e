"""Rules that are too long for an address, so that a link can lead to them."""

from django.db import models
from django.utils import timezone


class KeptSearch(models.Model):
    """A tree of `contacts.smart.rules`, complete or not, as JSON under a short id made of its contents; written by `contacts.smart.addresses`."""

    token = models.CharField(primary_key=True, max_length=40)
    rules = models.TextField()
    used_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.token
