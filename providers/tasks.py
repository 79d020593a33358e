"""Background work of the app: doorbells only."""

from celery import shared_task


@shared_task(ignore_result=True)
def process_webhooks() -> None:
    """Apply what gateways have told us."""
    from providers.services import inbox

    inbox.process()
