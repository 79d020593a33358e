"""Delivery reports move messages forward along the table, set-wise; a repeat or a late one changes nothing."""

from collections.abc import Iterable

from campaigns.models import Message
from campaigns.services import transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import MessageStatus
from providers.types import DeliveryReport, ReportStatus
from smsapp.common.secrets import read_reference

TARGETS = {
    ReportStatus.DELIVERED: MessageStatus.DELIVERED,
    ReportStatus.UNDELIVERED: MessageStatus.UNDELIVERED,
    ReportStatus.FAILED: MessageStatus.UNDELIVERED,  # it had been accepted: what failed is the delivery
    ReportStatus.ACCEPTED: MessageStatus.SENT,  # settles an unknown one; nothing to do for a sent one
}
RANK = {MessageStatus.SENT: 0, MessageStatus.UNDELIVERED: 1, MessageStatus.DELIVERED: 2}


def apply(reports: list[DeliveryReport]) -> set[int]:
    """Apply reports; the event ids of those whose message is not known yet, or has not been written as sent yet."""
    found = _messages(reports)
    wanted: dict[int, Outcome] = {}
    early: set[int] = set()
    for report in reports:
        message = found.get(report)
        if message is None or message.status == MessageStatus.OPEN:
            early.add(report.event_id)
        elif (target := TARGETS.get(report.status)) is not None:
            _keep_strongest(wanted, message, target, report)
    if wanted:
        transitions.move_messages(list(wanted.values()), reported=True)
    return early


def _keep_strongest(wanted: dict[int, Outcome], message: Message, target: MessageStatus, report: DeliveryReport) -> None:
    known = wanted.get(message.id)
    if known is None or RANK[target] > RANK[known.status]:
        failed = target is MessageStatus.UNDELIVERED
        detail = " ".join(filter(None, [report.raw_code, report.raw_status])) if failed else ""
        wanted[message.id] = Outcome(message.id, target, report.gateway_id, report.reason if failed else "", detail)


def _messages(reports: Iterable[DeliveryReport]) -> dict[DeliveryReport, Message]:
    """The message of each report that has one: by our own reference, and only if it went through that provider."""
    ids = {report: number for report in reports if (number := read_reference(report.reference)) is not None}
    rows = Message.objects.only("id", "status", "provider_id").in_bulk(set(ids.values()))
    return {report: rows[number] for report, number in ids.items() if number in rows and rows[number].provider_id == report.provider_id}
