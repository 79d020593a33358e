"""Files of imports and exports, and what imports tell of themselves, for the days that administrators chose."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.exporting import jobs
from contacts.models import Group, ImportJob
from contacts.services import imports
from contacts.smart.nesting import groups_that_read
from contacts.smart.questions.imports import IMPORT
from smsapp.common.bidi import isolated
from smsapp.common.retention import Kind, Round

OVER = (ImportJob.State.FINISHED, ImportJob.State.STOPPED, ImportJob.State.FAILED)


def purge_import_files(before: datetime, this: Round) -> None:
    """Files that nobody has touched since, refused rows too."""
    this.rows["files"] += imports.old_files(before).count() if this.dry_run else imports.forget_files_before(before)


def purge_import_reports(before: datetime, this: Round) -> None:
    """Imports that ended, out of the list; the people they brought and their histories stay."""
    old = ImportJob.objects.filter(state__in=OVER, updated_at__lt=before)
    if this.dry_run:
        this.rows["imports"] += old.count()
        return
    for job in old.order_by("id").iterator(chunk_size=200):
        if this.is_over:
            return
        if groups := groups_that_read(IMPORT, job.pk):
            this.kept.append(_asked_for(job, groups))
            continue
        imports.remove(job)
        this.rows["imports"] += 1


def _asked_for(job: ImportJob, groups: Sequence[Group]) -> str:
    """Without its row they would lose the people whom it brought."""
    words = gettext("“%(file)s”: the rules of smart groups ask for it: %(names)s.")
    return words % {"file": isolated(job.file_name), "names": ", ".join(gettext("“%(text)s”") % {"text": isolated(group.name)} for group in groups)}


def purge_exports(before: datetime, this: Round) -> None:
    """Exported files; who exported what, and when, stays."""
    this.rows["files"] += jobs.old(before).count() if this.dry_run else jobs.remove_before(before)


KINDS = {
    "import files": Kind(_("Imported files"), "import_file_days", purge_import_files),
    "import reports": Kind(_("Reports of imports"), "import_report_days", purge_import_reports),
    "exports": Kind(_("Exported files"), "export_days", purge_exports),
}
