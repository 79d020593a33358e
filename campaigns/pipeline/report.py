"""Delivery reports move messages forward along the table, set-wise; a repeat or a late one changes nothing."""

from collections.abc import Sequence

from django.db import connection, transaction

from campaigns.pipeline import bad_news
from campaigns.services import transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import MessageStatus
from providers.types import DeliveryReport, ReportStatus
from smsapp.common import arrays
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
    known = _known([id_ for id_ in ids if id_ is not None])
    wanted: dict[int, Outcome] = {}
    early: set[int] = set()
    for id_, report in zip(ids, reports, strict=True):
        status = known.get((id_, report.provider_id)) if id_ is not None else None  # another provider's word does not count
        if id_ is None or status is None or status == MessageStatus.OPEN:
            early.add(report.event_id)
        elif (target := TARGETS.get(report.status)) is not None:
            _keep_strongest(wanted, id_, target, report)
    if wanted:
        _write(list(wanted.values()))
    return early


@transaction.atomic
def _write(outcomes: Sequence[Outcome]) -> None:
    moved = transitions.move_messages(outcomes, reported=True)
    bad_news.after_reports(outcomes, moved)


def _keep_strongest(wanted: dict[int, Outcome], id_: int, target: MessageStatus, report: DeliveryReport) -> None:
    known = wanted.get(id_)
    if known is None or RANK[target] > RANK[known.status]:
        failed = target is MessageStatus.UNDELIVERED
        detail = " ".join(filter(None, [report.raw_code, report.raw_status])) if failed else ""
        wanted[id_] = Outcome(id_, target, report.gateway_id, report.reason if failed else "", detail)


def _known(ids: Sequence[int]) -> dict[tuple[int, int | None], int]:
    """(message, its provider) → its status, of those that exist."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, provider_id, status FROM campaigns_message WHERE id = ANY(%s::bigint[])", [arrays.integers(ids)])
        return {(id_, provider_id): status for id_, provider_id, status in cursor.fetchall()}
