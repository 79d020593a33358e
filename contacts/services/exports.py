"""The life of an export: asked for, written at once or in the background, fetched, removed. Each move happens once, whoever asks twice."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.conf import settings
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from contacts import tasks
from contacts.exporting import files, sources, wanted
from contacts.exporting.sources import Source
from contacts.models import ExportJob
from contacts.services.errors import ContactsError
from smsapp.common import audit
from smsapp.common.ring import ring
from smsapp.common.sentences import in_each_language

if TYPE_CHECKING:
    from smsapp.accounts.models import User

State = ExportJob.State
FOLDER = "exports"
AT_ONCE = 5_000  # rows whose file is written while the browser waits: about a second
LANGUAGES = {"en", "fr"}


def path_of(job: ExportJob) -> Path:
    """The file on its way out."""
    return Path(settings.MEDIA_ROOT) / job.path


def source_of(data: Any) -> Source | None:
    """What a posted selection is of; None when no app knows it."""
    return sources.get(data.get("source", ""))


def ask(data: Any, *, author: "User", keys: Sequence[str], kind: str, separator: str = ",") -> ExportJob:
    """Begin an export of a posted selection. Raises ContactsError in words; nobody is told of a job that cannot be.

    Small ones are the caller's to write (`is_small`), larger ones are rung for.
    """
    source = source_of(data)
    if source is None:
        raise ContactsError("no_source", _("These rows can no longer be exported."))
    if not {column.key for column in source.offered()}.intersection(keys):
        raise ContactsError("no_columns", _("Tick at least one column."), "columns")
    total = source.count(data, author)
    if refused := source.refusal(data, total, author):
        raise refused
    if not total:
        raise ContactsError("nobody", source.nothing)
    if kind == ExportJob.Format.XLSX and total > files.MOST_ROWS:
        raise ContactsError("too_many_rows", _("A sheet of Excel ends at 1,048,576 rows. Choose CSV for so many."), "format")
    job = ExportJob.objects.create(
        author=author, format=kind, separator=separator, language=_language(), source=data.get("source", ""), selection=wanted.as_json(source.fields(data)),
        described=source.in_words(data), described_in=in_each_language(lambda: source.in_words(data)),
        columns=list(keys), total=total, path=f"{FOLDER}/{uuid4().hex}.{kind}",
    )  # fmt: skip
    audit.note(job, "export asked for", author, people=job.described, rows=total, format=kind)
    if not is_small(job):
        ring(tasks.work_on_exports)
    return job


def is_small(job: ExportJob) -> bool:
    """Written while the browser waits."""
    return job.total <= AT_ONCE


def _language() -> str:
    language = (get_language() or "en")[:2]
    return language if language in LANGUAGES else "en"


def file_name(job: ExportJob) -> str:
    """What the file is called on somebody's disk: letters, digits and hyphens only."""
    return f"{slugify(job.described)[:60].strip('-') or 'export'}-{timezone.localdate(job.created_at).isoformat()}.{job.format}"


def may_fetch(job: ExportJob, user: "User") -> bool:
    """Its author, and administrators."""
    return job.author_id == user.pk or user.has_perm("contacts.export_everything")


def note_download(job: ExportJob, by: "User") -> None:
    """Somebody took the file."""
    audit.note(job, "export downloaded", by, people=job.described, rows=job.done)


def stop(job: ExportJob, by: "User") -> bool:
    """Stop within a batch; nothing of the file stays. False when it has moved on."""
    stopped = _move(job, {State.WAITING, State.RUNNING}, State.STOPPED)
    if stopped:
        audit.note(job, "export stopped", by)
    return stopped


def begin_again(job: ExportJob, by: "User") -> None:
    """Write a stopped or failed one from its beginning, for the people who are in the selection now. Raises ContactsError."""
    if not _move(job, {State.STOPPED, State.FAILED}, State.WAITING, done=0, tries=0, problem="", problem_in={}, path=f"{FOLDER}/{uuid4().hex}.{job.format}"):
        raise ContactsError("moved_on", _("This export has moved on meanwhile. Here is how it stands."))
    audit.note(job, "export begun again", by)
    ring(tasks.work_on_exports)


def remove_file(job: ExportJob, by: "User | None" = None) -> bool:
    """Take the file off the disk; the row stays. False when it is gone already."""
    path = path_of(job)
    removed = bool(ExportJob.objects.filter(id=job.pk, state=State.FINISHED).exclude(path="").update(path="", size=0, updated_at=timezone.now()))
    if removed:
        path.unlink(missing_ok=True)
        audit.note(job, "export file removed", by)
    return removed


def _move(job: ExportJob, before: set[str], after: str, **changes: Any) -> bool:
    return bool(ExportJob.objects.filter(id=job.pk, state__in=before).update(state=after, updated_at=timezone.now(), **changes))


