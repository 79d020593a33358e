"""A text that somebody sent to us, and what it was taken for."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class InboundQuerySet(models.QuerySet["InboundMessage"]):
    """Words for choosing received texts."""

    def waiting(self) -> "InboundQuerySet":
        """Those of which a person must say whether they mean stop."""
        return self.filter(review=InboundMessage.Review.WAITING)


class InboundMessage(models.Model):
    """A received text, stored once per gateway id, matched to a contact by E.164."""

    class Action(models.TextChoices):
        """What it was taken for: as campaigns.keywords says, or as a rule does."""

        NONE = "none", _("an ordinary reply")
        OPT_OUT = "opt_out", _("stop")
        OPT_IN = "opt_in", _("start")
        CONFIRM = "confirm", _("yes to a question")
        HELP = "help", _("a call for help")
        REVIEW = "review", _("may mean stop")
        JOIN = "join", _("joins a group")
        LEAVE = "leave", _("leaves a group")
        REPLY = "reply", _("gets an automatic answer")
        NOTIFY = "notify", _("for a member of staff")

    class Review(models.TextChoices):
        """What a person decided of a text that may mean stop."""

        WAITING = "waiting", _("waits for a decision")
        STOP = "stop", _("means stop")
        NOT_STOP = "not_stop", _("does not mean stop")

    @staticmethod
    def _loose(to: Any, **options: Any) -> Any:
        return models.ForeignKey(to, models.DO_NOTHING, null=True, blank=True, db_constraint=False, db_index=False, related_name="+", **options)

    provider = models.ForeignKey("providers.Provider", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    contact = _loose("contacts.Contact")
    conversation = _loose("campaigns.Conversation")
    gateway_id = models.CharField(max_length=80)
    number = models.CharField(_("from"), max_length=20)
    recipient = models.CharField(_("to"), max_length=20, blank=True)
    text = models.TextField(_("text"))
    received_at = models.DateTimeField(_("received"), auto_now_add=True)
    action = models.CharField(_("taken for"), max_length=8, choices=Action, default=Action.NONE, db_default=Action.NONE)
    keyword = models.CharField(max_length=60, blank=True, db_default="")  # the word that it was told by
    rule = _loose("campaigns.KeywordRule")
    answers = _loose("campaigns.Message")  # the last text that went to this number
    mailing = _loose("campaigns.Mailing")  # of that text, which may be removed before this one
    review = models.CharField(_("review"), max_length=8, choices=Review, blank=True, db_default="")
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    reviewed_at = models.DateTimeField(null=True, blank=True)

    objects = InboundQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "gateway_id"], condition=~Q(gateway_id=""), name="inbound_once")]
        indexes = [
            models.Index(fields=["number", "-id"], name="inbound_thread"),
            models.Index(fields=["conversation", "id"], condition=Q(review="waiting"), name="inbound_in_review"),
            models.Index(fields=["mailing", "-id"], condition=Q(mailing__isnull=False), name="inbound_of_mailing"),
        ]

    def __str__(self) -> str:
        return f"inbound {self.pk}"
