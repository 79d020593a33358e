"""An export job's work: the file written from its beginning, progress in the row; old files removed."""

import logging
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone, translation

from contacts.exporting import run, sources, wanted
from contacts.models import ExportJob
from contacts.services import exports
from smsapp.common.locks import alone
from smsapp.common.models import Organisation
from smsapp.common.sentences import as_json, of
from smsapp.common.sentences import say as _

log = logging.getLogger(__name__)
State = ExportJob.State
LOCK_SPACE = 7_213  # advisory locks (space, job): one worker a job
TURN = 0  # no job's id: whose turn it is to write in the background
TRIES = 3  # workers that may die of one job
STRAY_SECONDS = 86_400  # files of dead workers that no job names


def work_on_waiting() -> None:
    """Write every job that is under way and that no worker holds, one after the other; another worker that is at it leaves this one free for imports."""
    with alone(LOCK_SPACE, TURN) as held:
        tried: set[int] = set()
        while held and (job_id := _next(tried)):
            tried.add(job_id)
            work(job_id)


def _next(tried: set[int]) -> int | None:
    waiting = ExportJob.objects.filter(state__in=[State.WAITING, State.RUNNING]).exclude(id__in=tried)
    return waiting.order_by("id").values_list("id", flat=True).first()


def work(job_id: int) -> None:
    """Write the job's file; nothing when another worker does it. A worker that died left nothing of use: it begins again."""
    with alone(LOCK_SPACE, job_id) as held:
        if not held:
            return
        under_way = ExportJob.objects.filter(id=job_id, state__in=[State.WAITING, State.RUNNING])
        if not under_way.update(state=State.RUNNING, done=0, tries=F("tries") + 1, updated_at=timezone.now()):
            return
        job = ExportJob.objects.select_related("author").get(id=job_id)
        with translation.override(job.language):
            _write(job)


def _write(job: ExportJob) -> None:
    if job.tries > TRIES:
        return _fail(job, _("Writing the file broke off three times. Choose fewer columns or people, and tell an administrator."))
    if job.author is None or not job.author.is_active or not job.author.has_perm("contacts.export_contacts"):
        return _fail(job, _("Its author may not export contacts any longer."))
    source, data = sources.get(job.source), wanted.as_posted(job.selection)
    if source is None or (source.permission and not job.author.has_perm(source.permission)):
        return _fail(job, _("Its author may not export these rows any longer."))
    if refused := source.refusal(data, job.total, job.author):
        return _fail(job, refused.message)
    path = exports.path_of(job)
    path.parent.mkdir(parents=True, exist_ok=True)
    table = source.table(data, job.author, job.columns)

    def after_batch(done: int) -> bool:
        return bool(ExportJob.objects.filter(id=job.pk, state=State.RUNNING).update(done=done, updated_at=timezone.now()))

    try:
        region = Organisation.current().default_region
        rows = run.write(path, table, kind=job.format, separator=job.separator, region=region, after_batch=after_batch)
    except OSError as problem:
        log.warning("export cannot be written", extra={"job": job.pk, "problem": type(problem).__name__})
        reason = problem.strerror or type(problem).__name__
        return _fail(job, _("The file cannot be written: %(reason)s.") % {"reason": reason})
    if rows is not None:
        finished = {"state": State.FINISHED, "done": rows, "size": path.stat().st_size, "finished_at": timezone.now(), "updated_at": timezone.now()}
        if not ExportJob.objects.filter(id=job.pk, state=State.RUNNING).update(**finished):
            path.unlink(missing_ok=True)  # stopped at the last moment
    return None


def _fail(job: ExportJob, words: Any) -> None:
    said = {"problem": str(words)[:300], "problem_in": as_json(of(words))}
    ExportJob.objects.filter(id=job.pk, state=State.RUNNING).update(state=State.FAILED, updated_at=timezone.now(), **said)


def remove_old() -> None:
    """Remove files that were kept for their time, and what workers left behind that died while they wrote."""
    if days := Organisation.current().export_days:
        remove_before(timezone.now() - timedelta(days=days))
    folder = Path(settings.MEDIA_ROOT) / exports.FOLDER
    living = ExportJob.objects.exclude(path="").exclude(state__in=[State.STOPPED, State.FAILED])
    named = {Path(path).name for path in living.values_list("path", flat=True)}
    for stray in folder.iterdir() if folder.is_dir() else ():
        if stray.name not in named and time.time() - stray.stat().st_mtime > STRAY_SECONDS:
            _remove(stray)


def old(before: datetime) -> QuerySet[ExportJob]:
    """Files that were finished before."""
    return ExportJob.objects.filter(state=State.FINISHED, finished_at__lt=before).exclude(path="")


def remove_before(before: datetime) -> int:
    """Remove those; how many."""
    jobs = list(old(before))
    for job in jobs:
        exports.remove_file(job)
    return len(jobs)


def _remove(stray: Path) -> None:
    for inside in stray.iterdir() if stray.is_dir() else ():
        inside.unlink(missing_ok=True)
    stray.rmdir() if stray.is_dir() else stray.unlink(missing_ok=True)
