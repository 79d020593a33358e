"""News that workflows listen to."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from campaigns.signals import mailing_moved
from workflows.models import Run
from workflows.signals import run_finished


@receiver(run_finished)
def follow_run(sender: Any, run: Run, now: datetime, **kwargs: Any) -> None:
    """Workflows that wait for the end of this one begin."""
    from workflows.engine.wake import follow

    follow(run, now)


@receiver(mailing_moved)
def look_at_mailing(sender: Any, mailing_id: int, **kwargs: Any) -> None:
    """The step that made it looks now and not in a minute."""
    from workflows.engine.wake import look

    look(mailing_id)


@receiver(mailing_moved)
def tell_of_mailing(sender: Any, mailing_id: int, **kwargs: Any) -> None:
    """The log of the workflow that made it has a line of it."""
    from workflows.engine.told import tell

    tell(mailing_id)
