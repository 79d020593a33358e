"""A bulk SMS, its story and its counters."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from campaigns.models.template import LANGUAGES, Kind
from campaigns.statuses import DRAFTS, LAUNCHED, MailingStatus, MessageStatus
from contacts.models.folding import folded
from smsapp.common.models import Timestamped
from smsapp.common.sentences import retold

UNDATED = models.Q(started_at=None, scheduled_at=None)  # it has not begun, and nobody has said when
BY_DATE = ("archived", "role", Coalesce("started_at", "scheduled_at", "created_at").desc(), F("id").desc())  # of an index
AUDIENCE = ("include_groups", "exclude_groups", "include_mailings", "exclude_mailings")  # the fields that choose who gets a mailing


class Role(models.TextChoices):
    """What a mailing is for somebody who makes mailings by a rule, such as a workflow."""

    ORDINARY = "", _("mailing")
    CONTENT = "content", _("text of a workflow")  # never prepared itself: each send is made of it
    SEND = "send", _("one of several sends")


class MailingQuerySet(models.QuerySet["Mailing"]):
    """Words for choosing mailings."""

    def drafts(self) -> "MailingQuerySet":
        """Drafts and unscheduled."""
        return self.without_texts().filter(status__in=DRAFTS, archived=False)

    def without_texts(self) -> "MailingQuerySet":
        """Less those that hold the text of a workflow: they are sent to nobody, and have a page of their own."""
        return self.exclude(role=Role.CONTENT)

    def without_sends(self) -> "MailingQuerySet":
        """Less those that stand for one of many: lists show them only to who asks."""
        return self.exclude(role=Role.SEND)

    def sends(self) -> "MailingQuerySet":
        """Only those."""
        return self.filter(role=Role.SEND)

    def launched(self) -> "MailingQuerySet":
        """Scheduled and sent."""
        return self.filter(status__in=LAUNCHED, archived=False)


class Mailing(Timestamped):
    """One bulk SMS: name, provider, audience, text, schedule. The draft row is the wizard's memory.

    `status` is changed by campaigns.services.transitions only.
    """

    name = models.CharField(_("SMS name"), max_length=120)
    campaign = models.ForeignKey("campaigns.Campaign", models.SET_NULL, null=True, blank=True, related_name="mailings", verbose_name=_("campaign"))
    include_groups = models.ManyToManyField("contacts.Group", blank=True, related_name="+", verbose_name=_("included groups"))
    exclude_groups = models.ManyToManyField("contacts.Group", blank=True, related_name="+", verbose_name=_("excluded groups"))
    include_mailings = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="+", verbose_name=_("included mailings"))
    exclude_mailings = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="+", verbose_name=_("excluded mailings"))
    provider = models.ForeignKey("providers.Provider", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("provider"))
    sender = models.CharField(_("sender"), max_length=16, blank=True)
    template = models.ForeignKey("campaigns.SmsTemplate", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("template"))
    template_version = models.ForeignKey("campaigns.SmsTemplateVersion", models.SET_NULL, null=True, blank=True, related_name="+", editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.MARKETING)
    text = models.TextField(_("text"), blank=True)  # of everybody whose language is none of `translations`
    language = models.CharField(_("language"), max_length=2, blank=True, choices=LANGUAGES)  # of `text`
    translations = models.JSONField(_("in other languages"), default=dict, blank=True)  # {"fr": "…"}
    max_segments = models.PositiveSmallIntegerField(_("most segments"), default=1, validators=[MinValueValidator(1), MaxValueValidator(10)])
    series = models.CharField(_("series"), max_length=60, blank=True, default="", db_default="")  # of reminders: services.series
    rest_hours = models.PositiveSmallIntegerField(
        _("leave out who was texted within hours"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(24 * 30)]
    )
    give_up_after = models.PositiveSmallIntegerField(
        _("give up after hours"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(24 * 30)]
    )
    expires_at = models.DateTimeField(null=True, editable=False)  # what has not left by then does not leave any more
    recount = models.BooleanField(_("recalculate recipients at send time"), default=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("author"))
    status = models.CharField(_("status"), max_length=10, choices=MailingStatus, default=MailingStatus.DRAFT, editable=False)
    status_before_pause = models.CharField(max_length=10, blank=True, editable=False)
    problem = models.CharField(max_length=300, blank=True, editable=False)  # why it is paused or in error, in words
    problem_in = models.JSONField(default=list, db_default=[], editable=False)  # the same as smsapp.common.sentences keeps it
    role = models.CharField(max_length=8, choices=Role, blank=True, default=Role.ORDINARY, db_default=Role.ORDINARY, editable=False)
    population = models.BigIntegerField(null=True, editable=False)  # people whom an upper app chose: campaigns.slots.populations knows them
    archived = models.BooleanField(_("archived"), default=False)
    version = models.PositiveIntegerField(default=0, editable=False)  # counts saves: two editors are told of each other
    scheduled_at = models.DateTimeField(_("scheduled"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True, editable=False)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False)
    started_at = models.DateTimeField(_("started"), null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True, editable=False)
    preparation = models.UUIDField(null=True, editable=False)  # which preparation is the valid one: an older one stops
    prepared_up_to = models.BigIntegerField(default=0, editable=False)  # contact id: preparation goes on after it
    targeted = models.PositiveIntegerField(default=0, editable=False)  # people chosen so far by preparation
    audience_size = models.PositiveIntegerField(default=0, editable=False)  # people to look at, counted when preparation began

    purged_at = models.DateTimeField(null=True, editable=False)  # when its texts and recipients began to be removed (services.retention)
    purging = models.BooleanField(default=False, db_default=False, editable=False)  # some of them are still there

    plan = models.JSONField(default=dict, editable=False)  # what the last preparation found, for the plan's page (campaigns.plans)
    planned = models.JSONField(default=dict, editable=False)  # the plan that somebody confirmed, to compare with what came of it

    objects = MailingQuerySet.as_manager()
    DATE: ClassVar[Coalesce] = Coalesce("started_at", "scheduled_at", "created_at")  # when it began or is to begin, else when it was made

    class Meta:
        verbose_name = _("mailing")
        verbose_name_plural = _("mailings")
        permissions = [("launch_mailing", "Can confirm, schedule, pause and cancel mailings"), ("long_texts", "Can send more than one segment")]
        indexes = [
            models.Index(fields=["-id"], condition=models.Q(archived=False), name="mailing_list"),
            models.Index(fields=["-id"], condition=models.Q(archived=False) & ~models.Q(role="send"), name="mailing_list_usual"),
            # the list of marketing activities, and names in all lists
            models.Index(*BY_DATE, condition=~UNDATED, name="mailing_dated"),
            models.Index(*BY_DATE, condition=UNDATED, name="mailing_undated"),
            models.Index(fields=["archived", "role", "name", "id"], name="mailing_by_name"),
            GinIndex(OpClass(folded("name"), name="gin_trgm_ops"), name="mailing_name_trgm"),
            # the tick: what is due, what is under way
            models.Index(fields=["scheduled_at"], condition=models.Q(status="scheduled"), name="mailing_due"),
            models.Index(fields=["series", "-id"], condition=~models.Q(series=""), name="mailing_of_series"),
            models.Index(fields=["expires_at"], condition=models.Q(status="sending", expires_at__isnull=False), name="mailing_expires"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def trouble(self) -> str:
        """Why it is paused, in error, or waits for somebody, for who reads it now."""
        return retold(self.problem_in) or self.problem

    @property
    def is_made(self) -> bool:
        """Whether an upper app such as a workflow made it, or keeps its text in it, and goes by it."""
        return self.population is not None or self.role == Role.CONTENT

    @property
    def is_marketing(self) -> bool:
        """Whether those who want no advertising are left out."""
        return self.kind == Kind.MARKETING


class MailingEvent(models.Model):
    """A line in a mailing's story: what happened, when, by whom."""

    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="events")
    at = models.DateTimeField(auto_now_add=True)
    status = models.CharField(max_length=10, choices=MailingStatus)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    note_in = models.JSONField(default=list, db_default=[])  # the same as smsapp.common.sentences keeps it
    scheduled_for = models.DateTimeField(null=True, blank=True)  # the time that somebody chose then

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.mailing_id}: {self.status}"

    @property
    def remark(self) -> str:
        """The note, for who reads it now."""
        return retold(self.note_in) or self.note


class MailingChange(models.Model):
    """A save of a draft: who made this version of it, and which parts differ from the one before (keys of services.changes)."""

    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="changes", db_index=False)
    version = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    parts = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["mailing", "version"], name="change_of_mailing")]

    def __str__(self) -> str:
        return f"{self.mailing_id} version {self.version}"


class MailingTally(models.Model):
    """Counters as differences: every bulk write appends rows, nobody locks the mailing; a fold sums them up now and then."""

    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="tallies", db_index=False)
    status = models.PositiveSmallIntegerField(choices=MessageStatus)
    messages = models.IntegerField()
    segments = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["mailing", "status"], include=["messages", "segments"], name="tally_of_mailing")]

    def __str__(self) -> str:
        return f"{self.mailing_id} {self.status} {self.messages:+d}"


class PurgedCount(models.Model):
    """How many texts of a mailing were removed with which outcome and reason, and how many lines of people left out: what causes are told from."""

    LEFT_OUT = -1  # instead of a status: people whom preparation left out
    AGAIN = -2  # those texts among the others that somebody sent once more to the same person

    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="+", db_index=False)
    status = models.SmallIntegerField()
    reason = models.CharField(max_length=40, blank=True)
    messages = models.PositiveIntegerField()
    segments = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailing", "status", "reason"], name="purged_count_once")]

    def __str__(self) -> str:
        return f"{self.mailing_id} {self.status} {self.reason}: {self.messages}"
