"""The life of an import: uploaded, its columns checked, tried, run, stopped. Each move happens once, whoever asks twice."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts import tasks
from contacts.importing import columns, encoding, limits, reader, tables
from contacts.importing.problems import FileProblem
from contacts.models import ImportJob
from contacts.services.errors import ContactsError
from smsapp.common import audit
from smsapp.common.ring import ring

if TYPE_CHECKING:
    from smsapp.accounts.models import User

State = ImportJob.State


def path_of(job: ImportJob) -> Path:
    """The uploaded file."""
    return Path(settings.MEDIA_ROOT) / job.path


def refused_path(job: ImportJob) -> Path:
    """The refused rows with their reasons; exists once rows were looked at."""
    return path_of(job).with_suffix(".refused.csv")


def table_path(job: ImportJob) -> Path:
    """The table of text that is imported: the file itself, or what was unpacked from a workbook."""
    return _unpacked(path_of(job)) if job.dialect.get("sheet") else path_of(job)


def _unpacked(path: Path) -> Path:
    return path.with_suffix(".table.csv")


def upload(file: UploadedFile, *, region: str, author: "User") -> ImportJob:
    """Keep the file, look through all of it and guess what its columns mean. Raises ContactsError in words."""
    if (file.size or 0) > limits.LARGEST_FILE:
        raise ContactsError("too_large", encoding.too_large().message, "file")
    name = f"imports/{uuid4().hex}.upload"
    path = Path(settings.MEDIA_ROOT) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
        return _looked_through(path, name, file.name or "contacts.csv", region, author)
    except FileProblem as problem:
        _forget(path)
        raise ContactsError(problem.code, problem.message, "file") from None
    except BaseException:  # no row of ours would ever name the file
        _forget(path)
        raise


def _forget(path: Path) -> None:
    for each in (path, _unpacked(path)):
        each.unlink(missing_ok=True)


def _looked_through(path: Path, name: str, file_name: str, region: str, author: "User") -> ImportJob:
    dialect = tables.open_table(path, _unpacked(path))
    header, total = _measure(_unpacked(path) if dialect.sheet else path, dialect)
    return ImportJob.objects.create(
        author=author,
        file_name=file_name[:200],
        path=name,
        dialect=dialect.as_json(),
        region=region,
        mapping=columns.guess(header),
        total=total,
    )


def _measure(table: Path, dialect: reader.Dialect) -> tuple[list[str], int]:
    header, total = reader.header(table, dialect), reader.count(table, dialect)
    if not total:
        raise FileProblem("empty_file", _("The file has column names and no rows below them."))
    return header, total


def choose_sheet(job: ImportJob, sheet: str) -> None:
    """Read another sheet of the workbook; its columns are guessed anew. Raises ContactsError, and then the job keeps the sheet that it has."""
    path = path_of(job)
    fresh = path.with_suffix(".other.csv")
    try:
        dialect = tables.open_table(path, fresh, sheet)
        header, total = _measure(fresh, dialect)
        with transaction.atomic():
            guessed: dict[str, Any] = {"mapping": columns.guess(header), "dialect": dialect.as_json(), "total": total, "report": {}}
            _move(job, {State.MAPPING, State.CHECKED, State.FAILED}, State.MAPPING, done=0, problem="", **guessed)
            fresh.replace(_unpacked(path))
    except FileProblem as problem:
        raise ContactsError(problem.code, problem.message) from None
    except OSError:
        raise ContactsError("gone", _("The uploaded file is gone. Upload it again.")) from None
    finally:
        fresh.unlink(missing_ok=True)


def check(job: ImportJob, *, mapping: Mapping[str, str], region: str, group_ids: Sequence[int]) -> None:
    """Take the columns as chosen and try all rows in the background. Raises ContactsError when they cannot lead to contacts."""
    header = reader.header(table_path(job), dialect_of(job))
    try:
        columns.check(mapping, header)
    except FileProblem as problem:
        raise ContactsError(problem.code, problem.message) from None
    choices: dict[str, Any] = {"mapping": dict(mapping), "region": region, "group_ids": list(group_ids), "report": {}}
    _move(job, {State.MAPPING, State.CHECKED, State.FAILED}, State.CHECKING, done=0, problem="", **choices)


def start(job: ImportJob, by: "User | None" = None) -> None:
    """Import the rows that were tried."""
    _move(job, {State.CHECKED}, State.RUNNING, done=0, report={})
    audit.note(job, "import started", by, rows=job.total, groups=", ".join(map(str, job.group_ids)))


def resume(job: ImportJob, by: "User | None" = None) -> None:
    """Go on after a stop, or after a failure in the middle, with the rows that are left."""
    _move(job, {State.STOPPED}, State.RUNNING, problem="")
    audit.note(job, "import resumed", by)


def stop(job: ImportJob, by: "User | None" = None) -> None:
    """Stop after the rows at hand; what is imported stays."""
    _move(job, {State.CHECKING}, State.MAPPING, quiet=True)
    if _move(job, {State.RUNNING}, State.STOPPED, quiet=True):
        audit.note(job, "import stopped", by)


def dialect_of(job: ImportJob) -> reader.Dialect:
    """How the job's file is written."""
    return reader.Dialect(**job.dialect)


def _move(job: ImportJob, before: set[str], after: str, *, quiet: bool = False, **changes: Any) -> bool:
    moved = ImportJob.objects.filter(id=job.pk, state__in=before).update(state=after, updated_at=timezone.now(), **changes)
    if not moved and not quiet:
        raise ContactsError("moved_on", _("This import has moved on meanwhile. Here is how it stands."))
    if moved and after in {State.CHECKING, State.RUNNING}:
        ring(tasks.work_on_import, job.pk)
    return bool(moved)
