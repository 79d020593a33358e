"""What is stuck, on the home page of administrators and on pages of mailings that stand still: calm words, and the way to the cure."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from campaigns.slots import Cause, Watch
from smsapp.watch import doctor

RIGHT = "accounts.change_user"
ICONS = {"wrong": ("exclamation-triangle", "is-red"), "mind": ("info-circle", "is-yellow")}
STANDS_FOR = (  # codes of what keeps mailings from moving
    "redis_unreachable", "migrations_missing", "no_worker_bulk", "no_worker_urgent", "no_beat", "no_tick", "no_sender", "no_session", "queue_stuck",
    "leases_over",
)  # fmt: skip


def stuck(request: HttpRequest) -> dict[str, Any] | None:
    """Findings of the doctor; unknown texts have a card of their own."""
    if not request.user.has_perm(RIGHT):
        return None
    found = [finding for finding in doctor.recent.get() if finding.code != "unknown_texts"]
    if not found:
        return None
    rows = [(finding, *ICONS[finding.level]) for finding in found]
    return {"title": _("What needs a look"), "template": "parts/_card_stuck.html", "context": {"rows": rows}}


def why_still() -> list[Cause]:
    """What of it keeps mailings from moving."""
    return [Cause(finding.what, finding.cure) for finding in doctor.recent.get() if finding.code in STANDS_FOR]


WATCH = Watch(RIGHT, why_still, "home")
