"""Moments that people choose for texts."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.services.errors import CampaignError


def check_to_come(at: datetime | None) -> None:
    """Raise CampaignError `past` for a moment that is over; None is now."""
    if at is not None and at <= timezone.now():
        raise CampaignError("past", _("That time is over. Choose one to come, or send now."))
