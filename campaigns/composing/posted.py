"""Whom a posted form names as its readers, and who may write to them."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from campaigns.composing.readers import OfMailing, OfNumbers, OfTemplate, OfThread, Readers
from campaigns.composing.written import Written
from campaigns.models import Conversation, Mailing
from campaigns.services.quick_send import MOST_AT_ONCE
from campaigns.wizard.picker import ids

RIGHTS = {
    "mailing": ("campaigns.change_mailing",),
    "numbers": ("campaigns.add_message",),
    "thread": ("campaigns.add_message",),
    "template": ("campaigns.add_smstemplate", "campaigns.change_smstemplate"),
}


def read(request: HttpRequest, written: Written) -> Readers:
    """Those whom a posted form names. Raises PermissionDenied when they are none of this person's business."""
    kind, _dash, number = request.POST.get("readers", "").partition("-")
    if not may_write(request.user, kind):
        raise PermissionDenied
    if kind == "mailing" and (mailing := Mailing.objects.filter(id__in=ids([number])).first()):
        return OfMailing.of(mailing, written)
    if kind == "thread" and (thread := Conversation.objects.select_related("contact").filter(id__in=ids([number])).first()):
        return OfThread.of(thread, request.user, written)
    if kind == "template":
        return OfTemplate.of(request.user, written)
    return OfNumbers.of(ids(request.POST.getlist("to"))[:MOST_AT_ONCE] if kind == "numbers" else [], request.user, written)


def may_write(user: Any, kind: str = "") -> bool:
    """Whether somebody writes texts of this kind, or any."""
    return any(user.has_perm(right) for right in RIGHTS.get(kind, sum(RIGHTS.values(), ())))
