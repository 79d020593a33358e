"""Builders for tests."""

from typing import Any

from providers.models import Provider
from providers.types import OutboundSms


def make_provider(**changes: Any) -> Provider:
    """A saved provider: the simulator unless told otherwise."""
    count = Provider.objects.count()
    values = {"name": f"Provider {count + 1}", "kind": "simulator", "senders": ["+33639980001"]} | changes
    return Provider.objects.create(**values)


def make_twilio(**changes: Any) -> Provider:
    """A saved provider of the kind with credentials."""
    values = {"kind": "twilio", "options": {"account_sid": "ACtest"}, "secrets": {"auth_token": "token-4711"}} | changes
    return make_provider(**values)


def make_sms(**changes: Any) -> OutboundSms:
    """A text to hand over."""
    values = {"number": "+33639980101", "text": "Hello", "sender": "+33639980001", "reference": "1-abc"} | changes
    return OutboundSms(**values)
