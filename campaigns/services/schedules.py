"""Another time for a mailing that is scheduled already."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from campaigns.models import Mailing
from campaigns.services import mailings, moments, standing, transitions
from campaigns.statuses import MailingStatus
from smsapp.common import audit
from smsapp.common.sentences import say as _


@transaction.atomic
def change(mailing: Mailing, by: Any, at: datetime, *, recount: bool) -> Mailing:
    """The plan that was confirmed stays confirmed. Raises CampaignError `gone_on`, `past` or `other_day`."""
    row = Mailing.objects.select_for_update().get(id=mailing.id)
    if row.status != MailingStatus.SCHEDULED:
        raise standing.gone_on(row)
    moments.check_to_come(at)
    before = row.scheduled_at
    mailings.check_day(row, at, recount=recount)
    Mailing.objects.filter(id=row.id).update(scheduled_at=at, recount=recount, updated_at=timezone.now())
    transitions.note_event(row.pk, row.status, by, _note(row.recount, recount), scheduled_for=at)
    audit.note(row, "rescheduled", by, at=at, before=before, recount=recount or "")
    row.refresh_from_db()
    return row


def _note(before: bool, recount: bool) -> str:
    """What changed besides the time."""
    if before == recount:
        return ""
    return _("Recipients are recalculated then.") if recount else _("Recipients are no longer recalculated then.")
