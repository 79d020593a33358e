"""Another time for a mailing that is scheduled already, and another limit after which its texts are given up."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from campaigns.models import Mailing
from campaigns.services import moments, prepared, standing, transitions
from campaigns.services.errors import CampaignError
from campaigns.statuses import MailingStatus
from smsapp.common import audit, clock
from smsapp.common.sentences import say as _
from smsapp.common.sentences import say_n as ngettext

UNDER_WAY = (MailingStatus.SENDING, MailingStatus.PAUSED)


@transaction.atomic
def change(mailing: Mailing, by: Any, at: datetime, *, recount: bool, give_up_after: int | None = None) -> Mailing:
    """The plan that was confirmed stays confirmed. Raises CampaignError `gone_on`, `past` or `other_day`."""
    row = Mailing.objects.select_for_update().get(id=mailing.id)
    if row.status != MailingStatus.SCHEDULED:
        raise standing.gone_on(row)
    moments.check_to_come(at)
    before = row.scheduled_at
    prepared.check_day(row, at, recount=recount)
    Mailing.objects.filter(id=row.id).update(scheduled_at=at, recount=recount, give_up_after=give_up_after, updated_at=timezone.now())
    transitions.note_event(row.pk, row.status, by, _note(row, recount, give_up_after), scheduled_for=at)
    audit.note(row, "rescheduled", by, at=at, before=before, recount=recount or "", give_up_after=give_up_after or "")
    row.refresh_from_db()
    return row


@transaction.atomic
def change_limit(mailing: Mailing, by: Any, give_up_after: int | None) -> Mailing:
    """Of one that has begun, or is paused: so many hours after its beginning it is given up; None: never. Raises CampaignError `gone_on` or `over`."""
    row = Mailing.objects.select_for_update().get(id=mailing.id)
    if row.status not in UNDER_WAY:
        raise standing.gone_on(row)
    if row.give_up_after == give_up_after:
        return row
    ends = limit_of(row, give_up_after)
    if ends is not None and ends <= clock.now():
        raise CampaignError("over", _("It began so long ago that this time is over already. Choose a longer one, or cancel the rest."))
    Mailing.objects.filter(id=row.id).update(give_up_after=give_up_after, expires_at=ends, updated_at=timezone.now())
    transitions.note_event(row.pk, row.status, by, _limit(give_up_after))
    audit.note(row, "limit changed", by, give_up_after=give_up_after or "", before=row.give_up_after or "")
    row.refresh_from_db()
    return row


def limit_of(mailing: Mailing, give_up_after: int | None) -> datetime | None:
    """When a mailing that has begun would be given up; None: never, or nobody knows before it begins."""
    return mailing.started_at + timedelta(hours=give_up_after) if mailing.started_at and give_up_after else None


def _note(before: Mailing, recount: bool, give_up_after: int | None) -> str:
    """What changed besides the time."""
    words = []
    if before.recount != recount:
        words.append(_("Recipients are recalculated then.") if recount else _("Recipients are no longer recalculated then."))
    if before.give_up_after != give_up_after:
        words.append(_limit(give_up_after))
    return words[0] + words[1] if len(words) == 2 else words[0] if words else ""


def _limit(hours: int | None) -> Any:
    if hours is None:
        return _("Nothing is given up any more.")
    words = ngettext("What has not left %(n)s hour after it began is given up.", "What has not left %(n)s hours after it began is given up.", hours)
    return words % {"n": hours}
