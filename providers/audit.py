"""What the audit log keeps of this app by itself; lanes are noted where a person pauses or resumes them."""

from auditlog.registry import auditlog

from providers.models import Provider

NEVER = ["secrets", "webhook_token"]  # would stand readable in the log
NOISE = [
    "last_error", "last_error_in", "last_error_at", "lane", "lane_reason", "lane_reason_in", "lane_cause", "slowed_until", "created_at", "updated_at",
]  # fmt: skip


def register() -> None:
    """Every change of a provider: senders, limits, prices, countries."""
    auditlog.register(Provider, exclude_fields=[*NEVER, *NOISE])
