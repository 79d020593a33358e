"""A text that somebody sent to us."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class InboundMessage(models.Model):
    """A received text, stored once per gateway id, matched to a contact by E.164."""

    provider = models.ForeignKey("providers.Provider", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    contact = models.ForeignKey("contacts.Contact", models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+")
    gateway_id = models.CharField(max_length=80)
    number = models.CharField(_("from"), max_length=20)
    recipient = models.CharField(_("to"), max_length=20, blank=True)
    text = models.TextField(_("text"))
    received_at = models.DateTimeField(_("received"), auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "gateway_id"], condition=~Q(gateway_id=""), name="inbound_once")]
        indexes = [models.Index(fields=["number", "-id"], name="inbound_thread")]

    def __str__(self) -> str:
        return f"inbound {self.pk}"
