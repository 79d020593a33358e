"""What the audit log keeps of this app by itself; steps of mailings are noted where they are taken."""

from auditlog.registry import auditlog

from campaigns.models import AutomaticText, Campaign, KeywordRule, QuietDay, QuietHours, Route, SmsTemplate


def register() -> None:
    """Every change of templates, campaigns, routing rules, keyword rules, automatic texts and quiet hours."""
    for model in (Campaign, SmsTemplate, Route, KeywordRule, AutomaticText, QuietHours, QuietDay):
        auditlog.register(model, exclude_fields=["created_at", "updated_at"])
