"""What the audit log keeps of this app by itself; imports are noted where they are started and stopped."""

from auditlog.registry import auditlog

from contacts.models import Group


def register() -> None:
    """Every change of groups, their deletion too. Members have the history of each contact."""
    auditlog.register(Group, exclude_fields=["created_at", "updated_at"])
