"""The life of an import: uploaded, its columns checked, tried, run, stopped. Each move happens once, whoever asks twice."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from contacts import tasks
from contacts.importing import columns, encoding, heads, limits, new_fields, reader, refusals, tables
from contacts.importing.problems import FileProblem
from contacts.models import ImportJob
from contacts.services import tags as tag_service
from contacts.services.errors import ContactsError
from smsapp.common import audit
from smsapp.common.models import Organisation
from smsapp.common.ring import ring

if TYPE_CHECKING:
    from smsapp.accounts.models import User

State = ImportJob.State
NOT_STARTED = (State.MAPPING, State.CHECKED)
TAKES_COLUMNS: set[str] = {State.MAPPING, State.CHECKED, State.FAILED}  # sheet and columns may be chosen, once or anew


def path_of(job: ImportJob) -> Path:
    """The uploaded file; there is none any more once the job's path is empty."""
    return Path(settings.MEDIA_ROOT) / (job.path or "imports/forgotten")


def has_file(job: ImportJob) -> bool:
    """The table is still there to be read."""
    return bool(job.path) and table_path(job).is_file()


def refused_path(job: ImportJob) -> Path:
    """The refused rows with their reasons; exists once rows were looked at."""
    return path_of(job).with_suffix(".refused.jsonl")


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
    """Delete the upload and all that was made of it beside it."""
    for each in path.parent.glob(f"{path.stem}.*"):
        each.unlink(missing_ok=True)


def _looked_through(path: Path, name: str, file_name: str, region: str, author: "User") -> ImportJob:
    dialect = tables.open_table(path, _unpacked(path), name=file_name)
    header, total, found = _measure(_unpacked(path) if dialect.sheet else path, dialect)
    return ImportJob.objects.create(
        author=author,
        file_name=file_name[:200],
        path=name,
        dialect=dialect.as_json() | {"size": path.stat().st_size, "refusals": found},
        region=region,
        mapping=columns.guess(header, columns.custom_fields(), found),
        total=total,
    )


def _measure(table: Path, dialect: reader.Dialect) -> tuple[list[str], int, refusals.Found]:
    """The header, how many rows, and what looks like refusals; reads all of it, so that a row that breaks a limit is found before anything is done."""
    header = reader.header(table, dialect)
    watch = columns.watch(header)
    total = watch.over(reader.rows(table, dialect))
    if not total:
        raise heads.no_rows_below(header)
    return header, total, watch.found


def choose_sheet(job: ImportJob, sheet: str) -> None:
    """Read another sheet of the workbook; its columns are guessed anew. Raises ContactsError, and then the job keeps the sheet that it has."""
    path = path_of(job)
    fresh = path.with_suffix(".other.csv")
    try:
        dialect = tables.open_table(path, fresh, sheet)
        header, total, found = _measure(fresh, dialect)
        with transaction.atomic():
            guessed = columns.guess(header, columns.custom_fields(), found)
            told: dict[str, Any] = {"mapping": guessed, "dialect": job.dialect | dialect.as_json() | {"refusals": found}}
            _move(job, TAKES_COLUMNS, State.MAPPING, done=0, total=total, report={}, problem="", **told)
            fresh.replace(_unpacked(path))
    except FileProblem as problem:
        raise ContactsError(problem.code, problem.message) from None
    except OSError:
        raise ContactsError("gone", _("The uploaded file is gone. Upload it again.")) from None
    finally:
        fresh.unlink(missing_ok=True)


def discard(job: ImportJob, by: "User | None" = None) -> None:
    """Remove an import that never began, with its file: nobody has come in with it. Raises ContactsError."""
    if not ImportJob.objects.filter(id=job.pk, state__in=NOT_STARTED).delete()[0]:
        raise ContactsError("moved_on", _("This import has moved on meanwhile. Here is how it stands."))
    _forget(path_of(job))
    audit.note(job, "import discarded", by)


def forget_files(now: datetime) -> int:
    """Delete the files of imports that nobody has touched for the days that the organisation keeps them, refused rows too. How many."""
    days = Organisation.current().import_file_days
    return forget_files_before(now - timedelta(days=days)) if days else 0


def old_files(before: datetime) -> QuerySet[ImportJob]:
    """Imports with a file that nobody has touched since then."""
    return _untouched(before).exclude(path="")


def forget_files_before(before: datetime) -> int:
    """What the imports tell of themselves stays, unless they never began."""
    forgotten = 0
    for job in old_files(before).iterator():
        _forget(path_of(job))
        forgotten += ImportJob.objects.filter(id=job.pk).update(path="")
    _untouched(before).filter(state__in=NOT_STARTED).delete()
    return forgotten


def _untouched(before: datetime) -> QuerySet[ImportJob]:
    return ImportJob.objects.filter(updated_at__lt=before).exclude(state__in=[State.CHECKING, State.RUNNING])


def remove(job: ImportJob) -> None:
    """An import that is over and that nobody has taken up again, with its file."""
    if ImportJob.objects.filter(id=job.pk, state=job.state, updated_at=job.updated_at).delete()[0] and job.path:
        _forget(path_of(job))


CHOICES = ("mapping", "region", "group_ids", "tags", "match_by", "empty_marker", "consent_source", "consent_wording")  # of a job's row


def check(job: ImportJob, *, mapping: Mapping[str, str], by: "User | None" = None, **choices: Any) -> None:
    """Take the columns and what else was chosen (see CHOICES), and try all rows in the background. Raises ContactsError when they lead nowhere."""
    assert choices.keys() <= set(CHOICES)
    table, dialect = table_path(job), dialect_of(job)
    header = reader.header(table, dialect)
    try:
        chosen = columns.check(mapping, header, columns.custom_fields())
        _may_make_fields(chosen.values(), by)
        columns.check_key(chosen, choices.get("match_by", job.match_by))
        new_fields.check(new_fields.drafts(chosen, header, table, dialect)[1])
    except FileProblem as problem:
        raise ContactsError(problem.code, problem.message) from None
    told = {"mapping": dict(mapping), **choices, "tags": tag_service.cleaned(choices.get("tags", job.tags))}
    told["dialect"] = job.dialect | {"language": get_language()}  # the worker finds faults in the language of who asked
    _move(job, TAKES_COLUMNS, State.CHECKING, done=0, problem="", report={}, **told)


def _may_make_fields(meanings: Iterable[str], by: "User | None") -> None:
    if any(meaning.startswith(columns.NEW) for meaning in meanings) and not (by and by.has_perm("contacts.add_customfield")):
        raise ContactsError("no_right", _("Only administrators add fields. Leave the column out, or ask one of them to start this import."))


def start(job: ImportJob, by: "User | None" = None) -> None:
    """Import the rows that were tried; columns that become fields get them now. Raises ContactsError."""
    with transaction.atomic():
        changes: dict[str, Any] = {"mapping": _with_fields(job, by)} if any(meaning.startswith(columns.NEW) for meaning in job.mapping.values()) else {}
        _move(job, {State.CHECKED}, State.RUNNING, seen={"mapping": job.mapping}, done=0, report={}, **changes)
    audit.note(job, "import started", by, rows=job.total, groups=", ".join(map(str, job.group_ids)), consent=job.consent_source)


def _with_fields(job: ImportJob, by: "User | None") -> dict[str, str]:
    """The mapping once its new fields are made."""
    _may_make_fields(job.mapping.values(), by)
    table, dialect = table_path(job), dialect_of(job)
    header = reader.header(table, dialect)
    try:
        mapping, fresh = new_fields.drafts(columns.check(job.mapping, header, columns.custom_fields()), header, table, dialect)
    except FileProblem as problem:
        raise ContactsError(problem.code, problem.message) from None
    new_fields.make(fresh)
    return {str(index): meaning for index, meaning in mapping.items()}


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
    told = job.dialect
    return reader.Dialect(told["encoding"], told["delimiter"], told.get("sheet", ""), tuple(told.get("sheets", ())), told.get("names_row", 0))


def _move(job: ImportJob, before: set[str], after: str, *, quiet: bool = False, seen: Mapping[str, Any] | None = None, **changes: Any) -> bool:
    """`seen`: what the person who moves it has looked at, and nobody may have changed since."""
    moved = ImportJob.objects.filter(id=job.pk, state__in=before, **(seen or {})).update(state=after, updated_at=timezone.now(), **changes)
    if not moved and not quiet:
        raise ContactsError("moved_on", _("This import has moved on meanwhile. Here is how it stands."))
    if moved and after in {State.CHECKING, State.RUNNING}:
        ring(tasks.work_on_import, job.pk)
    return bool(moved)
