"""The way that most projects begin with: one Celery task per text, the vendor's client, one save per row."""

import os
from typing import Any

from celery import shared_task
from django.utils import timezone
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

_ACCOUNT = "AC" + "0" * 32


class _Local(TwilioHttpClient):
    """Twilio's own client, pointed at the simulator."""

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        return super().request(method, url.replace("https://api.twilio.com", os.environ["SIMULATOR_URL"]), *args, **kwargs)


_client = Client(_ACCOUNT, "secret", http_client=_Local())


@shared_task(name="benchmarks.naive.send_one")
def send_one(message_id: int) -> None:
    """Load, send, save, log."""
    from campaigns.models import Message
    from campaigns.statuses import MessageStatus
    from contacts.models import Activity

    message = Message.objects.select_related("mailing", "contact").get(id=message_id)
    answer = _client.messages.create(to=message.number, from_=message.sender, body=message.text, status_callback="http://127.0.0.1/hook")
    message.status, message.gateway_id, message.sent_at = MessageStatus.SENT, answer.sid or "", timezone.now()
    message.save()
    Activity.objects.create(contact=message.contact, kind=Activity.Kind.SMS_SENT, subject=message.mailing.name, at=timezone.now(), source=message.id)
