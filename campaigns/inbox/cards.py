"""The inbox on the home page: texts that may mean stop, and what was given to this person."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.inbox import lists
from campaigns.models import Conversation, InboundMessage

DECIDE = "campaigns.change_conversation"


def to_decide(request: HttpRequest) -> dict[str, Any] | None:
    """Threads that get no marketing until somebody has decided, for those who may."""
    if not request.user.has_perm(DECIDE):
        return None
    count = Conversation.objects.in_review()[: lists.MOST_COUNTED + 1].count()
    if not count:
        return None
    first = InboundMessage.objects.waiting().order_by("id").first()
    url = f"{reverse('inbox:list')}?show={lists.REVIEW}"
    context = {"count": count, "said": lists.said(count), "since": first and first.received_at, "url": url}
    return {"title": _("May mean stop"), "template": "inbox/_card_to_decide.html", "context": context, "link": (url, _("All of them"))}


def yours(request: HttpRequest) -> dict[str, Any] | None:
    """Open threads that were given to this person, by a colleague or a keyword, with something unread first."""
    if not request.user.has_perm(lists.RIGHT):
        return None
    rows = list(lists.of_choice(lists.MINE, request.user).select_related("contact").order_by(*lists.ORDER)[:5])
    if not rows:
        return None
    return {
        "title": _("Your conversations"), "template": "inbox/_card_yours.html", "context": {"rows": rows}, "side": True,
        "link": (f"{reverse('inbox:list')}?show={lists.MINE}", _("All of yours")),
    }  # fmt: skip
