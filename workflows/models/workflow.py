"""A workflow and each of its drawings."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Least
from django.utils.translation import gettext_lazy as _

from smsapp.common.models import Timestamped
from smsapp.common.sentences import retold
from workflows.graph import Graph
from workflows.states import ALIVE, WARNING, RunState, WorkflowState

if TYPE_CHECKING:
    from workflows.models.run import Run

MAY_WARN = (WorkflowState.RUNNING, WorkflowState.FINISHED)  # of the others, each says itself what is to be done


def _last_run(workflow: Any) -> models.QuerySet["Run"]:
    """The last one that is over."""
    runs: models.QuerySet[Run] = apps.get_model("workflows", "Run").objects.all()
    return runs.filter(workflow=workflow).exclude(state=RunState.RUNNING).order_by("-number")


def _keeping_back(workflow: Any) -> models.QuerySet["Run"]:
    """Those that still go on though the next one was due."""
    runs: models.QuerySet[Run] = apps.get_model("workflows", "Run").objects.all()
    return runs.filter(workflow=workflow, state=RunState.RUNNING, kept_back__gt=0)


class WorkflowQuerySet(models.QuerySet["Workflow"]):
    """Words for choosing workflows."""

    def at_work(self) -> "WorkflowQuerySet":
        """Those whose runs go on."""
        return self.filter(state=WorkflowState.RUNNING)

    def with_stand(self) -> "WorkflowQuerySet":
        """`stand`: the state, or WARNING, as `Workflow.stands` tells it of one."""
        alias = self.alias(left_over=Subquery(_last_run(OuterRef("pk")).values("left_over")[:1]), keeps_back=Exists(_keeping_back(OuterRef("pk"))))
        warns = Q(left_over__gt=0) | Q(keeps_back=True)
        return alias.annotate(stand=Case(When(warns, state__in=MAY_WARN, then=Value(WARNING)), default=F("state")))

    def with_begin(self) -> "WorkflowQuerySet":
        """`begun`: when it was first started, as far as its runs and sends still tell; a restart begins nothing anew. None before the first start."""
        runs, sends = (apps.get_model("workflows", name).objects.filter(workflow=OuterRef("pk")) for name in ("Run", "Send"))
        run = Subquery(runs.order_by("number").values("started_at")[:1])
        send = Subquery(sends.order_by("id").values("mailing__created_at")[:1])
        return self.annotate(begun=Case(When(started_at__isnull=False, then=Least("started_at", run, send))))


class Workflow(Timestamped):
    """Steps that choose people and text them, once or again and again. `state` is changed by workflows.engine only.

    `version` counts saves, so that two editors are told of each other; `started` is the drawing that runs are made of.
    """

    label = models.CharField(_("label"), max_length=120)
    description = models.TextField(_("description"), max_length=1000, blank=True, default="")
    campaign = models.ForeignKey("campaigns.Campaign", models.SET_NULL, null=True, blank=True, related_name="workflows", verbose_name=_("campaign"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("author"))
    state = models.CharField(_("state"), max_length=10, choices=WorkflowState, default=WorkflowState.EDITING, editable=False)
    time_zone = models.CharField(_("time zone"), max_length=60, default="Europe/Paris")
    history_days = models.PositiveSmallIntegerField(_("days that its history is kept"), default=30, validators=[MinValueValidator(1), MaxValueValidator(3650)])
    error_limit = models.PositiveSmallIntegerField(_("errors in a row that are ignored"), default=3, validators=[MinValueValidator(1), MaxValueValidator(100)])
    errors_in_a_row = models.PositiveSmallIntegerField(default=0, editable=False)
    archived = models.BooleanField(_("archived"), default=False)
    version = models.PositiveIntegerField(default=0, editable=False)
    graph = models.JSONField(default=dict, editable=False)  # the drawing as it is now: workflows.graph
    started = models.ForeignKey("workflows.Drawing", models.SET_NULL, null=True, editable=False, related_name="+")
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")
    resumed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")  # who let it go on last
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)
    suspended = models.JSONField(default=list, editable=False)  # ids of steps that nothing passes for the time being
    problem = models.CharField(max_length=300, blank=True, editable=False)  # why it is in error, in words
    problem_in = models.JSONField(default=list, db_default=[], editable=False)  # the same as smsapp.common.sentences keeps it

    objects = WorkflowQuerySet.as_manager()

    class Meta:
        verbose_name = _("workflow")
        verbose_name_plural = _("workflows")
        permissions = [("run_workflow", "Can start, pause and stop workflows")]
        indexes = [
            models.Index(fields=["-id"], condition=models.Q(archived=False), name="workflow_list"),
            models.Index(fields=["id"], condition=models.Q(state="running"), name="workflow_at_work"),  # the tick
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def drawing(self) -> Graph:
        """The drawing as it is now; read once of what `graph` holds, for each step asks for it."""
        kept: tuple[Any, Graph] | None = self.__dict__.get("_read")
        if kept is None or kept[0] is not self.graph:
            kept = self.__dict__["_read"] = (self.graph, Graph.read(self.graph) if self.graph else Graph())
        return kept[1]

    @property
    def trouble(self) -> str:
        """Why it is in error, for who reads it now."""
        return retold(self.problem_in) or self.problem

    @property
    def stands(self) -> str:
        """The state as screens show it: WARNING where the last run left people behind whom nothing takes on, or one keeps the next from beginning."""
        warns = self.state in MAY_WARN and (_last_run(self).values_list("left_over", flat=True).first() or _keeping_back(self).exists())
        return WARNING if warns else self.state

    def next_at(self, steps: Collection[str] | None = None) -> datetime | None:
        """When its schedulers (those among some steps) begin the next run; one that is not in progress begins none."""
        if self.state != WorkflowState.RUNNING:
            return None
        kept = self.schedules.all() if steps is None else self.schedules.filter(step__in=steps)
        found: datetime | None = kept.exclude(next_at=None).order_by("next_at").values_list("next_at", flat=True).first()
        return found

    @property
    def keeping_back(self) -> "Run | None":
        """The run that goes on though the next one was due."""
        return _keeping_back(self).order_by("-number").first() if self.state in ALIVE else None

    def last_over(self) -> "Run | None":
        """The last run that is over, with its drawing."""
        return _last_run(self).select_related("drawing").first()

    @property
    def is_changed(self) -> bool:
        """Whether the drawing differs from the one that runs are made of."""
        return self.started is not None and self.started.graph != self.graph


class Drawing(models.Model):
    """One save of a workflow's drawing: to undo, to compare, and what a start makes its runs of."""

    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="drawings", db_index=False)
    version = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    graph = models.JSONField()
    base = models.PositiveIntegerField()  # the version that it equals: its own, or an earlier one that somebody brought back
    before = models.PositiveIntegerField(null=True)  # the version that this change was made to: where undo leads

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workflow", "version"], name="drawing_once")]

    def __str__(self) -> str:
        return f"{self.workflow_id} version {self.version}"

    def read(self) -> Graph:
        """As a graph."""
        return Graph.read(self.graph)
