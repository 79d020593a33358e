"""Sends of workflows: which run made which mailing, and the periods by which they are counted together."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Execution(models.Model):
    """All sends of a recurring SMS in one period. `parent` is the mailing that holds its text."""

    parent = models.ForeignKey("campaigns.Mailing", models.CASCADE, related_name="executions", db_index=False)
    key = models.CharField(max_length=24)  # of workflows.periods.Period
    first = models.DateField()
    last = models.DateField()

    class Meta:
        verbose_name = _("recurring execution")
        verbose_name_plural = _("recurring executions")
        constraints = [models.UniqueConstraint(fields=["parent", "key"], name="execution_once")]
        ordering = ["-first", "-id"]

    def __str__(self) -> str:
        return f"{self.parent_id} {self.key}"


class Send(models.Model):
    """A mailing that a step of a run made. Without `execution` it is a single SMS."""

    mailing = models.OneToOneField("campaigns.Mailing", models.CASCADE, related_name="made_by")
    parent = models.ForeignKey("campaigns.Mailing", models.CASCADE, related_name="sends")  # whose text it is
    execution = models.ForeignKey(Execution, models.CASCADE, null=True, related_name="sends")
    workflow = models.ForeignKey("workflows.Workflow", models.CASCADE, related_name="sends")
    run = models.ForeignKey("workflows.Run", models.SET_NULL, null=True, related_name="sends", db_index=False)
    step = models.CharField(max_length=10)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "step"], name="send_of_run_once")]

    def __str__(self) -> str:
        return f"mailing {self.mailing_id} of run {self.run_id}"
