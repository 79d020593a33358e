"""An import job's work: the dry run or the real one, its progress in the row, the refused rows in a file beside it."""

import csv
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from django.db import DataError, IntegrityError, connection
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from contacts.formulas import guard
from contacts.importing import columns, reader
from contacts.importing.problems import FileProblem
from contacts.importing.report import COUNTS, Fault, Report
from contacts.importing.run import Import, Source
from contacts.models import Group, ImportJob
from contacts.services import imports
from smsapp.common.models import Organisation

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
    with _alone(job_id) as alone:
        job = ImportJob.objects.select_related("author").filter(id=job_id, state__in=[State.CHECKING, State.RUNNING]).first()
        if not alone or not job:
            return False
        with translation.override(_language(job)):
            _work(job)
        return True


def _same(job: ImportJob) -> QuerySet[ImportJob]:
    """The job's row, if nobody has stopped it or chosen otherwise since."""
    return ImportJob.objects.filter(id=job.pk, state=job.state, mapping=job.mapping, region=job.region, group_ids=job.group_ids)


@contextmanager
def _alone(job_id: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_SPACE, job_id % 2**31])
        held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        if held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_SPACE, job_id % 2**31])


def _language(job: ImportJob) -> str:
    return (job.author.language if job.author else "") or Organisation.current().language


def _work(job: ImportJob) -> None:
    dry_run = job.state == State.CHECKING
    try:
        source = source_of(job)
        with imports.refused_path(job).open("w", encoding="utf-8-sig", newline="") as file:
            report = _pass(job, source, file, dry_run=dry_run)
    except (FileProblem, OSError) as problem:
        known = isinstance(problem, FileProblem) and problem.code != "not_found"
        return _fail(job, problem, str(problem) if known else _("The uploaded file is gone. Upload it again."))
    except (DataError, IntegrityError) as problem:  # a row that no check foresaw: trying it again and again would not help
        return _fail(job, problem, _("A row could not be stored. What was imported before it stays. Check the columns and start again."))
    finished = State.CHECKED if dry_run else State.FINISHED
    _same(job).update(state=finished, done=report.rows, report=report.as_json(), updated_at=timezone.now())
    return None


def _fail(job: ImportJob, problem: Exception, words: str) -> None:
    log.warning("import cannot go on", extra={"job": job.pk, "problem": type(problem).__name__})
    ImportJob.objects.filter(id=job.pk).update(state=State.FAILED, problem=words[:300], updated_at=timezone.now())


def _pass(job: ImportJob, source: Source, file: IO[str], *, dry_run: bool) -> Report:
    writer = csv.writer(file, delimiter=source.dialect.delimiter)
    writer.writerow([*map(_safe, source.header), _("Row"), _("Reason")])

    def refused(cells: list[str], faults: list[Fault]) -> None:
        reasons = " ".join(f"{fault.column}: {fault.message}" if fault.column else fault.message for fault in faults)
        padded = [*cells, *[""] * (len(source.header) - len(cells))]
        writer.writerow([*map(_safe, padded), faults[0].row, _safe(reasons)])

    def after_batch(report: Report) -> bool:
        values = {"done": report.rows, "report": report.as_json(), "updated_at": timezone.now()}
        if _same(job).update(**values):
            return True
        ImportJob.objects.filter(id=job.pk, state=State.STOPPED).update(**values)  # these rows are in all the same
        return False

    done = None if dry_run or not job.done else _report_of(job)
    run = Import(source, today=timezone.localdate(), dry_run=dry_run, author=job.author, most_faults=MOST_FAULTS)
    return run.run(on_refused=refused, after_batch=after_batch, done=done)


def source_of(job: ImportJob) -> Source:
    """The job's file and choices. Raises FileProblem."""
    path, dialect = imports.table_path(job), imports.dialect_of(job)
    header = reader.header(path, dialect)
    groups = list(Group.objects.filter(id__in=job.group_ids).values_list("id", flat=True))
    return Source(path, dialect, header, columns.check(job.mapping, header), job.region, job.file_name, groups)


def _report_of(job: ImportJob) -> Report:
    counts = {name: job.report.get(name, 0) for name in COUNTS}
    return Report(**counts, errors=job.report.get("errors", []), warnings=job.report.get("warnings", []), most=MOST_FAULTS)


def _safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; the import takes the apostrophe off again."""
    return guard(cell.lstrip("\0"))
