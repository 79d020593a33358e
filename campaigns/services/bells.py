"""Tell workers that texts wait: hints, never the work itself."""

from django.conf import settings

from campaigns import tasks
from smsapp.common.ring import ring

STALE = 10  # seconds after which a bell that nobody answered is worth nothing: the tick rings again


def ring_urgent(provider_id: int) -> None:
    """Urgent texts of a provider wait."""
    ring(tasks.dispatch_urgent, provider_id, expires=STALE)


def ring_bulk(provider_id: int, bells: int | None = None) -> None:
    """Bulk texts of a provider wait: enough bells for all bulk workers, or so many."""
    for _bell in range(bells or settings.SEND_WORKERS):
        ring(tasks.dispatch_bulk, provider_id, expires=STALE)


def ring_preparation(mailing_id: int) -> None:
    """A mailing is to be prepared."""
    ring(tasks.prepare_mailing, mailing_id, expires=STALE)


def ring_finish() -> None:
    """Something may be through."""
    ring(tasks.finish)
