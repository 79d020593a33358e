"""What received texts say about texts that have not left: marketing waits for a review, a series ends with an answer, a confirmed STOP is confirmed."""

from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef, Q

from campaigns.models import AutomaticReply, Conversation, Mailing, Message, SeriesStop, SmsTemplate
from contacts.eligibility import Reason
from contacts.models import Suppression
from contacts.slots import MarketingHold

IN_REVIEW = "in_review"
REPLIED = "replied"


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


def answered_since() -> Reason:
    """Of a message: its series was answered after it was queued."""
    stops = SeriesStop.objects.filter(number=OuterRef("number"), at__gte=OuterRef("created_at"))
    of_template = SmsTemplate.objects.filter(pk=OuterRef(OuterRef("template"))).exclude(series="").values("series")
    in_mailing = Q(mailing__series__gt="") & Q(Exists(stops.filter(series=OuterRef("mailing__series"))))
    alone = Q(mailing__isnull=True, template__isnull=False) & Q(Exists(stops.filter(series__in=of_template)))
    return (REPLIED, in_mailing | alone)


def answered(mailing: Mailing) -> list[Reason]:
    """Of a contact, when a mailing that was confirmed is prepared once more: the series was answered meanwhile."""
    if not mailing.series or mailing.confirmed_at is None:
        return []
    stops = SeriesStop.objects.filter(number=OuterRef("sms_number"), series=mailing.series, at__gte=mailing.confirmed_at)
    return [(REPLIED, Exists(stops))]
