"""Contacts that may be the same person, found in the background, and those of whom somebody said that they are not."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Duplicate(models.Model):
    """Contacts that share a number, an e-mail or a name. `key` is what they share."""

    class Kind(models.TextChoices):
        NUMBER = "number", _("same number")
        EMAIL = "email", _("same e-mail")
        NAME = "name", _("same name")

    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    key = models.CharField(max_length=420)
    contacts = ArrayField(models.BigIntegerField())  # ids, lowest first
    found_at = models.DateTimeField(_("found"))

    class Meta:
        verbose_name = _("duplicate")
        verbose_name_plural = _("duplicates")
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="duplicate_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class NotDuplicate(models.Model):
    """Two contacts of whom a person said that they are two people; `first` has the lower id."""

    first = models.ForeignKey("contacts.Contact", models.CASCADE, related_name="+", db_index=False)
    second = models.ForeignKey("contacts.Contact", models.CASCADE, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["first", "second"], name="told_apart_once")]

    def __str__(self) -> str:
        return f"{self.first_id} is not {self.second_id}"
