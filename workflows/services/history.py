"""Removes what runs left behind once it is older than their workflow keeps it: people, steps, log. Mailings and what was sent are never touched.

Runs that go on, or whose mailing does, stay whole, whatever their age, and of each workflow its last run stays, without its people: the canvas shows
its counts, and the next run counts on from its number. What incremental queries remember hangs on no run, and stays too.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.statuses import MailingStatus
from smsapp.common.retention import Kind, Round
from workflows.models import Arrival, PeopleSet, Run, RunLog, Workflow
from workflows.states import RunState

RUNS, LINES, SETS = 100, 5_000, 50  # of one transaction
YOUNG = timedelta(days=1)  # a set is joined to what leaves a step in the transaction that makes it
OVER = (MailingStatus.FINISHED, MailingStatus.CANCELLED)  # from then on a mailing needs its population no more

# Sets that nothing refers to any longer, and those that steps made on their way to others.
UNUSED = """
    SELECT s.id FROM workflows_peopleset AS s
     WHERE s.made_at < %s AND NOT EXISTS (SELECT FROM workflows_arrival AS a WHERE a.people_id = s.id)
       AND NOT EXISTS (SELECT FROM campaigns_mailing AS m WHERE m.population = s.id AND NOT m.status = ANY(%s))"""
FORGET = f"""
    WITH unused AS MATERIALIZED ({UNUSED} LIMIT %s),
         blocks AS (DELETE FROM workflows_peopleblock WHERE people_id IN (SELECT id FROM unused))
    DELETE FROM workflows_peopleset WHERE id IN (SELECT id FROM unused)"""  # noqa: S608 (the words above)


def purge(now: datetime, this: Round) -> None:
    """Each workflow by its own days."""
    for workflow in Workflow.objects.order_by("id").only("id", "history_days"):
        _of(workflow, now - timedelta(days=workflow.history_days), this)
    _sets(now - YOUNG, this)


def _of(workflow: Workflow, before: datetime, this: Round) -> None:
    old, lines = _runs_before(workflow, before), workflow.log.filter(at__lt=before).exclude(run__state=RunState.RUNNING)
    if this.dry_run:
        this.rows["runs"] += old.count()
        this.rows["lines"] += lines.count()
        return
    while not this.is_over and (some := list(lines.order_by("id").values_list("pk", flat=True)[:LINES])):
        this.rows["lines"] += RunLog.objects.filter(pk__in=some).delete()[0]
    while not this.is_over and (some := list(old.order_by("id").values_list("pk", flat=True)[:RUNS])):
        Run.objects.filter(pk__in=some).delete()
        this.rows["runs"] += len(some)
    last = workflow.runs.order_by("-number").first()
    if last and last.state != RunState.RUNNING and last.finished_at and last.finished_at < before and not last.purged:
        _empty(last)


def _runs_before(workflow: Workflow, before: datetime) -> QuerySet[Run]:
    """Those that may go; of one whose mailing is not over the drawing still says what its text knows of people."""
    last = workflow.runs.aggregate(number=Max("number"))["number"] or 0
    needed = workflow.sends.filter(run__isnull=False).exclude(mailing__status__in=OVER).values("run")
    return workflow.runs.exclude(state=RunState.RUNNING).filter(finished_at__lt=before).exclude(number=last).exclude(pk__in=needed)


@transaction.atomic
def _empty(run: Run) -> None:
    """Its figures stay, its people go."""
    Arrival.objects.filter(run=run).update(people=None)
    Run.objects.filter(pk=run.pk).update(purged=True)


def _sets(before: datetime, this: Round) -> None:
    facts: list[Any] = [before, [str(status) for status in OVER]]
    if this.dry_run:
        this.rows["populations"] += len(PeopleSet.objects.raw(UNUSED, facts))
        return
    gone = SETS
    while gone == SETS and not this.is_over:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(FORGET, [*facts, SETS])
            gone = cursor.rowcount
        this.rows["populations"] += gone


KIND = Kind(_("History of workflows"), "", purge)
