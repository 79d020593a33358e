"""Contacts that may be the same person, found in the background, and those of whom somebody said that they are not."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _


class DuplicateQuerySet(models.QuerySet["Duplicate"]):
    """Words for choosing what was found."""

    def to_look_at(self) -> "DuplicateQuerySet":
        """Not set aside."""
        return self.filter(set_aside_at__isnull=True)

    def about(self, contact_ids: list[int]) -> "DuplicateQuerySet":
        """Those with any of these contacts among their stored ids."""
        return self.filter(contacts__overlap=contact_ids)


class Duplicate(models.Model):
    """Contacts that share a number, an e-mail or a name. `key` is what they share, `size` how many they are.

    `contacts` holds the lowest hundred ids. One that a person set aside (a shared line, a common name) is kept, so that the next look
    does not bring it back.
    """

    class Kind(models.TextChoices):
        NUMBER = "number", _("same number")
        EMAIL = "email", _("same e-mail")
        NAME = "name", _("same name")

    class Confidence(models.IntegerChoices):
        WEAK = 1, _("Weak")
        LIKELY = 2, _("Likely")
        STRONG = 3, _("Very likely")

    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    key = models.CharField(max_length=420)
    contacts = ArrayField(models.BigIntegerField())  # ids, lowest first
    size = models.PositiveIntegerField(default=2, db_default=2)
    confidence = models.PositiveSmallIntegerField(_("confidence"), choices=Confidence, default=Confidence.WEAK, db_default=1)
    found_at = models.DateTimeField(_("found"))
    set_aside_at = models.DateTimeField(null=True, blank=True)
    set_aside_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = DuplicateQuerySet.as_manager()

    class Meta:
        verbose_name = _("duplicate")
        verbose_name_plural = _("duplicates")
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="duplicate_once")]
        indexes = [
            models.Index(fields=["-confidence", "id"], condition=models.Q(set_aside_at__isnull=True), name="duplicate_list"),  # the list
            models.Index(fields=["kind", "-confidence", "id"], condition=models.Q(set_aside_at__isnull=True), name="duplicate_by_kind"),
            models.Index(fields=["id"], condition=models.Q(set_aside_at__isnull=False), name="duplicate_aside"),
            GinIndex(fields=["contacts"], name="duplicate_contacts"),  # after a merge, and search by the people in it
            GinIndex(fields=["key"], opclasses=["gin_trgm_ops"], name="duplicate_key_trgm"),  # search by a part of what they share
        ]

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


class DuplicateLook(models.Model):
    """How far the look over all contacts is: one row, for the newest look."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Looking")
        FINISHED = "finished", _("Finished")
        FAILED = "failed", _("Failed")

    state = models.CharField(max_length=8, choices=State, default=State.FINISHED)
    step = models.PositiveSmallIntegerField(default=0)  # steps done
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("look for duplicates")
        verbose_name_plural = _("looks for duplicates")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="duplicate_look_is_one_row")]

    def __str__(self) -> str:
        return self.state

    @classmethod
    def current(cls) -> Self:
        """The row; made the first time it is asked for."""
        return cls.objects.get_or_create(id=1)[0]

    @property
    def at_work(self) -> bool:
        """Whether a look is under way or about to be."""
        return self.state in (self.State.WAITING, self.State.RUNNING)
