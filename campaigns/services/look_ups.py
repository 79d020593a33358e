"""Ask gateways what became of unknown texts: those that keep a list which can be searched by number and day, and only some texts at a time.

What is found goes the way of a delivery report. No match proves nothing: the text stays unknown. So does one that could be two texts.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from campaigns import tasks
from campaigns.models import Message, UnknownText
from campaigns.pipeline import report
from contacts.models import Activity
from providers import registry
from providers.errors import ProviderError
from providers.models import Provider
from providers.services import providers, sending
from providers.types import DeliveryReport, OutboundSms
from smsapp.common.ring import ring
from smsapp.common.secrets import sign_reference

log = logging.getLogger(__name__)

AT_ONCE = 20  # questions to a gateway at the same time
SECONDS = 5.0  # after which a run leaves the rest to the next tick
KNOWN_WITHIN = timedelta(days=1)  # texts of a person that the gateway's list may show too

# Takes the ones that are due, so that two workers never ask about one text. Later questions come at growing distances, then no more.
TAKE = """
    UPDATE campaigns_unknowntext u
       SET looks = least(u.looks + 1, 30000),
           look_at = CASE u.looks WHEN 0 THEN now() + interval '1 minute' WHEN 1 THEN now() + interval '10 minutes'
                                  WHEN 2 THEN now() + interval '1 hour' WHEN 3 THEN now() + interval '6 hours' END
     WHERE u.message_id IN (SELECT message_id FROM campaigns_unknowntext
                             WHERE provider_id = %s AND look_at <= now() ORDER BY look_at LIMIT %s FOR UPDATE SKIP LOCKED)
 RETURNING u.message_id"""


def able() -> list[int]:
    """Providers that can be asked."""
    kinds = [kind for kind, _label in registry.choices() if registry.get(kind).can_look_up]
    return list(Provider.objects.filter(kind__in=kinds).values_list("id", flat=True))


def possible() -> bool:
    """Whether any gateway can be asked."""
    return bool(able())


def ask_for(ids: Sequence[int]) -> int:
    """Have these asked about as soon as a worker is free; how many can be."""
    asked = UnknownText.objects.filter(message__in=ids, provider__in=able()).update(look_at=timezone.now())
    if asked:
        ring(tasks.look_up_unknown)
    return asked


def ring_when_due(now: datetime) -> None:
    """The tick: somebody should be asked about."""
    if UnknownText.objects.filter(look_at__lte=now, provider__in=able()).exists():
        ring(tasks.look_up_unknown, expires=10)


def run() -> int:
    """Ask about what is due, for a few seconds; how many were settled."""
    ends, settled = time.monotonic() + SECONDS, 0
    for provider_id in able():
        while time.monotonic() < ends and (messages := _take(provider_id)):
            found = asyncio.run(_ask(providers.snapshot(provider_id), messages, _known(messages)))
            report.apply(found)
            settled += len(found)
    return settled


def _take(provider_id: int) -> list[Message]:
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [provider_id, AT_ONCE])
        ids = [row[0] for row in cursor.fetchall()]
    return list(Message.objects.filter(id__in=ids).select_related("unknown").order_by("id"))


def _known(messages: Sequence[Message]) -> set[str]:
    """Gateway ids of other texts to the same people: what the gateway lists under them is none of ours."""
    people = {message.contact_id for message in messages if message.contact_id}
    since = min(message.unknown.since for message in messages) - KNOWN_WITHIN
    lines = Activity.objects.filter(contact__in=people, kind=Activity.Kind.SMS_SENT, at__gte=since).values_list("source", flat=True)
    return set(Message.objects.filter(id__in=list(lines)).exclude(gateway_id="").values_list("gateway_id", flat=True))


async def _ask(provider: Any, messages: Sequence[Message], known: set[str]) -> list[DeliveryReport]:
    async with sending.open_session(AT_ONCE) as session:
        answers = await asyncio.gather(*[candidates(session, provider, message, message.unknown.since) for message in messages])
    found: list[DeliveryReport] = []
    for answer in answers:
        new = [candidate for candidate in answer if candidate.gateway_id not in known]
        if len(new) == 1:
            known.add(new[0].gateway_id)
            found.append(new[0])
    return found


async def candidates(session: Any, provider: Any, message: Message, around: datetime) -> list[DeliveryReport]:
    """What the gateway took on around that time and may be this text; nothing where it does not answer."""
    reference = sign_reference(message.pk)
    sms = OutboundSms(message.number, message.text, message.sender, reference)
    try:
        return await sending.look_up(session, provider, sms, around)
    except ProviderError as problem:
        log.warning("look-up failed", extra={"provider": provider.id, "reason": problem.reason})
        return []
