"""Who is told to look, and when: the tasks' other side."""

from django.conf import settings
from django.utils import timezone

from campaigns import tasks
from campaigns.models import Chunk, Mailing
from campaigns.pipeline import deliver, finish
from campaigns.services import mailings
from campaigns.statuses import ChunkState, MailingStatus
from providers.models import Provider
from smsapp.common.ring import ring

STALE = 10  # seconds after which a bell that nobody answered is worth nothing: the tick rings again


def send_slice(provider_id: int, *, urgent_only: bool) -> None:
    """One slice of sending, then close what is through, then ring again if there is more."""
    more = deliver.run_slice(provider_id, urgent_only=urgent_only)
    finish.close_mailings()
    if more:
        ring(tasks.dispatch_urgent if urgent_only else tasks.dispatch_bulk, provider_id, expires=STALE)


def ring_urgent(provider_id: int) -> None:
    """Urgent texts of a provider wait."""
    ring(tasks.dispatch_urgent, provider_id, expires=STALE)


def ring_bulk(provider_id: int) -> None:
    """Bulk texts of a provider wait: enough bells for all bulk workers."""
    for _worker in range(settings.SEND_WORKERS):
        ring(tasks.dispatch_bulk, provider_id, expires=STALE)


def look_around() -> None:
    """Start due mailings, go on with preparations, ring for due chunks, close what is through."""
    now = timezone.now()
    for mailing in Mailing.objects.filter(status=MailingStatus.SCHEDULED, scheduled_at__lte=now):
        mailings.start_due(mailing)
    for mailing_id in Mailing.objects.filter(status=MailingStatus.PREPARING).values_list("id", flat=True):
        ring(tasks.prepare_mailing, mailing_id, expires=STALE)
    _ring_due(now)
    finish.finish()


def _ring_due(now: object) -> None:
    due = Chunk.objects.filter(state=ChunkState.READY, due_at__lte=now).exclude(provider__lane=Provider.Lane.PAUSED).order_by()
    for provider_id, priority in due.values_list("provider_id", "priority").distinct():
        (ring_urgent if priority == Chunk.Priority.URGENT else ring_bulk)(provider_id)
