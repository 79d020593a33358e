"""What a worker does when a bell rings or the tick comes."""

from datetime import datetime

from django.utils import timezone

from campaigns.models import Chunk, Mailing
from campaigns.pipeline import deliver, finish
from campaigns.services import bells, mailings
from campaigns.statuses import ChunkState, MailingStatus
from providers.models import Provider


def send_slice(provider_id: int, *, urgent_only: bool) -> None:
    """One slice of sending, then close what is through, then ring again if there is more."""
    more = deliver.run_slice(provider_id, urgent_only=urgent_only)
    finish.close_mailings()
    if more and urgent_only:
        bells.ring_urgent(provider_id)
    elif more:
        bells.ring_bulk(provider_id, bells=1)


def look_around() -> None:
    """Start due mailings, go on with preparations, ring for due chunks, close what is through."""
    now = timezone.now()
    for mailing in Mailing.objects.filter(status=MailingStatus.SCHEDULED, scheduled_at__lte=now):
        mailings.start_due(mailing)
    for mailing_id in Mailing.objects.filter(status=MailingStatus.PREPARING).values_list("id", flat=True):
        bells.ring_preparation(mailing_id)
    _ring_due(now)
    finish.finish()


def _ring_due(now: datetime) -> None:
    due = Chunk.objects.filter(state=ChunkState.READY, due_at__lte=now).exclude(provider__lane=Provider.Lane.PAUSED).order_by()
    for provider_id, priority in due.values_list("provider_id", "priority").distinct():
        ring = bells.ring_urgent if priority == Chunk.Priority.URGENT else bells.ring_bulk
        ring(provider_id)
