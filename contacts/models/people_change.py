"""Many people on their way into a group or out of it, or about to get a tag or lose it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from smsapp.common.models import Timestamped
from smsapp.common.sentences import retold


class PeopleChange(Timestamped):
    """Too many for one request: a worker changes all whom `selection` (pairs of contacts.selection.fields) finds, in one transaction.

    What they join or leave is `group`, or what they get or lose is `tag`.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Under way")
        FINISHED = "finished", _("Finished")
        FAILED = "failed", _("Failed")

    group = models.ForeignKey("contacts.Group", models.CASCADE, null=True, related_name="changes")
    tag = models.CharField(max_length=50, blank=True, default="", db_default="")
    adding = models.BooleanField(default=True)
    selection = models.JSONField(default=list)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    moved = models.PositiveIntegerField(null=True)
    full = models.PositiveIntegerField(default=0, db_default=0)  # people who have no room for one more tag
    problem = models.CharField(max_length=300, blank=True)
    problem_in = models.JSONField(default=list, db_default=[])  # the same as smsapp.common.sentences keeps it

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["id"], condition=models.Q(state__in=["waiting", "running"]), name="people_change_open")]  # the tick
        constraints = [models.CheckConstraint(condition=models.Q(group__isnull=False) ^ ~models.Q(tag=""), name="change_of_group_or_tag")]

    def __str__(self) -> str:
        return f"{self.group_id or self.tag} {'+' if self.adding else '-'}"

    @property
    def is_open(self) -> bool:
        """Not done yet."""
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def trouble(self) -> str:
        """Why nobody was changed, for who reads it now."""
        return retold(self.problem_in) or self.problem
