"""Hard failures quarantine the number, with the text that caused it; failures that pass never do.

A gateway that stands in for one (a simulator, or anything on this machine) says nothing about real numbers: a rehearsal with the people of a
real mailing blocks nobody.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from campaigns.services.transitions import Outcome
from campaigns.statuses import MessageStatus
from contacts.services import bad_numbers
from contacts.services.bad_numbers import Failed
from providers import failures, registry
from providers.models import Provider
from providers.services import providers
from smsapp.common import phone

FAILED = (MessageStatus.FAILED, MessageStatus.UNDELIVERED)
READ = "SELECT number, reason, id, provider_id FROM campaigns_message WHERE id = ANY(%s) AND status IN (12, 20) AND reason = ANY(%s) ORDER BY number, id"


def hard(outcomes: Iterable[Outcome], moved: set[int]) -> list[int]:
    """The texts among those that moved whose number is bad."""
    return [each.message_id for each in outcomes if each.status in FAILED and each.reason in failures.HARD and each.message_id in moved]


def after_reports(outcomes: Sequence[Outcome], moved: set[int]) -> None:
    """In the transaction that applied delivery reports."""
    if not (ids := hard(outcomes, moved)):
        return
    with connection.cursor() as cursor:
        cursor.execute(READ, [ids, list(failures.HARD)])
        rows = cursor.fetchall()
        stand_ins = _stand_ins({row[3] for row in rows})
        if failed := _believed(rows, stand_ins):
            cursor.execute(bad_numbers.QUARANTINE, bad_numbers.columns(failed))
            cursor.execute(bad_numbers.TELL, _told(cursor.fetchall()))


async def after_calls(cursor: Any, provider: Any, outcomes: Sequence[Outcome], moved: set[int]) -> None:
    """In a worker's transaction that writes what became of calls; `provider` is a snapshot."""
    if not (ids := hard(outcomes, moved)):
        return
    await cursor.execute(READ, [ids, list(failures.HARD)])
    stand_ins = {provider.id} if registry.get(provider.kind).accepts_fictional(provider) else set()
    if failed := _believed(await cursor.fetchall(), stand_ins):
        await cursor.execute(bad_numbers.QUARANTINE, bad_numbers.columns(failed))
        await cursor.execute(bad_numbers.TELL, _told(await cursor.fetchall()))


def _stand_ins(ids: set[int | None]) -> set[int]:
    rows = Provider.objects.filter(id__in=[pk for pk in ids if pk])
    return {row.pk for row in rows if registry.get(row.kind).accepts_fictional(providers.snapshot_of(row))}


def _believed(rows: Iterable[tuple[str, str, int, int | None]], stand_ins: set[int]) -> list[Failed]:
    return [(number, reason, pk) for number, reason, pk, provider in rows if provider not in stand_ins or phone.is_fictional(number)]


def _told(rows: Iterable[tuple[str]]) -> list[list[str]]:
    numbers = [row[0] for row in rows]
    return [numbers, [phone.display(number) for number in numbers]]
