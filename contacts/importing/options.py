"""What holds for all rows of an import: how people are found, what everybody gets, where consent comes from."""

from collections.abc import Sequence
from dataclasses import dataclass

from contacts.models import ImportJob

MatchBy = ImportJob.MatchBy


@dataclass(frozen=True, slots=True)
class Options:
    """Choices of the page or the command. `empty_marker`: a cell with it clears the field; `consent_source` empty: the file brings no consent.

    `job_id`: the import of the page; the command has none.
    """

    region: str
    file_name: str
    group_ids: Sequence[int] = ()
    tags: Sequence[str] = ()
    match_by: str = MatchBy.ANY
    empty_marker: str = ""
    consent_source: str = ""
    consent_wording: str = ""
    job_id: int = 0

    @classmethod
    def of_job(cls, job: ImportJob) -> "Options":
        """As chosen on the page."""
        return cls(
            region=job.region, file_name=job.file_name, group_ids=tuple(job.group_ids), tags=tuple(job.tags), match_by=job.match_by,
            empty_marker=job.empty_marker, consent_source=job.consent_source, consent_wording=job.consent_wording,
            job_id=job.pk,
        )  # fmt: skip
