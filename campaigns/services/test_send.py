"""Texts that only try a provider out: marked as test, on no contact's history, in no report."""

from typing import Any

from django.utils.translation import gettext as _

from campaigns.models import Message
from campaigns.services.errors import CampaignError
from campaigns.services.quick_send import check_numbers, store
from providers.charset import normalise
from providers.models import Provider
from providers.segments import measure


def send(provider: Provider, number: str, text: str, author: Any, *, key: str) -> Message:
    """Queue a test text to an E.164 number, urgently."""
    body = normalise(text)
    size = measure(body)
    if not size.segments:
        raise CampaignError("no_text", _("Write the text first."))
    if size.segments > provider.max_segments:
        words = _("The text has %(segments)s segments, at most %(limit)s may be sent. Shorten it.")
        raise CampaignError("too_long", words % {"segments": size.segments, "limit": provider.max_segments})
    check_numbers(provider, [number])
    row = Message(
        kind=Message.Kind.TEST, author=author, provider=provider, sender=provider.senders[0] if provider.senders else "", subject="Test",
        text=body, number=number, encoding=0 if size.encoding == "GSM-7" else 1, segments=size.segments, idempotency_key=f"{key}:{number}",
    )  # fmt: skip
    return store([row], provider, key)[0]
