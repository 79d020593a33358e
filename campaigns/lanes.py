"""What campaigns knows of a provider's lane: what waits, and how the last texts went."""

from collections import Counter
from typing import Any

from django.db.models import F, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Chunk, Message
from campaigns.statuses import ChunkState, MessageStatus
from providers.models import Provider

LOOKED_AT = 2_000  # last texts of all providers: by their key, so that no million rows are read

_BAD = (MessageStatus.FAILED, MessageStatus.UNDELIVERED)


class SendTest:
    """Send test on a provider's admin page."""

    label = gettext_lazy("Send test")
    icon = "send-check"
    permission = "providers.change_provider"

    def url(self, provider: Provider) -> str:
        """The form for a number and a text."""
        return reverse("campaigns:test", args=[provider.pk])


def figures(provider_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    """For each provider what waits and how the last texts went."""
    waiting = _waiting(provider_ids)
    recent = _recent()
    return {provider_id: _rows(waiting, recent, provider_id) for provider_id in provider_ids}


def _waiting(provider_ids: list[int]) -> dict[tuple[int, int], int]:
    ready = Chunk.objects.filter(provider_id__in=provider_ids, state=ChunkState.READY).order_by()
    rows = ready.values_list("provider_id", "priority").annotate(texts=Sum(F("size") - F("started_up_to")))
    return {(provider_id, priority): texts for provider_id, priority, texts in rows}


def _recent() -> Counter[tuple[int, int]]:
    settled = Message.objects.exclude(status=MessageStatus.OPEN).exclude(kind=Message.Kind.TEST)
    last = settled.order_by("-id").values_list("provider_id", "status")[:LOOKED_AT]
    return Counter(last)


def _rows(waiting: dict[tuple[int, int], int], recent: Counter[tuple[int, int]], provider_id: int) -> list[dict[str, Any]]:
    total = sum(count for (owner, _status), count in recent.items() if owner == provider_id)
    bad = sum(recent[provider_id, status] for status in _BAD)
    return [
        {"label": _("Waiting, urgent"), "value": waiting.get((provider_id, Chunk.Priority.URGENT), 0)},
        {"label": _("Waiting, mailings"), "value": waiting.get((provider_id, Chunk.Priority.BULK), 0)},
        {"label": _("Did not arrive"), "value": bad, "note": _("of the last %(total)s texts") % {"total": total}},
        {"label": _("Unknown"), "value": recent[provider_id, MessageStatus.UNKNOWN], "note": _("may have been sent")},
    ]
