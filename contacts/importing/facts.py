"""An import in words: what was chosen, who did it, what came of it."""

from datetime import timedelta
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.importing import columns, reader
from contacts.importing.problems import FileProblem
from contacts.models import CustomField, ImportJob
from contacts.services import imports
from smsapp.common import countries, sentences

Fact = tuple[str, Any]


def of(job: ImportJob) -> list[Fact]:
    """Label and value of everything but counts, groups and times, which have looks of their own."""
    facts: list[Fact] = [(_("Uploaded by"), job.author or "–")]
    if size := job.dialect.get("size"):
        facts.append((_("Size"), filesizeformat(size)))
    if sheet := job.dialect.get("sheet"):
        facts.append((_("Sheet"), sheet))
    facts.append((_("Country of the file"), countries.name_of(job.region)))
    facts.append((_("People are found by"), job.get_match_by_display()))
    if job.empty_marker:
        facts.append((_("Marker of an emptied field"), job.empty_marker))
    if job.tags:
        facts.append((_("Everybody gets"), ", ".join(job.tags)))
    facts.append((_("Source of consent"), job.consent_source or _("none: the file brings no consent")))
    if job.consent_wording:
        facts.append((_("What they agreed to"), job.consent_wording))
    if duration := duration_of(job):
        facts.append((_("Duration"), duration))
    return facts


def mapping_of(job: ImportJob) -> list[tuple[str, str]]:
    """Each column's name and what it becomes; from the file while it is there, else only what was mapped, by letter."""
    custom = {f"{columns.CUSTOM}{field.key}": field for field in CustomField.objects.all()}
    try:
        header = reader.header(imports.table_path(job), imports.dialect_of(job))
        names = columns.names(header)
    except (FileProblem, OSError):
        return [(_("Column %(letter)s") % {"letter": columns.letter(int(index))}, columns.label_of(meaning, custom)) for index, meaning in job.mapping.items()]
    return [(name, columns.label_of(job.mapping.get(str(index), ""), custom)) for index, name in enumerate(names)]


def duration_of(job: ImportJob) -> str:
    """How long the work took, without pauses."""
    seconds = job.report.get("seconds")
    if job.state not in {ImportJob.State.FINISHED, ImportJob.State.STOPPED} or seconds is None:
        return ""
    if seconds < 60:
        return ngettext("%(n)s second", "%(n)s seconds", max(1, round(seconds))) % {"n": max(1, round(seconds))}
    minutes = round(seconds / 60)
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": number_format(minutes, use_l10n=True, force_grouping=True)}


def kept_until(job: ImportJob, days: int | None) -> Any:
    """When the file and its refused rows are deleted; None once they are, or when the organisation keeps them for ever."""
    return job.updated_at + timedelta(days=days) if job.path and days else None


def removed_on(job: ImportJob, days: int | None) -> Any:
    """When an import that never began goes away by itself; None for the others, whose figures stay."""
    return job.updated_at + timedelta(days=days) if job.state in imports.NOT_STARTED and days else None


def problem_of(job: ImportJob) -> str:
    """Why the import cannot go on, in the reader's language."""
    return sentences.retold(job.report["problem"]) if job.problem and job.report.get("problem") else job.problem
