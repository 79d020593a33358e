"""Recipients recalculated at send time: a scheduled mailing is prepared once more when it is due, then sent, unless it grew too much."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from campaigns.models import Mailing
from campaigns.plans import Plan
from campaigns.services import bells, blockers, moments, standing, transitions
from campaigns.statuses import MailingStatus
from smsapp.common import audit
from smsapp.common.readable import money
from smsapp.common.sentences import Count, for_every_reader
from smsapp.common.sentences import say as _

MOST = Decimal("1.2")  # times what was confirmed, in people, segments and cost: more than that waits for a person
UNCONFIRMED: dict[str, Any] = {"confirmed_at": None, "confirmed_by": None, "scheduled_at": None, "planned": {}, "recount": False, "give_up_after": None}


def begin(row: Mailing) -> bool:
    """The time of a scheduled mailing has come: prepare it again. One caller wins. What can no longer be prepared is a draft, with the reason."""
    if found := blockers.missing(row):
        _code, why = found[0]
        transitions.move_mailing(row.pk, MailingStatus.DRAFT, only_from=[MailingStatus.SCHEDULED], problem=why, note=why, **UNCONFIRMED)
        return False
    fresh: dict[str, Any] = {"prepared_up_to": 0, "targeted": 0, "audience_size": 0, "preparation": uuid4()}
    if not transitions.move_mailing(row.pk, MailingStatus.PREPARING, only_from=[MailingStatus.SCHEDULED], **fresh):
        return False
    bells.ring_preparation(row.pk)
    return True


def is_under_way(row: Mailing) -> bool:
    """Whether the preparation of this mailing was asked for by its schedule, so that it goes out by itself afterwards."""
    return row.recount and row.confirmed_at is not None


@transaction.atomic
def hold(mailing: Mailing, by: Any) -> Mailing:
    """Pause it meanwhile: the preparation goes on to its end, and then it waits for somebody. Raises CampaignError `gone_on`."""
    row = Mailing.objects.select_for_update().get(pk=mailing.pk)
    if row.status != MailingStatus.PREPARING or not is_under_way(row):
        raise standing.gone_on(row)
    why = _("It was paused while its recipients were recalculated. Look at the plan and send it again.")
    Mailing.objects.filter(pk=row.pk).update(updated_at=timezone.now(), **for_every_reader("problem", why), **UNCONFIRMED)
    transitions.note_event(row.pk, MailingStatus.PAUSED, by, why)
    audit.note(row, "paused", by)
    mailing.refresh_from_db()
    return mailing


def finish(row: Mailing, plan: Plan) -> bool:
    """At the end of that preparation: send what was confirmed, or wait for a person, with the reason."""
    if why := _why_wait(row, plan):
        audit.note(row, "held back after recount", reason=why)
        return transitions.move_mailing(row.pk, MailingStatus.READY, plan=plan.stored(), problem=why, note=why, **UNCONFIRMED)
    confirmed = Plan.read(row.planned)
    planned = plan.recounted(confirmed.recipients if confirmed else plan.recipients)
    if not transitions.move_mailing(row.pk, MailingStatus.READY, plan=plan.stored(), planned=planned.stored()):
        return False
    transitions.move_mailing(row.pk, MailingStatus.SENDING, **moments.of_beginning(row))
    audit.note(row, "sent after recount", recipients=plan.recipients)
    for provider_id in transitions.release_chunks(row):
        bells.ring_bulk(provider_id)
    return True


def _why_wait(row: Mailing, plan: Plan) -> str:
    """In words; empty when it may go out."""
    stops = [sentence for code, sentence in blockers.before_sending(row, plan) if code != "paused"]  # a paused lane only makes it wait
    if stops:
        return _("The recipients were recalculated at the time of sending, and then: %(why)s") % {"why": stops[0]}
    before = Plan.read(row.planned)
    if before is None:
        return ""
    if plan.recipients > before.recipients * MOST:
        words = {"before": Count(before.recipients), "now": Count(plan.recipients)}
        return _("The audience grew from %(before)s to %(now)s people since it was confirmed, more than a fifth. Look at the plan and send it again.") % words
    if plan.segments > before.segments * MOST:
        words = {"before": Count(before.segments), "now": Count(plan.segments)}
        return _("The texts grew from %(before)s to %(now)s segments since they were confirmed, more than a fifth. Look at the plan and send it again.") % words
    if before.cost is not None and plan.cost is not None and plan.cost > before.cost * MOST:
        costs = {"before": money(before.cost, before.currency), "now": money(plan.cost, plan.currency)}
        return _("The cost grew from %(before)s to %(now)s since it was confirmed, more than a fifth. Look at the plan and send it again.") % costs
    return ""
