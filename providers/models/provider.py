"""A configured gateway."""

import secrets as stdlib_secrets
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from smsapp.common.models import Timestamped
from smsapp.common.secrets import EncryptedJSONField
from smsapp.common.sentences import Sentence, of, retold


def kinds() -> list[tuple[str, Any]]:
    """Choices of the kind field, read from the backends (a callable, so that a new kind needs no migration)."""
    from providers import registry

    return registry.choices()


def new_token() -> str:
    """An unguessable part of a webhook address."""
    return stdlib_secrets.token_urlsafe(18)


class ProviderQuerySet(models.QuerySet["Provider"]):
    """Words for choosing providers."""

    def active(self) -> "ProviderQuerySet":
        """Those that may be chosen for new texts, default first."""
        return self.filter(active=True).order_by("-is_default", "name")


class Provider(Timestamped):
    """Credentials, senders and limits of one gateway account. Rows are deactivated, never deleted once used."""

    class Lane(models.TextChoices):
        RUNNING = "running", _("Running")
        SLOWED = "slowed", _("Slowed")
        PAUSED = "paused", _("Paused")

    name = models.CharField(_("name"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=30, choices=kinds)
    options = models.JSONField(_("options"), default=dict, blank=True)  # what the backend declares, not secret
    secrets = EncryptedJSONField(_("secrets"), default=dict, blank=True)  # what the backend declares as secret
    senders = models.JSONField(_("senders"), default=list, blank=True)  # list of str, first is the default
    is_default = models.BooleanField(_("default"), default=False)
    active = models.BooleanField(_("active"), default=True)
    rate = models.PositiveIntegerField(
        _("segments per second"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(100_000)],
        help_text=_("At most so many segments leave in a second, from all workers together."),
    )
    sender_rate = models.PositiveIntegerField(
        _("segments per second of a sender"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100_000)],
        help_text=_("At most so many segments leave from one sender in a second. Empty: only the provider's limit holds."),
    )
    daily_limit = models.PositiveIntegerField(
        _("texts per day"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("At most so many texts leave from midnight to midnight, in the organisation's time zone; the others wait. Empty: no limit."),
    )
    max_segments = models.PositiveSmallIntegerField(_("most segments per text"), default=1, validators=[MinValueValidator(1), MaxValueValidator(10)])
    price_per_segment = models.DecimalField(_("price per segment"), max_digits=8, decimal_places=5, default=0, validators=[MinValueValidator(0)])
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    default_region = models.CharField(_("default region"), max_length=2, blank=True, help_text=_("Empty: the organisation's."))
    allowed_countries = models.JSONField(_("allowed countries"), default=list, blank=True, help_text=_("Two-letter codes; empty: all."))
    webhook_token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    lane = models.CharField(_("lane"), max_length=8, choices=Lane, default=Lane.RUNNING, editable=False)
    lane_reason = models.CharField(max_length=300, blank=True, editable=False)  # in words, for staff
    lane_reason_in = models.JSONField(default=list, db_default=[], editable=False)  # the same as smsapp.common.sentences keeps it
    # why it is paused or slowed, where no person did it: the gateway's neutral category, or that it has had its texts of the day
    lane_cause = models.CharField(max_length=40, blank=True, default="", db_default="", editable=False)
    slowed_until = models.DateTimeField(null=True, blank=True, editable=False)
    last_error = models.CharField(_("last error"), max_length=300, blank=True, editable=False)
    last_error_in = models.JSONField(default=list, db_default=[], editable=False)
    last_error_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ProviderQuerySet.as_manager()

    class Meta:
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=models.Q(is_default=True), name="one_default_provider"),
            models.CheckConstraint(condition=models.Q(is_default=False) | models.Q(active=True), name="default_provider_is_active"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def lane_words(self) -> Sentence:
        """Why the lane is slowed or paused, in the reader's language."""
        return retold(self.lane_reason_in) or of(self.lane_reason)

    @property
    def last_error_words(self) -> Sentence:
        """The last trouble, likewise."""
        return retold(self.last_error_in) or of(self.last_error)

    @property
    def pace(self) -> int:
        """Segments per second of a mailing, which has one sender."""
        return min(self.rate, self.sender_rate or self.rate)
