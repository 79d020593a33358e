"""Moments that people choose for texts, and what follows from them."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.models import Mailing
from campaigns.services.errors import CampaignError
from smsapp.common import clock


def check_to_come(at: datetime | None) -> None:
    """Raise CampaignError `past` for a moment that is over; None is now."""
    if at is not None and at <= timezone.now():
        raise CampaignError("past", _("That time is over. Choose one to come, or send now."))


def of_beginning(row: Mailing) -> dict[str, Any]:
    """What a mailing's row keeps when sending begins; one that goes on has it already."""
    if row.started_at is not None:
        return {}
    expires_at = clock.now() + timedelta(hours=row.give_up_after) if row.give_up_after else None
    return {"started_at": timezone.now(), "expires_at": expires_at}
