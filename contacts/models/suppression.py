"""Numbers that must not be texted: they hold for everybody who has the number and outlive the contact."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Suppression(models.Model):
    """A number that asked not to be texted, or that staff blocked. Ended rows are kept as history."""

    class Reason(models.TextChoices):
        STOP = "stop", _("STOP received")
        STAFF = "staff", _("blocked by staff")
        GATEWAY = "gateway", _("opted out at the gateway")
        LINK = "link", _("opted out by link")

    number = models.CharField(_("number"), max_length=16)
    reason = models.CharField(_("reason"), max_length=8, choices=Reason)
    note = models.CharField(_("note"), max_length=300, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    since = models.DateTimeField(_("since"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    ended_because = models.CharField(_("ended because"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        constraints = [models.UniqueConstraint(fields=["number"], condition=models.Q(ended_at__isnull=True), name="suppressed_once")]
        indexes = [models.Index(fields=["number"], opclasses=["text_pattern_ops"], name="suppression_by_number")]  # history of a number, search

    def __str__(self) -> str:
        return self.number


class Quarantine(models.Model):
    """A number that failed for good (hard), or too often (soft); an administrator can end it with a reason."""

    number = models.CharField(_("number"), max_length=16)
    reason = models.CharField(_("reason"), max_length=100)  # a neutral failure's code, or a person's words
    message = models.BigIntegerField(null=True, editable=False)  # plain id of the upper app's text whose failure brought it here
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    since = models.DateTimeField(_("since"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    ended_because = models.CharField(_("ended because"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("quarantine")
        verbose_name_plural = _("quarantines")
        constraints = [models.UniqueConstraint(fields=["number"], condition=models.Q(ended_at__isnull=True), name="quarantined_once")]
        indexes = [models.Index(fields=["number"], opclasses=["text_pattern_ops"], name="quarantine_by_number")]  # history of a number, search

    def __str__(self) -> str:
        return self.number
