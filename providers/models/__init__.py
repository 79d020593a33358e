"""Models of the app."""

from providers.models.bind import Bind
from providers.models.parts import InboundPart, SentPart
from providers.models.provider import Provider
from providers.models.webhook_event import WebhookEvent

__all__ = ["Bind", "InboundPart", "Provider", "SentPart", "WebhookEvent"]
