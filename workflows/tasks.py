"""Doorbells: each task only says "look"; losing one loses nothing."""

from celery import shared_task


@shared_task
def tick() -> None:
    """Begin what is due."""
    from workflows.engine.wake import tick as begin

    begin()


@shared_task
def advance_run(run_id: int) -> None:
    """Carry out what is due in a run."""
    from workflows.engine.advance import advance

    advance(run_id)
