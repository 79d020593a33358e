"""Background work that concerns all apps: doorbells only."""

from celery import shared_task


@shared_task
def purge() -> None:
    """Remove what has been kept long enough, at night."""
    from smsapp import retention

    retention.tick()
