"""Who has a workflow open."""

from django.conf import settings
from django.db import models


class Presence(models.Model):
    """Somebody who may draw, and when their window last asked. One row for each person and workflow."""

    workflow = models.ForeignKey("workflows.Workflow", models.CASCADE, related_name="present", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workflow", "user"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.workflow_id}"
