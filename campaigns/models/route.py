"""Rules that say through whom texts leave, and why each text took its way."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from smsapp.common.models import Timestamped


class RouteQuerySet(models.QuerySet["Route"]):
    """Words for choosing rules."""

    def in_use(self) -> "RouteQuerySet":
        """Those that are followed, in their order."""
        return self.filter(active=True).order_by("position", "id")


class Route(Timestamped):
    """A rule: texts of these kinds to these countries go through this provider, from this sender."""

    position = models.PositiveIntegerField(
        _("order"), default=10, help_text=_("Rules are asked from the smallest number on; the first that can be followed decides.")
    )
    active = models.BooleanField(_("in use"), default=True)
    countries = models.JSONField(_("countries"), default=list, blank=True)
    kinds = models.JSONField(_("kinds of text"), default=list, blank=True)
    provider = models.ForeignKey(
        "providers.Provider", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("provider"),
        help_text=_("Empty: the one that was chosen with the text. Then the rule only says which sender people keep."),
    )  # fmt: skip
    sender = models.CharField(
        _("sender"), max_length=16, blank=True, help_text=_("One of the provider's senders. Empty: the one chosen with the text, else its first.")
    )
    keep_sender = models.BooleanField(
        _("people keep their sender"), default=False,
        help_text=_("Whoever was texted before gets the sender that last texted them, as long as the provider still has it."),
    )  # fmt: skip
    note = models.CharField(_("note"), max_length=200, blank=True, help_text=_("Why the rule is there, for those who ask later."))

    objects = RouteQuerySet.as_manager()

    class Meta:
        verbose_name = _("routing rule")
        verbose_name_plural = _("routing rules")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return _("Rule at %(position)s") % {"position": self.position}


class Routing(models.Model):
    """Why texts took their way, as it was then: many messages point to one row (campaigns.routing.facts_of)."""

    digest = models.CharField(max_length=32, unique=True)
    facts = models.JSONField()

    def __str__(self) -> str:
        return f"routing {self.pk}"
