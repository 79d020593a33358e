"""Filing mailings under campaigns, whatever state they are in: where a mailing is filed is no part of what was confirmed."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import tokens
from campaigns.models import Campaign, Mailing
from campaigns.services import campaigns, mailings
from campaigns.services.errors import CampaignError
from campaigns.statuses import MailingStatus
from campaigns.texts import Texts
from smsapp.common.bidi import isolated

PREPARED = (MailingStatus.PREPARING, MailingStatus.READY)


@transaction.atomic
def file(mailing: Mailing, campaign: Campaign | None, by: Any) -> Mailing:
    """File it under another campaign, or under none. Raises CampaignError `deleted`, `made`, `gone`, `archived` or `names_it`.

    A draft whose text names its campaign loses its plan. Whoever is writing it meanwhile is not disturbed: `save_recipients` of somebody
    who did not touch the campaign leaves it.
    """
    row = Mailing.objects.select_for_update().filter(pk=mailing.pk).first()  # mailings before campaigns, as where a draft is saved
    if row is None:
        raise CampaignError("deleted", _("The mailing “%(name)s” was deleted meanwhile.") % {"name": isolated(mailing.name)})
    campaigns.hold(campaign)
    return _file(row, campaign, by)


@transaction.atomic
def file_many(campaign: Campaign, ids: Iterable[int], by: Any) -> int:
    """File so many mailings at once, all or none; how many were filed elsewhere, or nowhere, before."""
    chosen = list(Mailing.objects.filter(pk__in=list(ids)).exclude(campaign=campaign).order_by("pk").select_for_update())
    campaigns.hold(campaign)
    return len([_file(row, campaign, by) for row in chosen])


def _file(row: Mailing, campaign: Campaign | None, by: Any) -> Mailing:
    """The same for a mailing and a campaign that are held."""
    if row.campaign_id == (campaign.pk if campaign else None):
        return row
    if row.is_made:
        raise CampaignError("made", why_kept(row))
    if campaign is not None and Campaign.objects.get(pk=campaign.pk).archived:
        words = _("The campaign “%(name)s” is in the archive. Use it again first, or choose another one.")
        raise CampaignError("archived", words % {"name": isolated(campaign.name)})
    if rewrites_later(row):
        raise CampaignError("names_it", _("Its text names the campaign and is written when it is due. Take it back to draft first, then file it elsewhere."))
    before, row.campaign = row.campaign, campaign
    row.save(update_fields=["campaign", "updated_at"])
    if row.status in PREPARED and names_campaign(row):
        mailings.take_back(row, by, only_from=PREPARED)
    campaigns.note_filed(row, before, campaign, by)
    row.refresh_from_db()
    return row


def why_kept(mailing: Mailing) -> str:
    """Why a mailing stays where it is filed; empty for one that a person made."""
    if not mailing.is_made:
        return ""
    return _("“%(name)s” is filed with its workflow’s SMS, so that the figures of campaign and workflow agree.") % {"name": isolated(mailing.name)}


def names_campaign(mailing: Mailing) -> bool:
    """Whether a text of it says what its campaign is called."""
    return any("mailing.campaign" in tokens.find(text) for text in Texts.of(mailing).all.values())


def rewrites_later(mailing: Mailing) -> bool:
    """Whether texts that somebody confirmed are written once more, with the campaign's name in them."""
    return mailing.recount and mailing.confirmed_at is not None and mailing.started_at is None and names_campaign(mailing)
