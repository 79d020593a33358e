"""Who came in or was changed by which import, as the history tells."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Activity, ImportJob
from contacts.smart.asking import Theirs
from contacts.smart.choices import Rows
from contacts.smart.comparisons import Comparison
from contacts.smart.criteria import At, Question
from contacts.smart.questions import categories

IMPORT = "import"
MOST_OFFERED = 100  # of the newest; older ones stay in rules that have them
CLOCKS = timedelta(hours=1)  # those of the database and of the workers may differ
MADE, CHANGED = "imported", "import_changed"  # in the history: see contacts.changes
LINES = {"any": (MADE, CHANGED), "made": (MADE,), "changed": (CHANGED,)}


def choices() -> Iterable[tuple[str, Any]]:
    """The newest imports that ended."""
    newest = ImportJob.objects.filter(state=ImportJob.State.FINISHED).order_by("-id")[:MOST_OFFERED]
    return [(str(job.pk), _named(job)) for job in newest.only("file_name", "created_at")]


def names(ids: Sequence[int]) -> dict[int, str]:
    """Of the imports that exist."""
    return {job.pk: _named(job) for job in ImportJob.objects.filter(id__in=ids).only("file_name", "created_at")}


def _named(job: ImportJob) -> str:
    return f"{job.file_name} ({formats.date_format(timezone.localtime(job.created_at), 'SHORT_DATE_FORMAT')})"


def rules_of(job: ImportJob, comparison: str = "any") -> dict[str, Any]:
    """Rules that find the people of an import."""
    return {"all": [{"q": ImportOf.name, "test": comparison, "value": [job.pk]}]}


class ImportOf(Question):
    """Made or changed by an import."""

    name, label, category = "import", _("Import of a file"), categories.DATES
    _imports = Rows(IMPORT, choices, none=_("Choose at least one import."))
    comparisons = (
        Comparison("any", _("made or changed by one of"), _("made or changed by the import of %(value)s"), _imports),
        Comparison("made", _("made by one of"), _("made by the import of %(value)s"), _imports),
        Comparison("changed", _("changed by one of"), _("changed by the import of %(value)s"), _imports),
    )

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        lines = Activity.objects.filter(kind=Activity.Kind.CHANGE, subject__in=LINES[comparison])
        imports = ImportJob.objects.filter(id__in=value)
        return Q(Theirs(lines.filter(reduce(or_, (_lines_of(job, at) for job in imports), Q(pk__in=[])))))


def _lines_of(job: ImportJob, at: At) -> Q:
    """Between two moments, for lines are found by their time; older imports left no number in them, only the name of the file."""
    from_it = Q(extra__import=job.pk) | Q(extra__isnull=True, details=job.file_name, author_id=job.author_id)
    return Q(at__gte=job.created_at - CLOCKS, at__lte=(job.finished_at or at.now) + CLOCKS) & from_it


ALL: list[Question] = [ImportOf()]
