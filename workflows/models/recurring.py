"""Sends of workflows: which run made which mailing, and the periods by which they are counted together."""

from collections.abc import Collection
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.utils.translation import gettext_lazy as _

from campaigns.statuses import MailingStatus as M
from workflows.states import WorkflowState

MOST_URGENT_FIRST = (M.ERROR, M.READY, M.PAUSED, M.SENDING, M.SCHEDULED, M.PREPARING, M.DRAFT, M.FINISHED, M.CANCELLED)
ONGOING = "ongoing"  # its period is not over, and all sends so far are


def stand_of(statuses: Collection[str], *, goes_on: bool) -> str:
    """Where an execution stands whose sends have these statuses; `goes_on`: its period is not over, and its workflow is in progress."""
    urgent = next((status for status in MOST_URGENT_FIRST if status in statuses), M.CANCELLED)
    return ONGOING if goes_on and urgent in (M.FINISHED, M.CANCELLED) else urgent


class ExecutionQuerySet(models.QuerySet["Execution"]):
    """Words for choosing executions."""

    def with_stand(self, today: date) -> "ExecutionQuerySet":
        """`stand`, as `stand_of` tells it: the status of the send that most wants to be looked at, or ONGOING; `workflow`: of the newest send."""
        sends = Send.objects.filter(execution=OuterRef("pk"))
        rank = Case(*(When(mailing__status=status, then=Value(place)) for place, status in enumerate(MOST_URGENT_FIRST)))
        urgent = Subquery(sends.order_by(rank).values("mailing__status")[:1])
        goes_on = Q(last__gte=today) & Exists(sends.filter(workflow__state=WorkflowState.RUNNING))
        over = Q(urgent__isnull=True) | Q(urgent__in=(M.FINISHED, M.CANCELLED))
        newest = Subquery(sends.order_by("-id").values("workflow")[:1])
        stand = Case(When(over & goes_on, then=Value(ONGOING)), When(urgent__isnull=True, then=Value(M.CANCELLED)), default=F("urgent"))
        return self.alias(urgent=urgent).annotate(stand=stand, workflow=newest)


class Execution(models.Model):
    """All sends of a recurring SMS in one period. `parent` is the mailing that holds its text."""

    parent = models.ForeignKey("campaigns.Mailing", models.CASCADE, related_name="executions", db_index=False)
    key = models.CharField(max_length=24)  # of workflows.periods.Period
    first = models.DateField()
    last = models.DateField()

    objects = ExecutionQuerySet.as_manager()

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
    confirm = models.BooleanField(default=True, db_default=True)  # a person confirms it before it is sent; to begin with as its step says
    confirm_set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")  # who said otherwise for this one

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "step"], name="send_of_run_once")]

    def __str__(self) -> str:
        return f"mailing {self.mailing_id} of run {self.run_id}"
