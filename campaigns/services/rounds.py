"""What a worker does when a bell rings or the tick comes."""

import logging

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from campaigns.models import Chunk, Mailing
from campaigns.pipeline import deliver, fail_over, finish
from campaigns.services import bells, look_ups, mailings, quiet_hours
from campaigns.statuses import ChunkState, MailingStatus
from providers import registry
from providers.models import Provider
from providers.services import providers
from smsapp.common.sentences import say as _

log = logging.getLogger(__name__)


def send_slice(provider_id: int, *, urgent_only: bool) -> None:
    """One slice of sending, then close what is through, then ring again if there is more."""
    try:
        more = deliver.run_slice(provider_id, urgent_only=urgent_only)
    except registry.UnknownKind as problem:
        providers.pause_lane(provider_id, _("This version knows no gateway of the kind “%(kind)s”.") % {"kind": problem})
        return
    finish.close_mailings()
    if more and urgent_only:
        bells.ring_urgent(provider_id)
    elif more:
        bells.ring_bulk(provider_id, bells=1)


def look_around() -> None:
    """Let hours pass, start due mailings, go on with preparations, ring for due chunks and unknown texts, close what is through.

    What is due, the database's clock says, the same for all machines: one whose clock is wrong starts nothing early or late.
    """
    quiet_hours.advance()
    for mailing in Mailing.objects.filter(status=MailingStatus.SCHEDULED, scheduled_at__lte=Now()):
        _start(mailing)
    for mailing_id in Mailing.objects.filter(status=MailingStatus.PREPARING).values_list("id", flat=True):
        bells.ring_preparation(mailing_id)
    fail_over.drain()
    _ring_due()
    look_ups.ring_when_due(timezone.now())
    finish.finish()


def _start(mailing: Mailing) -> None:
    try:
        mailings.start_due(mailing)
    except Exception:  # one mailing that cannot start holds up no other
        log.exception("scheduled mailing not started", extra={"mailing": mailing.id})


def _ring_due() -> None:
    running = Provider.objects.filter(active=True).exclude(lane=Provider.Lane.PAUSED).exclude(slowed_until__gt=Now())
    running = running.exclude(kind__in=registry.session_bound())  # their senders look for themselves
    going = Q(mailing__isnull=True) | Q(mailing__status__in=(MailingStatus.SENDING, MailingStatus.FINISHED))
    due = Chunk.objects.filter(going, state=ChunkState.READY, due_at__lte=Now(), provider__in=running).order_by()
    for provider_id, priority in due.values_list("provider_id", "priority").distinct():
        ring = bells.ring_urgent if priority == Chunk.Priority.URGENT else bells.ring_bulk
        ring(provider_id)
