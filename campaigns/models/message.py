"""One text to one number."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from campaigns.statuses import NOT_BEGUN, ChunkState, MailingStatus, MessageStatus


class MessageQuerySet(models.QuerySet["Message"]):
    """Words for choosing messages."""

    def scheduled(self) -> "MessageQuerySet":
        """One-off texts for a date and time that have not left yet."""
        return self.filter(scheduled_at__isnull=False, status=MessageStatus.OPEN)

    def with_stage(self) -> "models.QuerySet[Any]":
        """Each with `stage`: the word that screens show, open ones split into scheduled, prepared, queued and sending."""
        started = Q(chunk__state=ChunkState.CLAIMED, position__lt=F("chunk__started_up_to"))
        waits = Q(scheduled_at__gt=Now())
        not_begun = Q(mailing__status__in=NOT_BEGUN) | Q(mailing__status=MailingStatus.PAUSED, mailing__status_before_pause__in=NOT_BEGUN)
        settled = [When(status=status, then=Value(status.name.lower())) for status in MessageStatus if status is not MessageStatus.OPEN]
        return self.annotate(
            stage=Case(
                *settled,
                When(waits, then=Value("scheduled")),
                When(not_begun, then=Value("prepared")),
                When(Q(mailing__status=MailingStatus.CANCELLED), then=Value("cancelled")),
                When(started, then=Value("sending")),
                default=Value("queued"),
                output_field=models.CharField(),
            )
        )


class Message(models.Model):
    """One text. Rows are many and hot: loose references without constraints, and no index mentions the status,
    so that writing an outcome stays inside the page (HOT)."""

    class Kind(models.IntegerChoices):
        BULK = 0, _("Bulk")
        ONE_OFF = 1, _("One-off")
        TEST = 2, _("Test")
        AUTOMATIC = 3, _("Automatic")

    class Encoding(models.IntegerChoices):
        GSM_7 = 0, "GSM-7"
        UCS_2 = 1, "UCS-2"

    @staticmethod
    def _loose(to: Any, **options: Any) -> Any:
        return models.ForeignKey(to, models.DO_NOTHING, null=True, blank=True, db_constraint=False, db_index=False, related_name="+", **options)

    mailing = _loose("campaigns.Mailing")
    contact = _loose("contacts.Contact")
    provider = _loose("providers.Provider")
    chunk = _loose("campaigns.Chunk")
    author = _loose(settings.AUTH_USER_MODEL)
    routing = _loose("campaigns.Routing")  # why it goes through its provider; none: as chosen with the text
    template = _loose("campaigns.SmsTemplate")
    template_version = models.PositiveIntegerField(null=True, blank=True)  # its number; of bulk messages the mailing says it
    position = models.PositiveIntegerField(default=0)
    kind = models.PositiveSmallIntegerField(_("kind"), choices=Kind, default=Kind.BULK)
    status = models.PositiveSmallIntegerField(_("status"), choices=MessageStatus, default=MessageStatus.OPEN)
    number = models.CharField(_("number"), max_length=16)
    sender = models.CharField(_("sender"), max_length=16, blank=True)
    subject = models.CharField(_("SMS name"), max_length=120, blank=True)  # empty for bulk: the mailing's name
    text = models.TextField(_("text"))
    encoding = models.PositiveSmallIntegerField(_("encoding"), choices=Encoding, default=Encoding.GSM_7)
    segments = models.PositiveSmallIntegerField(_("segments"), default=1)
    attempts = models.PositiveSmallIntegerField(default=0)
    gateway_id = models.CharField(max_length=80, blank=True)
    reason = models.CharField(_("reason"), max_length=40, blank=True)  # eligibility reason or neutral failure
    detail = models.CharField(_("detail"), max_length=200, blank=True)  # the gateway's own code and words
    idempotency_key = models.CharField(max_length=80, null=True, blank=True)
    again_of = models.BigIntegerField(null=True, blank=True)  # the message that this one repeats
    created_at = models.DateTimeField(_("queued"), auto_now_add=True)
    scheduled_at = models.DateTimeField(_("scheduled"), null=True, blank=True)  # of a one-off; its chunk is due then
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    reported_at = models.DateTimeField(_("reported"), null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        permissions = [("settle_unknown", "Can say what became of unknown texts, and send them again")]
        constraints = [
            # Nobody and no number gets two texts of one mailing, unless a person repeats one, which is possible once for each text.
            # The first also serves "messages of a mailing".
            models.UniqueConstraint("mailing", "contact", Coalesce("again_of", 0), condition=Q(mailing__isnull=False), name="message_once_per_contact"),
            models.UniqueConstraint(fields=["mailing", "number"], condition=Q(mailing__isnull=False, again_of__isnull=True), name="message_once_per_number"),
            models.UniqueConstraint(fields=["idempotency_key"], condition=Q(idempotency_key__isnull=False), name="message_once_per_key"),
        ]
        indexes = [
            models.Index(fields=["chunk", "position"], name="message_of_chunk"),  # claim and sweep
            # what a person sent once more of a mailing; hardly any message is in it
            models.Index(fields=["mailing"], condition=Q(again_of__isnull=False), name="message_again"),
            # where a template was used; bulk messages have none, for the mailing says it
            models.Index(fields=["template", "id"], condition=Q(template__isnull=False), name="message_of_template"),
            # the texts that one form queued: "begins with its key"; bulk messages have none
            models.Index(fields=["idempotency_key"], opclasses=["varchar_pattern_ops"], condition=Q(idempotency_key__isnull=False), name="message_by_form"),
            # what waits for a date and time, of a person and of all; bulk messages have none
            models.Index(fields=["contact", "scheduled_at"], condition=Q(scheduled_at__isnull=False), name="message_scheduled"),
            # what went to a number besides mailings, for its thread; bulk messages are not in it
            models.Index(fields=["number", "-id"], condition=Q(mailing__isnull=True), name="message_to_number"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class MessageTimeChange(models.Model):
    """Another time for one-off texts: of one text, or of all of a form."""

    key = models.CharField(max_length=80)  # the text's own, or what those of its form begin with
    at = models.DateTimeField(auto_now_add=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    before = models.DateTimeField()
    after = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["key"], name="time_change_of_texts")]

    def __str__(self) -> str:
        return f"{self.key}: {self.before} to {self.after}"
