"""The umbrella under which mailings are filed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from smsapp.common.models import Timestamped


class Campaign(Timestamped):
    """A name and dates."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)

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
