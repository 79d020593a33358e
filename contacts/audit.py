"""What the audit log keeps of this app by itself; imports are noted where they are started and stopped."""

from auditlog.registry import auditlog

from contacts.models import AllowedRange, CustomField, Group


def register() -> None:
    """Every change of groups, custom fields and allowed ranges, their deletion too. Members and values are in the history of each contact."""
    auditlog.register(Group, exclude_fields=["created_at", "updated_at", "state", "refreshed_at", "tried_at", "problem", "problem_in"])
    auditlog.register(CustomField, exclude_fields=["created_at", "updated_at"])
    auditlog.register(AllowedRange, exclude_fields=["created_at"])
