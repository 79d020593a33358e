"""How far the numbers follow what administrators chose to be texted."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class NumberPolicy(models.Model):
    """One row: the choice that the numbers follow, or are being made to follow; `up_to` is the last contact that was looked at."""

    kinds = ArrayField(models.CharField(max_length=8), default=list)
    ranges = ArrayField(models.CharField(max_length=16), default=list)
    up_to = models.BigIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)  # contacts for whom it made a difference
    begun_at = models.DateTimeField(_("begun"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("choice of numbers")
        verbose_name_plural = _("choice of numbers")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="number_policy_is_one_row")]

    def __str__(self) -> str:
        return ", ".join([*self.kinds, *self.ranges])
