"""News from below that campaigns listens to."""

from typing import Any

from django.dispatch import receiver

from contacts.signals import contacts_merged
from providers.signals import inbound_received, lane_changed, reports_received
from providers.types import DeliveryReport, InboundSms


@receiver(reports_received)
def apply_reports(sender: Any, reports: list[DeliveryReport], **kwargs: Any) -> set[int]:
    """Apply delivery reports; answers the event ids whose message is not known yet."""
    from campaigns.pipeline import report

    return report.apply(reports)


@receiver(inbound_received)
def keep_reply(sender: Any, inbound: InboundSms, **kwargs: Any) -> None:
    """Store a received text on its contact."""
    from campaigns.services import replies

    replies.keep(inbound)


@receiver(contacts_merged)
def keep_one_text(sender: Any, winner: Any, **kwargs: Any) -> None:
    """Contacts became one: of each mailing one text stays."""
    from campaigns.services import merged

    merged.keep_one_text(winner.pk)


@receiver(contacts_merged)
def follow_people(sender: Any, winner: Any, loser_ids: list[int], **kwargs: Any) -> None:
    """Their conversations are the winner's."""
    from campaigns.models import Conversation

    Conversation.objects.filter(contact__in=loser_ids).update(contact=winner)


@receiver(lane_changed)
def wake_lane(sender: Any, provider: Any, **kwargs: Any) -> None:
    """A lane that runs again has work."""
    from campaigns.services import bells

    if provider.lane != provider.Lane.PAUSED:
        bells.ring_urgent(provider.id)
        bells.ring_bulk(provider.id)
