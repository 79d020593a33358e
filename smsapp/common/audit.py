"""Entries of the audit log for what people decide where rows change in bulk, which the library cannot see."""

from collections.abc import Iterable
from typing import Any

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model


def note(obj: Model, what: str, by: Any = None, **facts: Any) -> None:
    """Write that `by` did `what` to `obj`. Inside a request the library adds who asks and from where; nobody is the console itself.

    `facts` are plain and never secret: administrators read them in the log.
    """
    LogEntry.objects.log_create(obj, action=LogEntry.Action.UPDATE, changes=_changes(what, facts), actor=by)


def note_many(noted: Iterable[tuple[Model, dict[str, Any]]], what: str, by: Any) -> None:
    """The same of many objects of one kind, each with its own facts, in one statement."""
    kind: Any = None
    entries = []
    for obj, facts in noted:
        kind = kind or ContentType.objects.get_for_model(obj)
        names = {"content_type": kind, "object_pk": str(obj.pk), "object_id": obj.pk, "object_repr": str(obj)}
        entries.append(LogEntry(**names, action=LogEntry.Action.UPDATE, changes=_changes(what, facts), actor=by))
    LogEntry.objects.bulk_create(entries)


def _changes(what: str, facts: dict[str, Any]) -> dict[str, list[str]]:
    return {what: ["", "✓"], **{name: ["", str(value)] for name, value in facts.items() if value not in (None, "")}}
