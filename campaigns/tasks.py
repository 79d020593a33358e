"""Doorbells: each task only says "look"; losing one loses nothing."""

from celery import shared_task


@shared_task
def prepare_mailing(mailing_id: int) -> None:
    """Go on with the preparation of a mailing."""
    from campaigns.pipeline.prepare import prepare

    prepare(mailing_id)


@shared_task
def dispatch_bulk(provider_id: int) -> None:
    """Send a provider's due texts, urgent and bulk, for a few seconds."""
    from campaigns.services.rounds import send_slice

    send_slice(provider_id, urgent_only=False)


@shared_task
def dispatch_urgent(provider_id: int) -> None:
    """Send a provider's due urgent texts for a few seconds."""
    from campaigns.services.rounds import send_slice

    send_slice(provider_id, urgent_only=True)


@shared_task
def tick() -> None:
    """Find whatever is due and nobody was told about."""
    from campaigns.services.rounds import look_around

    look_around()


@shared_task
def sweep() -> None:
    """Free what a dead worker held."""
    from campaigns.pipeline.sweep import sweep as free

    free()


@shared_task
def finish() -> None:
    """Close what has nothing open."""
    from campaigns.pipeline.finish import finish as close

    close()


@shared_task
def look_up_unknown() -> None:
    """Ask gateways what became of unknown texts."""
    from campaigns.services.look_ups import run

    run()


@shared_task
def poll_reports() -> None:
    """Ask gateways about texts that they never reported on."""
    from campaigns.services.report_polls import run

    run()
