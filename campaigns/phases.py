"""Where a campaign stands by its dates."""

from datetime import date

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Phase(TextChoices):
    """Read off the dates, never stored."""

    RUNNING = "running", pgettext_lazy("of a campaign", "Running")
    COMING = "coming", _("Coming")
    OVER = "over", _("Over")
    UNDATED = "undated", _("Without dates")


def phase_of(starts_on: date | None, ends_on: date | None, today: date) -> Phase:
    """Both days belong to it; where one is missing it is open to that side."""
    if starts_on is None and ends_on is None:
        return Phase.UNDATED
    if starts_on is not None and starts_on > today:
        return Phase.COMING
    return Phase.OVER if ends_on is not None and ends_on < today else Phase.RUNNING
