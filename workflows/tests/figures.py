"""Figures of mailings counted from their rows, and the same as totals tell them."""

from collections import Counter
from decimal import Decimal

from campaigns.models import Exclusion, Message
from campaigns.statuses import ACCEPTED, MessageStatus


def rows_of(chosen):
    """Of some mailings, counted from their rows: texts by status, people left out by reason, cost."""
    texts = Message.objects.filter(mailing__in=chosen)
    left_out = Counter(Exclusion.objects.filter(mailing__in=chosen).values_list("reason", flat=True))
    segments = sum(texts.filter(status__in=ACCEPTED).values_list("segments", flat=True))
    return Counter(texts.values_list("status", flat=True)), dict(left_out), Decimal("0.05") * segments


def counted(total):
    """The same, as totals tell it."""
    figures = total.figures
    by_status = {status: getattr(figures, status.name.lower()) for status in MessageStatus if status is not MessageStatus.OPEN}
    return Counter({**by_status, MessageStatus.OPEN: figures.open}), figures.excluded, total.costs.get("EUR", Decimal(0))
