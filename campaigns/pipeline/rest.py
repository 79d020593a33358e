"""Hours of rest between two texts: a mailing may leave out whoever was texted not long ago."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from campaigns import slots
from campaigns.models import Mailing
from campaigns.pipeline import heard
from campaigns.services import routes
from campaigns.services.routes import Routes
from contacts.eligibility import Reason
from contacts.models import Activity

REASON = "texted_recently"


def texted_since(moment: datetime) -> QuerySet[Activity]:
    """Texts to anybody since a moment, by whatever way, as the histories tell. Tests leave no trace there."""
    return Activity.objects.filter(kind=Activity.Kind.SMS_SENT, at__gte=moment)


def people_texted_since(moment: datetime) -> QuerySet[Any, Any]:
    """The ids of whom they went to; lines of erased people have none."""
    return texted_since(moment).filter(contact__isnull=False).values("contact_id")


def reasons_of(mailing: Mailing | None, known: Routes | None = None) -> list[Reason]:
    """Everything that a mailing adds to the reasons that hold for all texts: the limits of the gateways that it goes through, its hours of
    rest, who has answered its series meanwhile, and what whoever made it knows."""
    if mailing is None:
        return []
    found = routes.reasons_of(mailing.provider, mailing.sender, mailing.max_segments, known)
    return [*found, *resting(mailing), *heard.answered(mailing), *(reason for known_by in slots.reasons for reason in known_by(mailing))]


def resting(mailing: Mailing) -> list[Reason]:
    """The hours of rest alone."""
    if not mailing.rest_hours:
        return []
    texted = texted_since(timezone.now() - timedelta(hours=mailing.rest_hours))
    return [(REASON, Exists(texted.filter(contact=OuterRef("pk"))))]
