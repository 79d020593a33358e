"""Mailings out of the way: those that are over go to the archive, drafts are deleted."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models import Mailing
from campaigns.models.mailing import Role
from campaigns.services import recount
from campaigns.services.errors import CampaignError
from campaigns.statuses import DRAFTS, MailingStatus
from smsapp.common import audit


def archive(mailing: Mailing, by: Any, *, archived: bool = True) -> None:
    """Put a mailing out of the lists, or back; not while it moves."""
    moving = (MailingStatus.SCHEDULED, MailingStatus.SENDING, MailingStatus.PAUSED, MailingStatus.PREPARING)
    if archived and mailing.status in moving:
        raise CampaignError("moving", _("Only mailings that do not move can be archived. Cancel or finish this one first."))
    Mailing.objects.filter(id=mailing.id).update(archived=archived)
    audit.note(mailing, "archived" if archived else "brought back", by)


def why_kept(mailing: Mailing) -> str:
    """Why a mailing is not deleted although it is a draft, and what to do instead; empty for one that a person made."""
    if mailing.role == Role.CONTENT:
        return _("A step of a workflow keeps its text here, so it is not deleted. Remove the step from the workflow instead.")
    if mailing.is_made:
        return _("A workflow made this mailing and goes by it, so it is not deleted. Whoever may send cancels it; stopping the workflow calls it off.")
    return ""


@transaction.atomic
def delete(mailing: Mailing, by: Any) -> None:
    """Delete a draft and what its preparation left. Raises CampaignError `kept` or `launched`."""
    from campaigns.pipeline.prepare import clear

    row = Mailing.objects.select_for_update().get(id=mailing.id)
    if row.status not in DRAFTS or recount.is_under_way(row):
        raise CampaignError("launched", _("Only drafts can be deleted. Archive this mailing instead."))
    if words := why_kept(row):
        raise CampaignError("kept", words)
    clear(row.id)
    audit.note(row, "deleted", by)
    row.delete()
