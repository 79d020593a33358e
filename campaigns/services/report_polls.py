"""Ask gateways about texts that they took and never reported on: those that can be asked, at three ages, so many a minute.

The histories are walked in the order in which texts left, so no row of a message needs an index of its own for this. What a gateway says goes the
way of a delivery report; a text that is older than the last age is left to a late report.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from campaigns.models import Message, ReportWalk
from campaigns.pipeline import report
from campaigns.services import look_ups
from campaigns.statuses import MessageStatus
from contacts.models import Activity
from providers.models import Provider
from providers.services import providers, sending
from providers.types import DeliveryReport

AGES = (15, 6 * 60, 48 * 60)  # minutes since a text left
STRIDE = 20_000  # lines of histories that one round passes
AT_MOST = 100  # texts that one round asks about, for each age
GIVEN_UP = timedelta(hours=72)


def run() -> int:
    """A round, which the tick rings every minute; how many texts were told of."""
    able = list(Provider.objects.filter(pk__in=look_ups.able(), active=True).exclude(lane=Provider.Lane.PAUSED))
    if not able:
        ReportWalk.objects.all().delete()  # when somebody can be asked again, that begins with the texts of then
        return 0
    texts = {text.pk: text for minutes in AGES for text in _take(minutes, [row.pk for row in able])}
    return sum(_ask_about(row, [text for text in texts.values() if text.provider_id == row.pk]) for row in able)


@transaction.atomic
def _take(minutes: int, able: Sequence[int]) -> list[Message]:
    """The next texts of an age without a report; nobody else takes them for it."""
    walk = ReportWalk.objects.select_for_update(skip_locked=True).filter(minutes=minutes).first()
    if walk is None:
        ReportWalk.objects.get_or_create(minutes=minutes, defaults={"up_to": Activity.objects.aggregate(last=Max("id"))["last"] or 0})
        return []
    lines = _lines(walk.up_to, timezone.now() - timedelta(minutes=minutes))
    if not lines:
        return []
    untold = {text.pk: text for text in _untold([source for _id, source in lines if source], able)}
    taken: list[Message] = []
    for pk, source in lines:
        if len(taken) == AT_MOST:
            break
        walk.up_to = pk
        if source in untold:
            taken.append(untold[source])
    walk.save(update_fields=["up_to"])
    return taken


def _lines(after: int, before: Any) -> list[tuple[int, int | None]]:
    """(id, message) of the next lines, up to the first text that is too young; lines of other kinds have no message."""
    found: list[tuple[int, int | None]] = []
    for pk, kind, source, at in Activity.objects.filter(id__gt=after).order_by("id").values_list("id", "kind", "source", "at")[:STRIDE]:
        is_text = kind == Activity.Kind.SMS_SENT
        if is_text and at > before:
            break
        found.append((pk, source if is_text else None))
    return found


def _untold(ids: Sequence[int], able: Sequence[int]) -> list[Message]:
    texts = Message.objects.filter(pk__in=ids, status=MessageStatus.SENT, reported_at=None, provider__in=able)
    return list(texts.exclude(gateway_id="").filter(sent_at__gt=timezone.now() - GIVEN_UP))


def _ask_about(provider: Provider, texts: Sequence[Message]) -> int:
    if not texts:
        return 0
    found = asyncio.run(_ask(providers.snapshot_of(provider), texts))
    report.apply(found)
    return len(found)


async def _ask(provider: Any, texts: Sequence[Message]) -> list[DeliveryReport]:
    """What the gateway says of each, found by its own reference."""
    gate = asyncio.Semaphore(look_ups.AT_ONCE)

    async def ask(session: Any, text: Message) -> list[DeliveryReport]:
        async with gate:
            told = await look_ups.candidates(session, provider, text, text.sent_at or text.created_at)
        return [each for each in told if each.gateway_id == text.gateway_id]

    async with sending.open_session(look_ups.AT_ONCE) as session:
        answers = await asyncio.gather(*[ask(session, text) for text in texts])
    return [each for answer in answers for each in answer]
