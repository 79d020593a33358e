"""What received texts say about texts that have not left: marketing waits for a review, and the confirmation of a STOP passes the block that it confirms."""

from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef, Q

from campaigns.models import AutomaticReply, Conversation, Message
from contacts.models import Suppression
from contacts.slots import MarketingHold

IN_REVIEW = "in_review"


def _waits(path: str) -> Any:
    return Exists(Conversation.objects.in_review().filter(number=OuterRef(path)))


def _waiting(numbers: Collection[str]) -> set[str]:
    return set(Conversation.objects.in_review().filter(number__in=numbers).values_list("number", flat=True))


REVIEW = MarketingHold(_waits, _waiting)


def confirms_its_block() -> Q:
    """Of a message: it was queued to confirm the very block that holds now."""
    holding = Suppression.objects.filter(number=OuterRef("number"), ended_at__isnull=True)
    confirming = AutomaticReply.objects.filter(message=OuterRef("pk"), suppression__in=holding.values("id"))
    return Q(kind=Message.Kind.AUTOMATIC) & Q(Exists(confirming))
