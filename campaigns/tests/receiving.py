"""Texts that people send, for tests: as a gateway tells them, and what stood on the wire in return."""

from itertools import count
from typing import Any

from campaigns.models import InboundMessage, KeywordRule, Message
from campaigns.pipeline import deliver
from campaigns.services import replies
from campaigns.tests.factories import fictional
from providers.models import Provider
from providers.types import InboundSms

ME = fictional(1)
_ids = count(1)


def receive(provider: Provider, text: str, number: str = ME, *, gateway_id: str | None = None, to: str = "36111") -> Any:
    """Keep a text from this number; None when it was here already."""
    return replies.keep(InboundSms(provider.pk, gateway_id if gateway_id is not None else f"MO{next(_ids)}", number, to, text))


def action(provider: Provider, text: str, number: str = ME) -> str:
    """What it was taken for."""
    return receive(provider, text, number).action


def make_rule(*words: str, **values: Any) -> KeywordRule:
    """A rule that is in use."""
    return KeywordRule.objects.create(**{"words": list(words), "action": "reply", "reply": "See you!", **values})


def automatic() -> list[str]:
    """The automatic answers so far, in order."""
    return list(Message.objects.filter(kind=Message.Kind.AUTOMATIC).order_by("id").values_list("text", flat=True))


def work(provider: Provider) -> None:
    """A worker's slice."""
    deliver.run_slice(provider.pk, urgent_only=False)


def received() -> list[str]:
    """What stands in the table, in order."""
    return list(InboundMessage.objects.order_by("id").values_list("text", flat=True))
