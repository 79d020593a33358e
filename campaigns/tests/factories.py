"""Builders of providers, mailings and messages for tests."""

from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from campaigns.models import Chunk, Mailing, Message, QuietHours, SmsTemplate
from campaigns.pipeline.message_rows import places
from campaigns.pipeline.prepare import prepare
from campaigns.services import mailings, quiet_hours, templates
from campaigns.statuses import ChunkState
from campaigns.texts import Texts
from contacts.models import Activity, Group
from contacts.tests.factories import make_crowd, make_group
from providers.models import Provider

_counter = count(1)


def make_provider(**changes: Any) -> Provider:
    """An active simulator with one sender."""
    number = next(_counter)
    values = {"name": f"Gateway {number}", "kind": "simulator", "senders": ["36111"], "rate": 1000, "max_segments": 3, **changes}
    return Provider.objects.create(**values)


def fictional(index: int) -> str:
    """The index-th French number that belongs to nobody (0 … 9999)."""
    return f"+3363998{index:04d}"


def make_people(amount: int, **changes: Any) -> Group:
    """A group of so many people, each with a mobile."""
    return make_group(*make_crowd(map(fictional, range(amount)), **changes))


def make_mailing(*groups: Group, author: Any = None, **changes: Any) -> Mailing:
    """A draft with provider, sender and text, ready to be prepared."""
    changes.setdefault("provider", changes.get("provider") or make_provider())
    values = {"name": f"Mailing {next(_counter)}", "sender": "36111", "text": "Hello {contact.first_name}", **changes}
    exclude = values.pop("exclude", [])
    mailing = Mailing.objects.create(author=author, **values)
    mailing.include_groups.set(groups)
    mailing.exclude_groups.set(exclude)
    return mailing


def make_ready(*groups: Group, **changes: Any) -> Mailing:
    """A prepared mailing."""
    mailing = mailings.prepare(make_mailing(*groups, **changes), None)
    prepare(mailing.id)
    mailing.refresh_from_db()
    return mailing


def make_sending(*groups: Group, **changes: Any) -> Mailing:
    """A mailing whose chunks may be claimed."""
    return mailings.confirm(make_ready(*groups, **changes), None)


def make_template(text: str = "Hello {contact.first_name}", *, language: str = "", translations: dict[str, str] | None = None, **settings: Any) -> SmsTemplate:
    """A template with its first version."""
    name = settings.pop("name", f"Template {next(_counter)}")
    return templates.create(name, Texts(text, language, translations or {}), None, **settings)


def make_message(provider: Provider, number: str = "+33639980001", **changes: Any) -> Message:
    """A one-off message in a ready urgent chunk of its own."""
    (chunk,), _positions = places(1, mailing_id=None, provider=provider, priority=Chunk.Priority.URGENT, state=ChunkState.READY)
    return Message.objects.create(**{"provider": provider, "number": number, "text": "Hello", "sender": "36111", "kind": Message.Kind.ONE_OFF, "chunk_id": chunk, **changes})


def texted(contact: Any, hours: float) -> None:
    """A line of a text that the contact got so many hours ago."""
    Activity.objects.create(contact=contact, kind="sms_sent", subject="Earlier", at=timezone.now() - timedelta(hours=hours))


def make_hours(country: str = "FR", **changes: Any) -> QuietHours:
    """Quiet hours in use: 8 to 20 from Monday to Saturday, not on Sundays and public holidays."""
    row, _new = QuietHours.objects.update_or_create(country=country, defaults={"active": True, **changes})
    quiet_hours.follow_rules()
    return row
