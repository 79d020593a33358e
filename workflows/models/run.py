"""Runs: which steps were carried out, what travelled between them, and what is to come."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from smsapp.common.sentences import retold
from workflows.states import RunState, StepState


class Run(models.Model):
    """One execution of a drawing. `begin` is the step where it began, "" for one that somebody started by hand."""

    workflow = models.ForeignKey("workflows.Workflow", models.CASCADE, related_name="runs", db_index=False)
    drawing = models.ForeignKey("workflows.Drawing", models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    begin = models.CharField(max_length=10, blank=True)
    due_at = models.DateTimeField(null=True)  # the time that its scheduler had planned
    state = models.CharField(max_length=10, choices=RunState, default=RunState.RUNNING)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    left_over = models.PositiveIntegerField(default=0)  # people at outputs that lead nowhere
    kept_back = models.PositiveIntegerField(default=0, db_default=0)  # runs that were planned and left out while this one went on
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    purged = models.BooleanField(default=False)  # its populations were removed

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        constraints = [
            models.UniqueConstraint(fields=["workflow", "number"], name="run_number_once"),
            models.UniqueConstraint(fields=["workflow", "begin", "due_at"], name="run_at_a_time_once"),  # two ticks, one run
        ]
        indexes = [models.Index(fields=["workflow"], condition=models.Q(state="running"), name="run_open")]

    def __str__(self) -> str:
        return f"{self.workflow_id} run {self.number}"


class StepRun(models.Model):
    """One step of one run. Carried out in one transaction with all that it writes, so it happens once."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="steps", db_index=False)
    step = models.CharField(max_length=10)
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=StepState, default=StepState.COMING)
    due_at = models.DateTimeField(null=True)  # from when it may be carried out, or looked at again
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    came_in = models.PositiveIntegerField(null=True)  # people; null: only a sign to go on
    tries = models.PositiveSmallIntegerField(default=0)  # how often a worker began it: one that kills its workers is given up
    problem = models.CharField(max_length=300, blank=True)
    problem_in = models.JSONField(default=list, db_default=[])
    hurried = models.BooleanField(default=False)  # somebody wants it now, whatever its time
    hurried_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    kept = models.JSONField(default=dict)  # what the step remembers between two looks, such as its mailing

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "step"], name="step_of_run_once")]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(state__in=["due", "held"]), name="step_due")]  # the tick

    def __str__(self) -> str:
        return f"{self.run_id} {self.step}: {self.state}"

    @property
    def trouble(self) -> str:
        """What went wrong, for who reads it now."""
        return retold(self.problem_in) or self.problem


class Arrival(models.Model):
    """What left a step of a run by one of its outputs. A dead one tells that nothing comes this way any more."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="arrivals", db_index=False)
    step = models.CharField(max_length=10)
    out = models.CharField(max_length=40)
    live = models.BooleanField()
    people = models.ForeignKey("workflows.PeopleSet", models.SET_NULL, null=True, related_name="+")
    size = models.PositiveIntegerField(null=True)  # people; null: only a sign to go on
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "step", "out"], name="arrival_once")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.step}.{self.out}: {self.size}"


class Schedule(models.Model):
    """When a scheduler of a started workflow begins its next run, null when there is none; and how many may still begin, where it is told."""

    workflow = models.ForeignKey("workflows.Workflow", models.CASCADE, related_name="schedules", db_index=False)
    step = models.CharField(max_length=10)
    next_at = models.DateTimeField(null=True)
    left = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workflow", "step"], name="schedule_once")]
        indexes = [models.Index(fields=["next_at"], condition=models.Q(next_at__isnull=False), name="schedule_due")]

    def __str__(self) -> str:
        return f"{self.workflow_id} {self.step}: {self.next_at}"


class RunLog(models.Model):
    """A line of a workflow's log: what happened, at which step of which run, by whom."""

    workflow = models.ForeignKey("workflows.Workflow", models.CASCADE, related_name="log", db_index=False)
    run = models.ForeignKey(Run, models.CASCADE, null=True, related_name="+")
    step = models.CharField(max_length=10, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    is_error = models.BooleanField(default=False)
    words = models.CharField(max_length=300)
    words_in = models.JSONField(default=list, db_default=[])

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["workflow", "-id"], name="log_of_workflow")]

    def __str__(self) -> str:
        return self.words

    @property
    def said(self) -> str:
        """The line, for who reads it now."""
        return retold(self.words_in) or self.words
