"""What the audit log keeps of this app by itself; steps of mailings are noted where they are taken."""

from auditlog.registry import auditlog

from campaigns.models import Campaign, Route, SmsTemplate


def register() -> None:
    """Every change of templates, campaigns and routing rules."""
    for model in (Campaign, SmsTemplate, Route):
        auditlog.register(model, exclude_fields=["created_at", "updated_at"])
