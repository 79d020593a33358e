"""Many people on their way into a group, or out of it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from smsapp.common.models import Timestamped
from smsapp.common.sentences import retold


class GroupChange(Timestamped):
    """Too many for one request: a worker moves all whom `selection` (pairs of contacts.selection.fields) finds, in one statement."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Under way")
        FINISHED = "finished", _("Finished")
        FAILED = "failed", _("Failed")

    group = models.ForeignKey("contacts.Group", models.CASCADE, related_name="changes")
    adding = models.BooleanField(default=True)
    selection = models.JSONField(default=list)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    moved = models.PositiveIntegerField(null=True)
    problem = models.CharField(max_length=300, blank=True)
    problem_in = models.JSONField(default=list, db_default=[])  # the same as smsapp.common.sentences keeps it

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["id"], condition=models.Q(state__in=["waiting", "running"]), name="group_change_open")]  # the tick

    def __str__(self) -> str:
        return f"{self.group_id} {'+' if self.adding else '-'}"

    @property
    def is_open(self) -> bool:
        """Not done yet."""
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def trouble(self) -> str:
        """Why nobody was moved, for who reads it now."""
        return retold(self.problem_in) or self.problem
