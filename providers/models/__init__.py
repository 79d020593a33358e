"""Models of the app."""

from providers.models.provider import Provider
from providers.models.webhook_event import WebhookEvent

__all__ = ["Provider", "WebhookEvent"]
