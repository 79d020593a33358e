"""A line in a contact's history."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models.contact import Contact


class ActivityQuerySet(models.QuerySet["Activity"]):
    """Words for choosing activities."""

    def of(self, contact: Contact) -> "ActivityQuerySet":
        """The history of a person: the contact's own, and of those who were merged into it."""
        return self.filter(contact__in=contact.past_ids())


RARE_KINDS = ("sms_received", "note", "call", "consent")


class Activity(models.Model):
    """What happened, when, by whom. `source` is the plain id of the upper app's row that tells the rest (a message)."""

    class Kind(models.TextChoices):
        SMS_SENT = "sms_sent", _("Text Message (SMS) sent")
        SMS_RECEIVED = "sms_received", _("Text Message (SMS) received")
        NOTE = "note", _("Note")
        CALL = "call", _("Call")
        CONSENT = "consent", _("Consent")
        CHANGE = "change", _("Change")

    contact = models.ForeignKey("contacts.Contact", models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="activities")
    kind = models.CharField(_("type"), max_length=12, choices=Kind)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    details = models.TextField(_("details"), blank=True)
    at = models.DateTimeField(_("date"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, blank=True, db_constraint=False, db_index=False, related_name="+", verbose_name=_("author")
    )
    source = models.BigIntegerField(null=True, blank=True)
    extra = models.JSONField(null=True, blank=True, editable=False)  # what a kind keeps besides: a call's direction, number and minutes

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        constraints = [
            # one activity per message, however often its outcome is written
            models.UniqueConstraint(fields=["source", "kind"], condition=models.Q(source__isnull=False), name="activity_once_per_source"),
        ]
        indexes = [
            models.Index(fields=["contact", "-at", "-id"], name="activity_by_date"),  # a contact's timeline, newest first
            # "replied", "was called": kinds that sending and imports do not write
            models.Index(fields=["kind", "at"], include=["contact"], condition=models.Q(kind__in=RARE_KINDS), name="activity_rare"),
            BrinIndex(fields=["at"], autosummarize=True, name="activity_at"),  # "texted within N days": rows come in order of time, so a few bytes do
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"
