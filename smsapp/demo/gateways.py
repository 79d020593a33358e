"""A second gateway, rules that lead some texts to it, and requests as gateways post them: applied, without a text, not understood."""

from datetime import timedelta
from urllib.parse import urlencode

from django.utils import timezone

from campaigns.models import Route
from providers.models import Provider, WebhookEvent

FORM = "application/x-www-form-urlencoded"


def make_gateways(provider: Provider) -> None:
    """Once, beside the first one."""
    values = {"kind": "simulator", "senders": ["+447700900999", "CONSOLE GB"], "rate": 20, "max_segments": 3, "price_per_segment": "0.03900"}
    second, new = Provider.objects.get_or_create(name="Second gateway", defaults=values)
    if new:
        Route.objects.create(position=10, countries=["GB"], kinds=["one_off"], provider=second, note="British numbers answer to a British one.")
        Route.objects.create(position=20, kinds=["one_off", "mailing"], keep_sender=True, active=False, note="Not yet: ask Claire.")
        make_events(provider)


def make_events(provider: Provider) -> None:
    """A week of them."""
    delivered = {"MessageSid": "SM0000000000000000000000000000a1b2", "MessageStatus": "delivered", "To": "+33639980142"}
    foreign = {"MessageSid": "SM0000000000000000000000000000c3d4", "MessageStatus": "undelivered", "ErrorCode": "30003", "To": "+447700900142"}
    rows = (
        (urlencode(delivered), WebhookEvent.State.APPLIED, "", 5),
        (urlencode(foreign), WebhookEvent.State.UNMATCHED, "", 4),
        ("MessageStatus=delivered", WebhookEvent.State.BROKEN, "MessageSid or MessageStatus is missing", 1),
    )
    for number, (body, state, problem, days) in enumerate(rows):
        facts = {"event": "status", "body": body.encode(), "content_type": FORM, "digest": f"demo {number}".encode().ljust(16), "state": state}
        row = WebhookEvent.objects.create(provider=provider, problem=problem, tries=9 if state == WebhookEvent.State.UNMATCHED else 1, **facts)
        at = timezone.now() - timedelta(days=days)
        WebhookEvent.objects.filter(pk=row.pk).update(received_at=at, applied_at=at if state == WebhookEvent.State.APPLIED else None)
