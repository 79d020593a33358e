"""Where a text belongs that is no mailing of its own, such as a workflow's."""

from django.urls import reverse

from campaigns import slots
from campaigns.models import Mailing
from campaigns.models.mailing import Role
from campaigns.slots import Home


def home_of(mailing: Mailing | None) -> Home | None:
    """None for an ordinary mailing, and for no mailing at all."""
    if mailing is None or mailing.role != Role.CONTENT:
        return None
    return next((home for known in slots.content_homes if (home := known(mailing))), Home(reverse("home")))
