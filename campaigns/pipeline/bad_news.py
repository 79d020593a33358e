"""What failures say of numbers, written with the failure: hard ones quarantine the number, an opt-out at the gateway suppresses it.

A gateway that stands in for one (a simulator, or anything on this machine) says nothing about real numbers: a rehearsal with the people of a
real mailing blocks nobody.
"""

from collections.abc import Generator, Iterable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from django.db import connection

from campaigns.services.transitions import Outcome
from campaigns.statuses import MessageStatus
from contacts.services import bad_numbers, consent, opt_outs
from providers import failures, registry
from providers.models import Provider
from providers.services import providers
from smsapp.common import phone

FAILED = (MessageStatus.FAILED, MessageStatus.UNDELIVERED)
TELLING = (*failures.HARD, failures.OPTED_OUT)
READ = """
    SELECT m.number, m.reason, m.id, m.contact_id, m.provider_id, p.name
      FROM campaigns_message m LEFT JOIN providers_provider p ON p.id = m.provider_id
     WHERE m.id = ANY(%s) AND m.status IN (12, 20) AND m.reason = ANY(%s) ORDER BY m.number, m.id"""


class Told(NamedTuple):
    """A failure that says something about its number."""

    number: str
    reason: str
    message: int
    contact: int | None
    provider: int | None
    gateway: str | None  # the provider's name


Steps = Generator[tuple[str, Sequence[Any]], list[Any], None]  # statements with their parameters; each is answered with its rows


def after_reports(outcomes: Sequence[Outcome], moved: set[int]) -> None:
    """In the transaction that applied delivery reports."""
    if not (ids := _telling(outcomes, moved)):
        return
    with connection.cursor() as cursor:
        cursor.execute(READ, [ids, list(TELLING)])
        found = [Told(*row) for row in cursor.fetchall()]
        steps = _blocks(_believed(found, _stand_ins({each.provider for each in found})))
        with suppress(StopIteration):
            step = next(steps)
            while True:
                cursor.execute(*step)
                step = steps.send(cursor.fetchall() if cursor.description else [])


async def after_calls(cursor: Any, provider: Any, outcomes: Sequence[Outcome], moved: set[int]) -> None:
    """In a worker's transaction that writes what became of calls; `provider` is a snapshot."""
    if not (ids := _telling(outcomes, moved)):
        return
    await cursor.execute(READ, [ids, list(TELLING)])
    found = [Told(*row) for row in await cursor.fetchall()]
    stand_ins = {provider.id} if registry.get(provider.kind).accepts_fictional(provider) else set()
    steps = _blocks(_believed(found, stand_ins))
    with suppress(StopIteration):
        step = next(steps)
        while True:
            await cursor.execute(*step)
            step = steps.send(await cursor.fetchall() if cursor.description else [])


def _telling(outcomes: Iterable[Outcome], moved: set[int]) -> list[int]:
    """The texts among those that moved whose failure concerns the number."""
    return [each.message_id for each in outcomes if each.status in FAILED and each.reason in TELLING and each.message_id in moved]


def _stand_ins(ids: set[int | None]) -> set[int]:
    rows = Provider.objects.filter(id__in=[pk for pk in ids if pk])
    return {row.pk for row in rows if registry.get(row.kind).accepts_fictional(providers.snapshot_of(row))}


def _believed(found: Iterable[Told], stand_ins: set[int]) -> list[Told]:
    return [each for each in found if each.provider not in stand_ins or phone.is_fictional(each.number)]


def _blocks(told: Sequence[Told]) -> Steps:
    if bad := [(each.number, each.reason, each.message) for each in told if each.reason in failures.HARD]:
        new = yield bad_numbers.QUARANTINE, bad_numbers.columns(bad)
        if new:
            yield bad_numbers.TELL, _lines("number_quarantined", new)
    if out := {each.number: each for each in told if each.reason == failures.OPTED_OUT}:
        new = yield opt_outs.SUPPRESS, [list(out)]
        if new:
            yield bad_numbers.TELL, _lines("number_suppressed", new)
            yield consent.APPEND, consent.columns([_opt_out(out[number]) for (number,) in new])


def _opt_out(told: Told) -> consent.Entry:
    return opt_outs.entry(told.number, contact_id=told.contact, message=told.message, gateway=told.gateway or "")


def _lines(subject: str, new: Iterable[tuple[str]]) -> list[Any]:
    numbers = [row[0] for row in new]
    return [subject, numbers, [phone.display(number) for number in numbers]]
