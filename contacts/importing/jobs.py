"""An import job's work: the dry run or the real one, its progress in the row, the refused rows in a file beside it."""

import logging
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import IO, Any

from django.db import DataError, IntegrityError
from django.db.models import F, Func, JSONField, QuerySet, Value
from django.utils import timezone, translation

from contacts.importing import columns, effects, new_fields, reader, refused
from contacts.importing.effects import Effects
from contacts.importing.faults import Fault
from contacts.importing.options import Options
from contacts.importing.problems import FileProblem
from contacts.importing.report import COUNTS, Report
from contacts.importing.run import Import, Source
from contacts.models import Group, ImportJob
from contacts.services import imports
from smsapp.common import sentences
from smsapp.common.locks import alone
from smsapp.common.models import Organisation
from smsapp.common.sentences import say as _

log = logging.getLogger(__name__)
State = ImportJob.State
LOCK_SPACE = 7_211  # advisory locks (space, job): one worker a job
MOST_FAULTS = 2_000  # kept in the row for the screen; the file of refused rows has them all


def work_on_waiting() -> None:
    """Take up every job that is under way and that no worker holds."""
    for job_id in ImportJob.objects.filter(state__in=[State.CHECKING, State.RUNNING]).values_list("id", flat=True):
        work(job_id)


def work(job_id: int) -> None:
    """Do what the job waits for; nothing when another worker does it. What people change meanwhile is done in another turn."""
    while _turn(job_id):
        pass


def _turn(job_id: int) -> bool:
    with alone(LOCK_SPACE, job_id) as held:
        job = ImportJob.objects.select_related("author").filter(id=job_id, state__in=[State.CHECKING, State.RUNNING]).first()
        if not held or not job:
            return False
        with translation.override(_language(job)):
            _work(job)
        return True


def _same(job: ImportJob) -> QuerySet[ImportJob]:
    """The job's row, if nobody has stopped it or chosen otherwise since."""
    choices: dict[str, Any] = {name: getattr(job, name) for name in imports.CHOICES}
    return ImportJob.objects.filter(id=job.pk, state=job.state, **choices)


def _language(job: ImportJob) -> str:
    return job.dialect.get("language") or (job.author.language if job.author else "") or Organisation.current().language


def _work(job: ImportJob) -> None:
    dry_run = job.state == State.CHECKING
    try:
        source = source_of(job)
        effects.forget(imports.path_of(job))
        told = effects.kept_beside(imports.path_of(job)) if dry_run else nullcontext()
        with imports.refused_path(job).open("w", encoding="utf-8") as file, told as kept:
            _pass(job, source, file, kept)
    except (FileProblem, OSError) as problem:
        return _fail(job, problem, _words_of(problem))
    except (DataError, IntegrityError) as problem:  # a row that no check foresaw: trying it again and again would not help
        return _fail(job, problem, _("A row could not be stored. What was imported before it stays. Check the columns and start again."))
    ends: dict[str, Any] = {"state": State.CHECKED} if dry_run else {"state": State.FINISHED, "finished_at": timezone.now()}
    _same(job).update(updated_at=timezone.now(), **ends)
    return None


def _words_of(problem: FileProblem | OSError) -> sentences.Sentence:
    if isinstance(problem, FileProblem) and problem.code != "not_found":
        return problem.message
    return _("The uploaded file is gone. Upload it again.")


def _fail(job: ImportJob, problem: Exception, words: sentences.Sentence) -> None:
    log.warning("import cannot go on", extra={"job": job.pk, "problem": type(problem).__name__})
    kept = _Joined(F("report"), Value({"problem": sentences.as_json(words)}, JSONField()))
    ImportJob.objects.filter(id=job.pk).update(state=State.FAILED, problem=words[:300], report=kept, updated_at=timezone.now())


def _pass(job: ImportJob, source: Source, file: IO[str], kept: Effects | None) -> None:
    """Go through the rows: a trial run where what they would do is kept."""
    dry_run = kept is not None
    keeper = refused.Keeper(file, source.header)
    done = None if dry_run or not job.done else _report_of(job)
    run = Import(source, today=timezone.localdate(), dry_run=dry_run, author=job.author, most_faults=MOST_FAULTS, effects=kept)
    noted = _noter(job)
    report = run.run(on_refused=keeper.add, after_batch=noted, done=done)
    noted(report)


def _noter(job: ImportJob) -> Callable[[Report], bool]:
    """Writes how far the job is into its row; the faults, which may be many, only when there are more of them. False: somebody has stopped it."""
    began, before = time.monotonic(), job.report.get("seconds", 0) if job.done else 0
    kept = (-1, -1)

    def note(report: Report) -> bool:
        nonlocal kept
        sizes = len(report.errors), len(report.warnings)
        facts = (report.counts() if sizes == kept else report.as_json()) | {"told": report.told, "seconds": round(before + time.monotonic() - began, 1)}
        changes = {"done": report.rows, "report": _Joined(F("report"), Value(facts, JSONField())), "updated_at": timezone.now()}
        kept = sizes
        if _same(job).update(**changes):
            return True
        ImportJob.objects.filter(id=job.pk, state=State.STOPPED).update(**changes)  # these rows are in all the same
        return False

    return note


class _Joined(Func):
    """PostgreSQL's jsonb || jsonb: keys of the second replace those of the first."""

    arg_joiner = " || "
    template = "%(expressions)s"
    output_field = JSONField()


def source_of(job: ImportJob) -> Source:
    """The job's file and choices. Raises FileProblem."""
    path, dialect = imports.table_path(job), imports.dialect_of(job)
    header, custom = reader.header(path, dialect), columns.custom_fields()
    mapping, fresh = new_fields.drafts(columns.check(job.mapping, header, custom), header, path, dialect)
    options = Options.of_job(job)
    groups = tuple(Group.objects.filter(id__in=options.group_ids).values_list("id", flat=True))
    return Source(path, dialect, header, mapping, custom | fresh, replace(options, group_ids=groups), job.dialect.get("refusals", {}))


def _report_of(job: ImportJob) -> Report:
    counts = {name: job.report.get(name, 0) for name in COUNTS}
    errors, warnings = ([Fault.of_json(told) for told in job.report.get(name, [])] for name in ("errors", "warnings"))
    report = Report.bounded(MOST_FAULTS, errors, warnings, **counts)
    report.told = job.report.get("told", {})
    return report
