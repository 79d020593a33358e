"""Who came to the audience of a prepared mailing, and who left it, since its plan was made: its texts are those of the plan."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.audience import Choice
from campaigns.models import Exclusion, Mailing, Message
from campaigns.pipeline import planning
from campaigns.services import figures
from contacts import one_pass
from contacts.smart.patience import TookTooLong, large_sets, patience, very_many

MOST = timedelta(seconds=0.8)  # that a page waits for it


@dataclass(frozen=True, slots=True)
class Drift:
    """People; those who were merged are told elsewhere."""

    came: int
    went: int

    def __bool__(self) -> bool:
        return bool(self.came or self.went)


def since_plan(mailing: Mailing) -> Drift | None:
    """Of a prepared mailing, with smart groups as they were last refreshed. None when it takes too long."""
    try:
        with patience(MOST), large_sets():
            return _since_plan(mailing, planning.of(mailing).order_by())
    except TookTooLong:
        return None


def _since_plan(mailing: Mailing, rows: QuerySet[Message]) -> Drift:
    """What is counted of the texts is asked of counters, and of indexes that hold few of them: all of them are gone through once, with the audience."""
    with very_many():
        winners = list(rows.filter(contact__merged_into__isnull=False).values_list("contact__merged_into_id", flat=True))
    recipients = figures.texts(mailing) - len(winners) - rows.filter(contact__isnull=True).count()
    theirs, left_out = rows.filter(contact=OuterRef("pk")), Exclusion.objects.filter(mailing=mailing, contact=OuterRef("pk"))
    audience = Choice.of(mailing).audience().contacts().annotate(texted=Exists(theirs), told=Exists(left_out) | Q(pk__in=winners))
    came, stayed = one_pass.figures(audience.values("texted", "told"), "count(*) FILTER (WHERE NOT texted AND NOT told)", "count(*) FILTER (WHERE texted)")
    return Drift(came, recipients - stayed)
