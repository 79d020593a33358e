"""Texts of which nobody knows whether they left, as long as they wait for a report, a look-up or a person."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.message import Message


class UnknownText(models.Model):
    """A line for each message that became unknown and that nobody has decided about; with it goes the question.

    The message's own row has no index that mentions its status, so unknown ones are found here. Only transitions add lines, and take
    them away when a message is settled; one that was sent again waits no longer, although nobody knows of the first try yet.
    """

    message = models.OneToOneField(Message, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="unknown")
    mailing = Message._loose("campaigns.Mailing")
    provider = Message._loose("providers.Provider")
    reason = models.CharField(_("cause"), max_length=40, blank=True)
    since = models.DateTimeField(_("unknown since"))
    look_at = models.DateTimeField(null=True)  # when the gateway is asked next; null: no more by itself
    looks = models.PositiveSmallIntegerField(default=0)  # how often it was asked

    class Meta:
        verbose_name = _("unknown text")
        verbose_name_plural = _("unknown texts")
        indexes = [
            models.Index(fields=["-since", "-message"], name="unknown_list"),
            models.Index(fields=["mailing"], name="unknown_of_mailing"),
            models.Index(fields=["look_at"], condition=Q(look_at__isnull=False), name="unknown_look"),  # the tick: whom to ask about now
        ]

    def __str__(self) -> str:
        return f"unknown text {self.message_id}"
