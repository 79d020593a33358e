"""The umbrella under which mailings are filed."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.phases import Phase
from smsapp.common.models import Timestamped

UNDATED = Q(starts_on__isnull=True, ends_on__isnull=True)


class CampaignQuerySet(models.QuerySet["Campaign"]):
    """Words for choosing campaigns."""

    def in_phase(self, phase: Phase, today: date) -> "CampaignQuerySet":
        """Those that `campaigns.phases.phase_of` says are there."""
        begun, over = ~Q(starts_on__gt=today), Q(ends_on__lt=today)
        conditions = {Phase.UNDATED: UNDATED, Phase.COMING: ~begun, Phase.OVER: over, Phase.RUNNING: begun & ~over & ~UNDATED}
        return self.filter(conditions[phase])

    def offered(self, today: date, *, also: int | None = None) -> "CampaignQuerySet":
        """Those that a mailing may be filed under, over ones last; `also` is where it is filed now."""
        is_over = models.Case(models.When(ends_on__lt=today, then=True), default=False)
        return self.filter(Q(archived=False) | Q(pk=also)).alias(is_over=is_over).order_by("is_over", "name")


class Campaign(Timestamped):
    """A name, dates, and what it is for. Changed by campaigns.services.campaigns only."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    description = models.TextField(_("description"), max_length=1000, blank=True, default="")
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    archived = models.BooleanField(_("archived"), default=False)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts_on__isnull=True) | models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="campaign_ends_after_it_starts",
                violation_error_message=_("The campaign ends before it starts. Change one of the dates."),
            )
        ]

    def __str__(self) -> str:
        return self.name
