"""Delivery reports move messages forward along the table, set-wise; a repeat or a late one changes nothing."""

from collections.abc import Sequence

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


def apply(reports: Sequence[DeliveryReport]) -> set[int]:
    """Apply reports; the event ids of those whose message is not known yet, or has not been written as sent yet."""
    ids = [read_reference(report.reference) for report in reports]
    rows = Message.objects.filter(id__in={id_ for id_ in ids if id_ is not None}).order_by().values_list("id", "status", "provider_id")
    known = {(id_, provider_id): status for id_, status, provider_id in rows}
    wanted: dict[int, Outcome] = {}
    early: set[int] = set()
    for id_, report in zip(ids, reports, strict=True):
        status = known.get((id_, report.provider_id)) if id_ is not None else None  # another provider's word does not count
        if id_ is None or status is None or status == MessageStatus.OPEN:
            early.add(report.event_id)
        elif (target := TARGETS.get(report.status)) is not None:
            _keep_strongest(wanted, id_, target, report)
    if wanted:
        transitions.move_messages(list(wanted.values()), reported=True)
    return early


def _keep_strongest(wanted: dict[int, Outcome], id_: int, target: MessageStatus, report: DeliveryReport) -> None:
    known = wanted.get(id_)
    if known is None or RANK[target] > RANK[known.status]:
        failed = target is MessageStatus.UNDELIVERED
        detail = " ".join(filter(None, [report.raw_code, report.raw_status])) if failed else ""
        wanted[id_] = Outcome(id_, target, report.gateway_id, report.reason if failed else "", detail)
