"""Entries of the audit log for what people decide where rows change in bulk, which the library cannot see."""

from typing import Any

from auditlog.models import LogEntry
from django.db.models import Model


def note(obj: Model, what: str, by: Any = None, **facts: Any) -> None:
    """Write that `by` did `what` to `obj`. Inside a request the library adds who asks and from where; nobody is the console itself.

    `facts` are plain and never secret: administrators read them in the log.
    """
    changes = {what: ["", "✓"], **{name: ["", str(value)] for name, value in facts.items() if value not in (None, "")}}
    LogEntry.objects.log_create(obj, action=LogEntry.Action.UPDATE, changes=changes, actor=by)
