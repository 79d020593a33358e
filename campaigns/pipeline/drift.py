"""Who came to the audience of a prepared mailing, and who left it, since its plan was made: its texts are those of the plan."""

from dataclasses import dataclass
from datetime import timedelta

from campaigns.audience import Choice
from campaigns.models import Exclusion, Mailing
from campaigns.pipeline import planning
from contacts.smart.patience import TookTooLong, patience

MOST = timedelta(seconds=1)  # that a page waits for it


@dataclass(frozen=True, slots=True)
class Drift:
    """People; those who were merged are told elsewhere."""

    came: int
    went: int

    def __bool__(self) -> bool:
        return bool(self.came or self.went)


def since_plan(mailing: Mailing) -> Drift | None:
    """Of a prepared mailing, with smart groups as they were last refreshed. None when it takes too long."""
    audience = Choice.of(mailing).audience().contacts().order_by().values("pk")
    rows = planning.of(mailing).order_by()
    left_out = Exclusion.objects.filter(mailing=mailing).order_by().values("contact_id")
    winners = rows.filter(contact__merged_into__isnull=False).values("contact__merged_into_id")
    recipients = rows.filter(contact__merged_into__isnull=True).values("contact_id")
    try:
        with patience(MOST):
            return Drift(audience.difference(rows.values("contact_id"), left_out, winners).count(), recipients.difference(audience).count())
    except TookTooLong:
        return None
