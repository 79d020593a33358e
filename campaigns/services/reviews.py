"""Texts that may mean stop: a person decides. Until then no marketing goes to the number."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.models import Conversation, InboundMessage
from campaigns.services import keyword_actions
from campaigns.services.errors import CampaignError
from campaigns.services.hearing import Heard
from providers.models import Provider
from smsapp.common import audit

Review = InboundMessage.Review


@transaction.atomic
def decide(row: InboundMessage, *, stop: bool, by: Any) -> None:
    """Say what a waiting text means: a stop has the same effect as the keyword. Raises CampaignError `decided` when somebody was faster."""
    thread = Conversation.objects.select_for_update(of=("self",)).get(number=row.number)
    row = InboundMessage.objects.select_related("contact").get(pk=row.pk)
    if row.review != Review.WAITING:
        raise CampaignError("decided", _("Somebody has decided about this text already."))
    row.review, row.reviewed_by, row.reviewed_at = Review.STOP if stop else Review.NOT_STOP, by, timezone.now()
    row.save(update_fields=["review", "reviewed_by", "reviewed_at"])
    thread.needs_review = thread_waits(thread)
    if stop:
        keyword_actions.opt_out(keyword_actions.Occasion(row, thread, Heard(row.action), Provider.objects.get(pk=row.provider_id), by=by))
    thread.save(update_fields=["needs_review"])
    audit.note(row, "review decided", by, means=row.review)


def thread_waits(thread: Conversation) -> bool:
    """Whether some text of it still waits."""
    return InboundMessage.objects.waiting().filter(conversation=thread).exists()
