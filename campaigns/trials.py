"""Tests that were sent: their messages, and how a page lists them."""

from collections.abc import Sequence
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from campaigns import wording
from campaigns.models import Message, TestSend
from contacts import selection
from contacts.models import PhoneNumber

LISTED = 5


def messages_of(test: TestSend, user: Any) -> list[Message]:
    """Each with its state in words, and `person`: somebody with the number whom this user may see."""
    rows = list(_with_keys([test]).with_stage().select_related("provider").order_by("id"))  # type: ignore[attr-defined]
    owners = PhoneNumber.objects.filter(number__in=[row.number for row in rows], contact__in=selection.visible_to(user)).select_related("contact")
    people = {owner.number: owner.contact for owner in owners.order_by("-id")}
    now = timezone.now()
    for row in rows:
        row.person, row.state = people.get(row.number), wording.of_message(row.stage, row.sent_at, now)
        row.why = wording.reason(row.reason, row.stage) if row.reason else ""
    return rows


def listed(tests: QuerySet[TestSend]) -> list[dict[str, Any]]:
    """The newest of a mailing's or a template's tests, with their states and cost; three queries however many there are."""
    found = list(tests.select_related("author", "rendered_as").order_by("-id")[:LISTED])
    by_key: dict[str, list[Any]] = {str(test.key): [] for test in found}
    for row in _with_keys(found).with_stage().select_related("provider").order_by("id") if found else []:  # type: ignore[attr-defined]
        by_key[row.idempotency_key.partition(":")[0]].append(row)
    return [_line(test, by_key[str(test.key)]) for test in found]


def _line(test: TestSend, rows: Sequence[Any]) -> dict[str, Any]:
    now = timezone.now()
    return {"test": test, "count": len(rows), "states": _summed([wording.of_message(row.stage, row.sent_at, now) for row in rows]), "cost": cost(rows)}


def _summed(states: Sequence[wording.State]) -> list[tuple[wording.State, int]]:
    kinds = dict.fromkeys(states)
    return [(state, states.count(state)) for state in kinds]


def _with_keys(tests: Sequence[TestSend]) -> Any:
    """Their messages, each found by the index of keys."""
    return Message.objects.filter(reduce(or_, (Q(idempotency_key__startswith=f"{test.key}:") for test in tests)))


def trial_of(message: Message) -> TestSend | None:
    """The test that a message belongs to; a test of a provider itself belongs to none."""
    if message.kind != Message.Kind.TEST or not message.idempotency_key:
        return None
    try:
        key = UUID(message.idempotency_key.partition(":")[0])
    except ValueError:
        return None
    return TestSend.objects.filter(key=key).select_related("mailing", "template", "rendered_as").first()


def cost(messages: Sequence[Message]) -> tuple[Decimal, str] | None:
    """(amount, currency) of some texts of one provider; None where it asks nothing."""
    provider = messages[0].provider if messages else None
    if provider is None or not provider.price_per_segment:
        return None
    return provider.price_per_segment * sum(message.segments for message in messages), provider.currency
