"""Two who draw on one workflow are told of each other."""

from datetime import timedelta
from typing import Any

from smsapp.common import clock
from smsapp.common.bidi import isolated
from workflows.models import Presence, Workflow

HERE = timedelta(seconds=20)  # a window asks every few seconds, a hidden one less often


def note(workflow: Workflow, user: Any) -> None:
    """Somebody has it open."""
    row = Presence(workflow=workflow, user=user, at=clock.now())
    Presence.objects.bulk_create([row], update_conflicts=True, unique_fields=["workflow", "user"], update_fields=["at"])


def others(workflow: Workflow, user: Any) -> list[str]:
    """Names of those who have it open too."""
    rows = Presence.objects.filter(workflow=workflow, at__gt=clock.now() - HERE).exclude(user=user).select_related("user").order_by("user_id")
    return [isolated(str(row.user)) for row in rows]
