"""What a gateway posted to us, kept as it came."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from providers.models.provider import Provider


class WebhookEventQuerySet(models.QuerySet["WebhookEvent"]):
    """Words for choosing events."""

    def due(self, now: datetime) -> "WebhookEventQuerySet":
        """Stored and not yet applied, or unmatched and to be tried again."""
        return self.filter(models.Q(state="new") | models.Q(state="unmatched", due_at__lte=now))


class WebhookEvent(models.Model):
    """A raw, verified webhook. Stored once per content; applied afterwards; kept unmatched until its message is known."""

    class State(models.TextChoices):
        NEW = "new", _("New")
        APPLIED = "applied", _("Applied")
        UNMATCHED = "unmatched", _("Unmatched")
        BROKEN = "broken", _("Not understood")

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="webhook_events", db_index=False)
    event = models.CharField(_("event"), max_length=10)  # "status" or "inbound"
    query = models.CharField(max_length=500, blank=True)  # raw query string
    body = models.BinaryField()
    content_type = models.CharField(max_length=120, blank=True)
    digest = models.BinaryField(max_length=16)  # of event, query and body: a repeated post is stored once
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.NEW)
    problem = models.CharField(max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField(_("received"), auto_now_add=True)
    due_at = models.DateTimeField(null=True, blank=True)  # when an unmatched one is tried again; null: no more
    applied_at = models.DateTimeField(null=True, blank=True)

    objects = WebhookEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook event")
        verbose_name_plural = _("webhook events")
        constraints = [models.UniqueConstraint(fields=["provider", "digest"], name="webhook_stored_once")]
        indexes = [
            # what is still to be applied; applied rows leave the index
            models.Index(fields=["id"], condition=models.Q(state__in=["new", "unmatched"]), name="webhook_open"),
            # what could not be applied, for those who look at it and apply it again
            models.Index(fields=["-id"], condition=models.Q(state__in=["unmatched", "broken"]), name="webhook_trouble"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.id}"
