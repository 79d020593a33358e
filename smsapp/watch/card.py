"""What is stuck, on the home page of administrators: calm words, and the way to the cure."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from smsapp.watch import doctor

RIGHT = "accounts.change_user"
ICONS = {"wrong": ("exclamation-triangle", "is-red"), "mind": ("info-circle", "is-yellow")}


def stuck(request: HttpRequest) -> dict[str, Any] | None:
    """Findings of the doctor; unknown texts have a card of their own."""
    if not request.user.has_perm(RIGHT):
        return None
    found = [finding for finding in doctor.recent.get() if finding.code != "unknown_texts"]
    if not found:
        return None
    rows = [(finding, *ICONS[finding.level]) for finding in found]
    return {"title": _("What needs a look"), "template": "parts/_card_stuck.html", "context": {"rows": rows}}
