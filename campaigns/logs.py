"""The log of mailings: their texts by state and cause, and whom preparation left out, by reason."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet

from campaigns import wording
from campaigns.models import Exclusion, Message
from campaigns.statuses import MessageStatus

TEXTS, LEFT_OUT = "texts", "left-out"  # the parts of a log
STAGES = frozenset({"", "arrived-not", *wording.STAGES})


def texts(mailings: Sequence[int], stage: str = "", reason: str = "") -> QuerySet[Any]:
    """Messages with their stage; settled ones by what is stored, open ones by what is read off mailing and chunk."""
    found: QuerySet[Any] = Message.objects.filter(mailing__in=mailings).with_stage()
    if reason:
        found = found.filter(reason=reason)
    if not stage:
        return found
    if stage == "arrived-not":
        return found.filter(status__in=[MessageStatus[name.upper()] for name in wording.NOT_ARRIVED])
    if stage in ("prepared", "queued", "sending"):
        return found.filter(status=MessageStatus.OPEN, stage=stage)
    return found.filter(Q(status=MessageStatus[stage.upper()]) | Q(stage=stage))


def left_out(mailings: Sequence[int], reason: str = "") -> QuerySet[Exclusion]:
    """People whom preparation left out."""
    return Exclusion.objects.filter(mailing__in=mailings, **({"reason": reason} if reason else {}))
